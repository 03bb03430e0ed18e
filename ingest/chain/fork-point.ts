import { FatalError, FoggaraError, type Hex, RetryableError } from '@foggara/schema'

import type { BlockId, ChainStore } from '../store/chain-store.ts'
import { type Header, quantity } from './block.ts'
import { RpcBlockMissingError, RpcResponseInvalidError } from './rpc-errors.ts'
import { BEHIND_BLOCKS, type RpcPool } from './rpc-pool.ts'
import type { Provider } from './rpc-provider.ts'
import type { RpcCall } from './rpc.ts'

/** What a node says about its chain, all from one request. */
export type ChainView = {
  readonly provider: Provider
  readonly latest: Header
  readonly finalized: Header | undefined
  /** The node's block at the height of our newest one; `undefined` when it has none there. */
  readonly atOurHead: Header | undefined
}

/** What is indexed, as far as a fork is looked for in it. */
export type IndexedBlocks = Pick<ChainStore, 'head' | 'settled' | 'hashOf' | 'commits'>

/** What to index next. */
export type Plan =
  /** Nothing is new, or the node lags behind what is indexed. */
  | { readonly type: 'idle'; readonly isLagging: boolean }
  /** Providers disagree about a block that is indexed: nothing is undone. */
  | { readonly type: 'contested'; readonly block: number }
  /** Blocks from `from` on are to be fetched; `kills` are the commits that they replace. */
  | {
      readonly type: 'index'
      readonly from: number
      readonly parent: BlockId | undefined
      readonly kills: readonly number[]
      /** How many indexed blocks are no longer part of the chain. */
      readonly retractedBlocks: number
    }

/**
 * Asks for the newest block, the finalized one and the one at our newest height: of the best
 * provider, and of all others where that one lags behind us or `isWide` asks for it.
 */
export async function readChainView(
  pool: RpcPool,
  ours: BlockId | undefined,
  isWide: boolean,
): Promise<ChainView> {
  const { value: first, provider } = await pool.attempt((each) => viewOf(each, ours))
  const isLagging = ours !== undefined && first.latest.block < ours.block
  if (!isWide && !isLagging) return first
  const others = pool.providers.filter((each) => each !== provider && each.isWell())
  const views = await Promise.allSettled(others.map((each) => viewOf(each, ours)))
  return views
    .flatMap((view) => (view.status === 'fulfilled' ? [view.value] : []))
    .reduce((best, view) => (view.latest.block > best.latest.block ? view : best), first)
}

async function viewOf(provider: Provider, ours: BlockId | undefined): Promise<ChainView> {
  await provider.checkChain()
  const tags = ['latest', 'finalized', ...(ours === undefined ? [] : [quantity(ours.block)])]
  const [latest, finalized, atOurHead] = await provider.batchSettled(tags.map(headerCall))
  if (latest?.type === 'error') throw latest.error
  const newest = provider.headers.read(latest?.result, provider.shownUrl)
  if (newest === undefined) throw new ChainHeadMissingError(provider.shownUrl)
  provider.noteHead(newest.block)
  return {
    provider,
    latest: newest,
    // Chains without finality answer this tag with an error.
    finalized:
      finalized?.type === 'result'
        ? provider.headers.read(finalized.result, provider.shownUrl)
        : undefined,
    // So do some nodes for a block that they do not have yet.
    atOurHead:
      ours !== undefined && atOurHead?.type === 'result'
        ? headerAt(provider, atOurHead.result, ours.block)
        : undefined,
  }
}

/**
 * Decides what to index next, by hashes only. A lower newest block is a lagging node; another hash
 * at an indexed height is a reorg once a second witness has seen it.
 *
 * @throws {ReorgBelowFinalityError} when the chain contradicts a settled block.
 * @throws {StartBlockAboveHeadError} when nothing is indexed and the first block is far from there.
 */
export async function planNext(
  pool: RpcPool,
  store: IndexedBlocks,
  startBlock: number,
  view: ChainView,
): Promise<Plan> {
  const ours = store.head()
  const { latest, atOurHead } = view
  if (ours === undefined) {
    // The block before the first may well be the newest one.
    if (latest.block < startBlock - 1) {
      throw new StartBlockAboveHeadError(view.provider.shownUrl, startBlock, latest.block)
    }
    if (latest.block < startBlock) return { type: 'idle', isLagging: false }
    return { type: 'index', from: startBlock, parent: undefined, kills: [], retractedBlocks: 0 }
  }
  if (atOurHead?.hash === ours.hash) {
    if (latest.block <= ours.block) return { type: 'idle', isLagging: false }
    return { type: 'index', from: ours.block + 1, parent: ours, kills: [], retractedBlocks: 0 }
  }
  const theirs = latest.block < ours.block ? latest : atOurHead
  const known = theirs === undefined ? undefined : await store.hashOf(theirs.block)
  // The newest of a node may also lie below the first block that is indexed.
  if (theirs === undefined || theirs.hash === known) return { type: 'idle', isLagging: true }
  if (!(await isWitnessed(pool, view, theirs.block, known))) {
    return { type: 'contested', block: theirs.block }
  }
  return planReorg({ pool, store, startBlock, view }, ours, theirs.block)
}

