import type { DigestedBlock, RangeDigest } from '@foggara/schema'

import type { BlockSpan } from '../block-span.ts'

/** An index that tells digests of its raw archive. */
export type DigestSource = {
  /** For people. */
  readonly name: string
  /** The newest indexed block. */
  readonly headBlock: number
  /** Digests of `level` over blocks of `span`, at most `DIGEST_BLOCKS_MAX` of them, ascending. */
  readonly digests: (level: number, span: BlockSpan) => Promise<readonly RangeDigest[]>
  /** What the archive holds of a block; undefined when it is not indexed. */
  readonly block: (block: number) => Promise<DigestedBlock | undefined>
}
