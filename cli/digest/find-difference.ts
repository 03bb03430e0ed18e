import {
  DIGEST_BLOCKS_MAX,
  DIGEST_STEP,
  type DigestedBlock,
  type DigestedLog,
  type RangeDigest,
  blockDigest,
  digestBlocks,
  invariant,
} from '@foggara/schema'

import type { BlockSpan } from '../block-span.ts'
import type { DigestSource } from './digest-source.ts'
import { stretchesOf } from './long-digests.ts'

/** The first block that two indexes hold otherwise, with what each holds of it. */
export type BlockDifference = {
  readonly block: number
  readonly ours: DigestedBlock | undefined
  readonly theirs: DigestedBlock | undefined
  /** The first log that differs; undefined when the block's hash does, or one side lacks the block. */
  readonly log:
    | {
        readonly logIndex: number
        readonly ours: DigestedLog | undefined
        readonly theirs: DigestedLog | undefined
      }
    | undefined
}

const TOP_LEVEL = Math.log2(DIGEST_BLOCKS_MAX)

/**
 * Finds the first block within `span` of which two sources have other digests: a stretch of 65,536
 * blocks after the other, and within the first that differs level by level down to the block.
 */
export async function findDifference(
  ours: DigestSource,
  theirs: DigestSource,
  span: BlockSpan,
): Promise<BlockDifference | undefined> {
  for (const stretch of stretchesOf(span)) {
    let within = await firstDifferent(ours, theirs, TOP_LEVEL, stretch)
    for (let level = TOP_LEVEL - DIGEST_STEP; within !== undefined && level >= 0;) {
      const narrower: BlockSpan | undefined = await firstDifferent(ours, theirs, level, within)
      invariant(narrower !== undefined, 'a range that differs has a part that does')
      within = narrower
      level -= DIGEST_STEP
    }
    if (within !== undefined) return blockDifference(ours, theirs, within.firstBlock)
  }
  return undefined
}

/** The span of the first range of a level that differs. */
async function firstDifferent(
  ours: DigestSource,
  theirs: DigestSource,
  level: number,
  span: BlockSpan,
): Promise<BlockSpan | undefined> {
  const [mine, others] = await Promise.all([ours.digests(level, span), theirs.digests(level, span)])
  const size = digestBlocks(level)
  const startOf = ({ firstBlock }: RangeDigest): number => firstBlock - (firstBlock % size)
  const byStart = (digests: readonly RangeDigest[]) =>
    new Map(digests.map((range) => [startOf(range), range.digest]))
  const [a, b] = [byStart(mine), byStart(others)]
  const starts = [...new Set([...a.keys(), ...b.keys()])].toSorted((x, y) => x - y)
  const start = starts.find((each) => a.get(each) !== b.get(each))
  if (start === undefined) return undefined
  return {
    firstBlock: Math.max(start, span.firstBlock),
    lastBlock: Math.min(start + size - 1, span.lastBlock),
  }
}

async function blockDifference(
  ours: DigestSource,
  theirs: DigestSource,
  block: number,
): Promise<BlockDifference> {
  const [mine, others] = await Promise.all([ours.block(block), theirs.block(block)])
  if (mine === undefined || others === undefined || mine.hash !== others.hash) {
    return { block, ours: mine, theirs: others, log: undefined }
  }
  const byIndex = (logs: readonly DigestedLog[]) => new Map(logs.map((log) => [log.logIndex, log]))
  const [a, b] = [byIndex(mine.logs), byIndex(others.logs)]
  const digestOf = (log: DigestedLog | undefined): string | undefined =>
    log === undefined ? undefined : blockDigest({ block, hash: mine.hash, logs: [log] })
  const logIndex = [...new Set([...a.keys(), ...b.keys()])]
    .toSorted((x, y) => x - y)
    .find((each) => digestOf(a.get(each)) !== digestOf(b.get(each)))
  const log =
    logIndex === undefined
      ? undefined
      : { logIndex, ours: a.get(logIndex), theirs: b.get(logIndex) }
  return { block, ours: mine, theirs: others, log }
}
