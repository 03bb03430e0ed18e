import { FatalError, RetryableError } from '@foggara/schema'

import type { BlockId, ChainStore } from '../store/chain-store.ts'
import { type Header, decodeHeader, quantity } from './block.ts'
import type { Rpc } from './rpc.ts'

/** What the node says about its chain, all from one request. */
export type ChainView = {
  readonly latest: Header
  readonly finalized: Header | undefined
  /** The node's block at the height of our newest one; `undefined` when it has none there. */
  readonly atOurHead: Header | undefined
}

/** What to index next. */
export type Plan =
  /** Nothing is new, or the node lags behind what is indexed. */
  | { readonly type: 'idle'; readonly isLagging: boolean }
  /** Blocks from `from` on are to be fetched; `kills` are the commits that they replace. */
  | {
      readonly type: 'index'
      readonly from: number
      readonly parent: BlockId | undefined
      readonly kills: readonly number[]
      /** How many indexed blocks are no longer part of the chain. */
      readonly retractedBlocks: number
    }

/** Asks the node for its newest block, its finalized one and the one at our newest height. */
export async function readChainView(rpc: Rpc, ours: BlockId | undefined): Promise<ChainView> {
  const tags = ['latest', 'finalized', ...(ours === undefined ? [] : [quantity(ours.block)])]
  const [latest, finalized, atOurHead] = await rpc.batchSettled(
    tags.map((tag) => ({ method: 'eth_getBlockByNumber', params: [tag, false] })),
  )
  if (latest?.type === 'error') throw latest.error
  const newest = decodeHeader(latest?.result, rpc.shownUrl)
  if (newest === undefined) throw new ChainHeadMissingError(rpc.shownUrl)
  if (atOurHead?.type === 'error') throw atOurHead.error
  return {
    latest: newest,
    // Chains without finality answer this tag with an error.
    finalized:
      finalized?.type === 'result' ? decodeHeader(finalized.result, rpc.shownUrl) : undefined,
    atOurHead: decodeHeader(atOurHead?.result, rpc.shownUrl),
  }
}

/**
 * Decides what to index next, by hashes only: a lower newest block is a lagging node unless its hash
 * contradicts ours.
 *
 * @throws {ReorgBelowFinalityError} when the chain contradicts a settled block.
 */
export async function planNext(
  rpc: Rpc,
  store: ChainStore,
  startBlock: number,
  view: ChainView,
): Promise<Plan> {
  const ours = store.head()
  const { latest, atOurHead } = view
  if (ours === undefined) {
    if (latest.block < startBlock) return { type: 'idle', isLagging: false }
    return { type: 'index', from: startBlock, parent: undefined, kills: [], retractedBlocks: 0 }
  }
  if (atOurHead?.hash === ours.hash) {
    if (latest.block <= ours.block) return { type: 'idle', isLagging: false }
    return { type: 'index', from: ours.block + 1, parent: ours, kills: [], retractedBlocks: 0 }
  }
  const common = Math.min(latest.block, ours.block)
  if (common === latest.block && (await store.hashOf(common)) === latest.hash) {
    return { type: 'idle', isLagging: true }
  }
  return planReorg(rpc, store, startBlock, ours, common)
}

async function planReorg(
  rpc: Rpc,
  store: ChainStore,
  startBlock: number,
  ours: BlockId,
  highest: number,
): Promise<Plan> {
  const ancestor = await findAncestor(rpc, store, startBlock, highest)
  const retracted = store.commits().filter((commit) => commit.lastBlock > ancestor)
  // The first retracted commit may begin at or before the ancestor: its surviving blocks are
  // fetched and stored again.
  const settled = store.settled()?.block ?? startBlock - 1
  const first = retracted[0]?.firstBlock ?? ancestor + 1
  const from = Math.max(Math.min(first, ancestor + 1), settled + 1)
  const parentHash = await store.hashOf(from - 1)
  return {
    type: 'index',
    from,
    parent: parentHash === undefined ? undefined : { block: from - 1, hash: parentHash },
    kills: retracted.map((commit) => commit.seq),
    retractedBlocks: ours.block - ancestor,
  }
}

/** The newest block up to `highest` that chain and index share; `startBlock - 1` if none. */
async function findAncestor(
  rpc: Rpc,
  store: ChainStore,
  startBlock: number,
  highest: number,
): Promise<number> {
  const settled = store.settled()
  if (settled !== undefined) {
    const block = Math.min(settled.block, highest)
    if (!(await isShared(rpc, store, block))) {
      throw new ReorgBelowFinalityError(rpc.shownUrl, block)
    }
    if (highest <= settled.block) return highest
  }
  // Sharing a block means sharing all before it, so the border can be found by halving.
  let shared = settled?.block ?? startBlock - 1
  let differs = highest + 1
  while (differs - shared > 1) {
    const middle = Math.floor((shared + differs) / 2)
    if (await isShared(rpc, store, middle)) shared = middle
    else differs = middle
  }
  return shared
}

async function isShared(rpc: Rpc, store: ChainStore, block: number): Promise<boolean> {
  const answer = await rpc.call('eth_getBlockByNumber', [quantity(block), false])
  const theirs = decodeHeader(answer, rpc.shownUrl)
  return theirs !== undefined && theirs.hash === (await store.hashOf(block))
}

/** The node names no newest block: it is starting, or something before it failed. */
export class ChainHeadMissingError extends RetryableError {
  constructor(shownUrl: string) {
    super('RPC_HEAD_MISSING', `${shownUrl}: expected a newest block, found none`)
  }
}

/** The chain contradicts a block that was final: the index cannot follow and must not guess. */
export class ReorgBelowFinalityError extends FatalError {
  constructor(shownUrl: string, block: number) {
    super(
      'CHAIN_REORG_BELOW_FINALITY',
      `${shownUrl}: expected settled block ${block} to be part of the chain, found another block`,
      {
        hint: 'The RPC serves another chain, or finality failed. What is indexed stays readable; to follow the new chain, index it into an empty data directory.',
      },
    )
  }
}