/**
 * Whether a second witness sees another block than ours at a height: another provider that is not
 * far behind, or, where nobody else can say, the same one asked again.
 */
async function isWitnessed(
  pool: RpcPool,
  { provider, latest }: ChainView,
  block: number,
  ourHash: Hex | undefined,
): Promise<boolean> {
  for (const witness of pool.providers.filter((each) => each !== provider)) {
    const found = await testimony(witness, latest.block - BEHIND_BLOCKS, block)
    if (found !== undefined) return found !== ourHash
  }
  const again = await testimony(provider, 0, block)
  return again !== undefined && again !== ourHash
}

/** Whether no provider that has a block gives it another hash than ours. */
export async function isAgreed(pool: RpcPool, ours: BlockId): Promise<boolean> {
  const found = await Promise.all(
    pool.providers.map((provider) => testimony(provider, ours.block, ours.block)),
  )
  return found.every((hash) => hash === undefined || hash === ours.hash)
}

/** The hash that a provider gives for a height; `undefined` when it is down or too far behind. */
async function testimony(
  provider: Provider,
  headMin: number,
  block: number,
): Promise<Hex | undefined> {
  try {
    await provider.checkChain()
    const [latest, at] = await provider.batch(['latest', quantity(block)].map(headerCall))
    const head = provider.headers.read(latest, provider.shownUrl)
    if (head === undefined || head.block < headMin) return undefined
    provider.noteHead(head.block)
    return headerAt(provider, at, block)?.hash
  } catch (error) {
    if (error instanceof FoggaraError && error.retryable) return undefined
    throw error
  }
}

type ReorgContext = {
  readonly pool: RpcPool
  readonly store: IndexedBlocks
  readonly startBlock: number
  readonly view: ChainView
}

async function planReorg(context: ReorgContext, ours: BlockId, highest: number): Promise<Plan> {
  const { store, startBlock } = context
  const ancestor = await findAncestor(context, highest)
  if (ancestor === undefined) return { type: 'contested', block: highest }
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

/**
 * The newest block up to `highest` that chain and index share; `startBlock - 1` if none.
 * `undefined`: one witness alone contradicts a settled block.
 */
async function findAncestor(
  { pool, store, startBlock, view }: ReorgContext,
  highest: number,
): Promise<number | undefined> {
  const { provider } = view
  const settled = store.settled()
  if (settled !== undefined) {
    const block = Math.min(settled.block, highest)
    if (!(await isShared(provider, store, block))) {
      if (!(await isWitnessed(pool, view, block, await store.hashOf(block)))) return undefined
      throw new ReorgBelowFinalityError(provider.shownUrl, block)
    }
    if (highest <= settled.block) return highest
  }
  // Sharing a block means sharing all before it, so the border can be found by halving.
  let shared = settled?.block ?? startBlock - 1
  let differs = highest + 1
  while (differs - shared > 1) {
    const middle = Math.floor((shared + differs) / 2)
    if (await isShared(provider, store, middle)) shared = middle
    else differs = middle
  }
  return shared
}

async function isShared(provider: Provider, store: IndexedBlocks, block: number): Promise<boolean> {
  const answer = await provider.call('eth_getBlockByNumber', [quantity(block), false])
  const theirs = headerAt(provider, answer, block)
  // A node that shows newer blocks and lacks this one says nothing about it.
  if (theirs === undefined) throw new RpcBlockMissingError(provider.shownUrl, block)
  return theirs.hash === (await store.hashOf(block))
}

function headerCall(tag: string): RpcCall {
  return { method: 'eth_getBlockByNumber', params: [tag, false] }
}

function headerAt(provider: Provider, answer: unknown, block: number): Header | undefined {
  const header = provider.headers.read(answer, provider.shownUrl)
  if (header === undefined || header.block === block) return header
  throw new RpcResponseInvalidError(provider.shownUrl, `block ${block}`, `block ${header.block}`)
}

/** The node names no newest block: it is starting, or something before it failed. */
export class ChainHeadMissingError extends RetryableError {
  constructor(shownUrl: string) {
    super('RPC_HEAD_MISSING', `${shownUrl}: expected a newest block, found none`)
  }
}

/** The first block to index does not exist yet. */
export class StartBlockAboveHeadError extends RetryableError {
  constructor(shownUrl: string, startBlock: number, newest: number) {
    super(
      'START_BLOCK_ABOVE_HEAD',
      `${shownUrl}: expected a chain with block ${startBlock}, found ${newest} as its newest`,
      { hint: 'Correct the start block, or wait for the node to catch up; it is looked at again.' },
    )
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
