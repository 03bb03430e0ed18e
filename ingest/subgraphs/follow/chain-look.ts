import { numberToHex } from 'viem'

import { type Header, decodeHeader } from '../../chain/block.ts'
import { ChainHeadMissingError, ReorgBelowFinalityError } from '../../chain/fork-point.ts'
import { RpcInconsistentError } from '../../chain/rpc-errors.ts'
import type { Rpc } from '../../chain/rpc.ts'
import type { BlockPoint, EntityStore } from '../entity-cache/entity-store.ts'

/** What the node says about its chain, all from one request. */
export type ChainLook = {
  readonly latest: BlockPoint
  /** Undefined where the chain does not say. */
  readonly finalized: number | undefined
  /** The chain's hashes at the blocks that were asked about; absent where the node has none. */
  readonly hashes: ReadonlyMap<number, string>
}

/** Where a store stands beside the chain. */
export type Standing =
  | { readonly type: 'on-chain' }
  /** The node is behind what is stored: nothing follows from that. */
  | { readonly type: 'ahead' }
  /** The chain has replaced what comes after `ancestor`. */
  | { readonly type: 'forked'; readonly ancestor: BlockPoint }

/** Asks for the newest block, the final one and those of the given numbers. */
export async function lookAtChain(rpc: Rpc, numbers: readonly number[]): Promise<ChainLook> {
  const asked = [...new Set(numbers)]
  const tags = ['latest', 'finalized', ...asked.map((number) => numberToHex(number))]
  const [newest, final, ...others] = await rpc.batchSettled(
    tags.map((tag) => ({ method: 'eth_getBlockByNumber', params: [tag, false] })),
  )
  if (newest?.type === 'error') throw newest.error
  const latest = decodeHeader(newest?.result, rpc.shownUrl)
  if (latest === undefined) throw new ChainHeadMissingError(rpc.shownUrl)
  const hashes = new Map([[latest.block, latest.hash as string]])
  for (const [index, outcome] of others.entries()) {
    if (outcome.type === 'error') continue
    const header = decodeHeader(outcome.result, rpc.shownUrl)
    if (header !== undefined && header.block === asked[index]) hashes.set(header.block, header.hash)
  }
  // Chains without finality answer this tag with an error.
  const finalized = final?.type === 'result' ? decodeHeader(final.result, rpc.shownUrl) : undefined
  return { latest: pointOf(latest), finalized: finalized?.block, hashes }
}

/**
 * Compares a store with the chain by hashes only: a lower newest block is a node that lags unless
 * its hash contradicts the store's.
 *
 * @param finalBlock the newest block that was final before this look.
 * @throws {ReorgBelowFinalityError} where the chain contradicts a block that was final, or all that
 *   the store still knows.
 */
export async function standingOf(
  rpc: Rpc,
  store: Pick<EntityStore, 'lastBlock' | 'recentBlocks'>,
  look: ChainLook,
  finalBlock: number,
): Promise<Standing> {
  const last = store.lastBlock()
  if (last === undefined) return { type: 'on-chain' }
  const { latest } = look
  if (last.number <= latest.number && look.hashes.get(last.number) === last.hash) {
    return { type: 'on-chain' }
  }
  const ladder = store.recentBlocks().filter(({ number }) => number <= latest.number)
  const isShared = async (point: BlockPoint): Promise<boolean> =>
    (await hashAt(rpc, look, point.number)) === point.hash
  const highest = ladder.at(-1)
  if (last.number > latest.number) {
    if (highest === undefined || (await isShared(highest))) return { type: 'ahead' }
  }
  const ancestor = await newestShared(ladder, isShared)
  const floor = ladder.findLast(({ number }) => number <= finalBlock)
  if (ancestor === undefined || (floor !== undefined && ancestor.number < floor.number)) {
    throw new ReorgBelowFinalityError(rpc.shownUrl, (floor ?? ladder[0] ?? last).number)
  }
  return { type: 'forked', ancestor }
}

/** Sharing a block means sharing all before it, so the border can be found by halving. */
async function newestShared(
  ladder: readonly BlockPoint[],
  isShared: (point: BlockPoint) => Promise<boolean>,
): Promise<BlockPoint | undefined> {
  let shared = -1
  let differs = ladder.length
  while (differs - shared > 1) {
    const middle = Math.floor((shared + differs) / 2)
    const point = ladder[middle]
    if (point !== undefined && (await isShared(point))) shared = middle
    else differs = middle
  }
  return ladder[shared]
}

/** A block that the node does not give is no other block: nothing may be forgotten for it. */
async function hashAt(rpc: Rpc, look: ChainLook, number: number): Promise<string> {
  const known = look.hashes.get(number)
  if (known !== undefined) return known
  const answer = await rpc.call('eth_getBlockByNumber', [numberToHex(number), false])
  const header = decodeHeader(answer, rpc.shownUrl)
  if (header?.block === number) return header.hash
  throw new RpcInconsistentError(rpc.shownUrl, `block ${number}`, 'a node that lacks it')
}

function pointOf({ block, hash }: Header): BlockPoint {
  return { number: block, hash }
}
