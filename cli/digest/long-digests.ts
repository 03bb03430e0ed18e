import {
  DIGEST_BLOCKS_MAX,
  DIGEST_STEP,
  type RangeDigest,
  digestBlocks,
  divFloor,
  rangeDigest,
} from '@foggara/schema'

import type { BlockSpan } from '../block-span.ts'
import type { DigestSource } from './digest-source.ts'

/** The highest level whose ranges one statement digests; those above are put together here. */
const STATEMENT_LEVEL = 16

/** Digests of any level over any number of blocks, a stretch after the other. */
export async function longDigests(
  source: DigestSource,
  level: number,
  span: BlockSpan,
): Promise<readonly RangeDigest[]> {
  let digests: RangeDigest[] = []
  for (const stretch of stretchesOf(span)) {
    digests.push(...(await source.digests(Math.min(level, STATEMENT_LEVEL), stretch)))
  }
  for (let above = STATEMENT_LEVEL + DIGEST_STEP; above <= level; above += DIGEST_STEP) {
    const size = BigInt(digestBlocks(above))
    const parts = Map.groupBy(digests, ({ firstBlock }) => divFloor(BigInt(firstBlock), size))
    digests = [...parts.values()].map((group) => ({
      firstBlock: group[0]?.firstBlock ?? 0,
      lastBlock: group.at(-1)?.lastBlock ?? 0,
      digest: rangeDigest(
        above,
        group.map(({ digest }) => digest),
      ),
    }))
  }
  return digests
}

/** The blocks of a span, as far as one statement may digest them, each up to a multiple. */
export function stretchesOf({ firstBlock, lastBlock }: BlockSpan): readonly BlockSpan[] {
  const stretches: BlockSpan[] = []
  for (let from = firstBlock; from <= lastBlock;) {
    const end = from - (from % DIGEST_BLOCKS_MAX) + DIGEST_BLOCKS_MAX - 1
    stretches.push({ firstBlock: from, lastBlock: Math.min(end, lastBlock) })
    from = end + 1
  }
  return stretches
}
