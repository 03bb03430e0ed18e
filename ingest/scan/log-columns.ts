/**
 * Logs as columns, in the order in which they were answered. Multi-byte values are words of four
 * bytes as they lie in memory, so that a column is what ClickHouse takes and what a loop compares.
 */
export type LogColumns = {
  readonly count: number
  /** Two words per log, the low one first. */
  readonly blocks: Uint32Array
  readonly logIndexes: Uint32Array
  /** {@link UNKNOWN_INDEX} where the node did not say. */
  readonly transactionIndexes: Uint32Array
  /** Eight words per log. */
  readonly blockHashes: Uint32Array
  /** Eight words per log. */
  readonly transactionHashes: Uint32Array
  /** Five words per log. */
  readonly addresses: Uint32Array
  /** Per log how many topics it and the logs before it have: two words, the high one always 0. */
  readonly topicEnds: Uint32Array
  /** Eight words per topic. */
  readonly topics: Uint32Array
  /** Per log where its payload ends in `payloads`. */
  readonly payloadEnds: Uint32Array
  /** Each payload after its length, the latter in groups of seven bits. */
  readonly payloads: Uint8Array
}

/** The transaction index of a log whose node leaves it out. */
export const UNKNOWN_INDEX = 0xffff_ffff

/** The block of a log. */
export function blockOf(columns: LogColumns, index: number): number {
  return (columns.blocks[2 * index] ?? 0) + (columns.blocks[2 * index + 1] ?? 0) * 2 ** 32
}
