import type { Pin } from '@foggara/schema'

import type { BlockId } from '../store/chain-store.ts'
import type { NativeRows } from '../store/native-block.ts'
import type { RowsByTable } from '../store/stream-writer.ts'
import type { Header } from './block.ts'
import type { Provider } from './rpc-provider.ts'
import type { BlockSpan } from './rpc-verdict.ts'

/** Which blocks come next and what is known before them. */
export type NextRange = {
  readonly span: BlockSpan
  /** The stored block that they follow; `undefined` when nothing is stored. */
  readonly parent: BlockId | undefined
  /** The pin of that block. */
  readonly before: Pin | undefined
}

/** Consecutive blocks that passed every check, as rows. */
export type IndexedRange = {
  /** Ascending, at least one. */
  readonly headers: readonly Header[]
  readonly rowsByTable: RowsByTable
  /** Rows of further tables, which are columns already. */
  readonly columnsByTable?: ReadonlyMap<string, NativeRows>
  readonly logCount: number
  /** One line per log that could not be decoded. */
  readonly problems: readonly string[]
}

/**
 * What a follower indexes of a chain: which logs are wanted, how they become rows and how it is known
 * that none is missing. Where the chain is, what is a reorg and when a block is final is the follower's.
 */
export type Indexed<Range extends IndexedRange = IndexedRange> = {
  readonly chainId: number
  /** The first block that is indexed. */
  readonly startBlock: number
  /** The next blocks, asked of `prefer` first; nothing is stored by it. */
  readonly fetch: (next: NextRange, prefer: Provider) => Promise<Range>
  /**
   * As `fetch`, for blocks that are final: they come in order, in ranges that are worth a commit each,
   * while later ones are on their way. Absent: they come through `fetch` like all others.
   */
  readonly fetchFinal?: (next: NextRange) => AsyncIterable<Range>
  /** Hears of each committed range; of what was stored from its first block on nothing counts. */
  readonly noteCommit: (range: Range) => void
  /**
   * Whether blocks up to one may be settled: up to where every event is proven, -1 where the evidence
   * of each block stands as it is; `undefined`: not now.
   */
  readonly provenUpTo: (
    block: number,
    heads: { readonly ours: BlockId; readonly chain: number },
  ) => Promise<number | undefined>
  /** Hears of each failed step, which is raised after it. */
  readonly meet: (error: unknown) => Promise<void>
  /** Does some work that can wait, between two steps; true when there is more of it. */
  readonly workAside?: (() => Promise<boolean>) | undefined
}
