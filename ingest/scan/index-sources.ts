import type { ClickHouseClient } from '@foggara/database'
import { type EventSource, FatalError, FoggaraError, type Hex } from '@foggara/schema'

import { decodeHeader } from '../chain/block.ts'
import { finalBlock, finalityOf } from '../chain/follow-profile.ts'
import { FOLLOW_DEFAULTS, type FollowEvent, type FollowSettings } from '../chain/follow.ts'
import { type RpcPool, openRpcPool } from '../chain/rpc-pool.ts'
import { type IngestStatus, createProgress } from '../progress.ts'
import { COMMIT_BLOCKS_MAX } from '../store/chain-store.ts'
import type { Surroundings } from '../surroundings.ts'
import { type FetchContext, checkParents, fetchChecked } from './fetch-checked.ts'
import { type CheckedRange, logBatch } from './log-batch.ts'
import { openLogScanner } from './log-scanner.ts'
import { openSourceMatcher } from './source-matcher.ts'
import { type SourceStore, openSourceStore } from './source-store.ts'

/** How sources are followed; every field has a default. */
export type SourceSettings = Omit<FollowSettings, 'proof'> & {
  /**
   * What shows that no log is missing: for every block that may hold one its receipts, folded to the
   * root in its header; a second provider that answers the same; or nothing but the header's bloom
   * filter, as by default. The column `block.evidence` says what was found for each block.
   */
  readonly proof: 'none' | 'quorum' | 'receipts'
}

/** What indexing sources needs: a chain, its sources and a database of their own. */
export type SourceOptions = Surroundings & {
  /** A client of the user who may write; the database is this chain's alone. */
  readonly client: ClickHouseClient
  /** The chain's providers, at least one: they stand in for each other and witness what others say. */
  readonly urls: readonly string[]
  readonly chainId: number
  /** The first block that is indexed. */
  readonly startBlock: number
  readonly sources: readonly EventSource[]
  readonly settings?: Partial<SourceSettings>
  /** Hears of each commit and of failures that are met. */
  readonly onEvent?: (event: SourceEvent) => void
}

/** What happened while sources were indexed. */
export type SourceEvent =
  | FollowEvent
  | { readonly type: 'rebuilt'; readonly view: string }
  /** Commits lost rows; their blocks are fetched again. */
  | { readonly type: 'damaged'; readonly tables: readonly string[] }

/** Events of other contracts being indexed. */
export type SourceIndex = {
  /** What the index says about itself now; also written to the table `status` of its database. */
  readonly status: () => IngestStatus
  /** Indexes until everything that is there now is; the newest indexed block, -1 when there is none. */
  readonly catchUp: () => Promise<number>
  /**
   * Indexes until the signal aborts. Failures that may pass are reported and met with growing pauses;
   * others are raised, and what is indexed stays readable.
   */
  readonly run: () => Promise<void>
}

/** Blocks of one request, with a call for each header. */
const RANGE_BLOCKS_MAX = 99
const RANGE_BLOCKS_AT_FIRST = 20
/** Logs of one request: large enough to cost little each, small enough for providers. */
const RANGE_LOGS_AIM = 5_000
const FETCHES_AT_ONCE = 3
/** Smaller commits cost more per row; each is settled in one move. */
const COMMIT_LOGS_MIN = 200_000

/**
 * Prepares to index a chain's sources; nothing is read or written before `catchUp` or `run`.
 *
 * @throws {SourceInvalidError | SourcesOverlapError}
 */
export function openSourceIndex(options: SourceOptions): SourceIndex {
  const matcher = openSourceMatcher(options.sources)
  const { urls, chainId, nowMs, sleep, signal } = options
  const rpc = openRpcPool({ urls, chainId, nowMs, sleep, signal })
  const progress = createProgress(nowMs, () => rpc.reports())
  const onEvent = (event: SourceEvent): void => {
    if (event.type !== 'rebuilt' && event.type !== 'damaged') progress.note(event)
    options.onEvent?.(event)
  }
  let opened: Index | undefined
  const open = async (): Promise<Index> => {
    await rpc.checkChain()
    const store = await openSourceStore(options, options.sources, (damaged) => {
      onEvent({ type: 'damaged', tables: damaged.map(({ table }) => table) })
    })
    const context = { rpc, scanner: openLogScanner(), matcher, surroundings: options }
    return new Index({ ...options, rpc, onEvent }, store, context)
  }
  const catchUp = async (): Promise<number> => {
    opened ??= await open()
    return opened.catchUp()
  }
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await catchUp()
        await sleep(options.settings?.pollMs ?? FOLLOW_DEFAULTS.pollMs)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof FoggaraError) || !error.retryable) throw error
        onEvent({ type: 'failed', error })
        await sleep(FAILURE_MS)
      }
    }
  }
  return { status: () => progress.status(), catchUp, run }
}

type IndexOptions = Omit<SourceOptions, 'onEvent'> & {
  readonly rpc: RpcPool
  readonly onEvent: (event: SourceEvent) => void
}

const FAILURE_MS = 1_000

class Index {
  readonly #options: IndexOptions
  readonly #store: SourceStore
  readonly #context: FetchContext
  #rangeBlocks = RANGE_BLOCKS_AT_FIRST

  constructor(options: IndexOptions, store: SourceStore, context: FetchContext) {
    this.#options = options
    this.#store = store
    this.#context = context
  }

  async catchUp(): Promise<number> {
    const { rpc, startBlock, signal } = this.#options
    const final = await this.#finalBlock()
    const head = this.#store.head()
    await this.#checkHead(head)
    let parentHash = head?.hash
    let writing: Promise<void> = Promise.resolve()
    let waiting: CheckedRange[] = []
    const write = async (): Promise<void> => {
      const ranges = waiting
      waiting = []
      await writing
      writing = this.#write(ranges, final)
      // Raised where it is awaited; until then it is nobody's.
      writing.catch(() => undefined)
    }
    for await (const ranges of this.#fetched((head?.block ?? startBlock - 1) + 1, final)) {
      for (const range of ranges) {
        checkParents(rpc.shownUrl, range.headers, parentHash)
        parentHash = range.headers.at(-1)?.hash
        if (blockCount([...waiting, range]) > COMMIT_BLOCKS_MAX) await write()
        waiting.push(range)
      }
      if (logCount(waiting) >= COMMIT_LOGS_MIN) await write()
      if (signal.aborted) break
    }
    if (waiting.length > 0) await write()
    await writing
    while (this.#store.isRebuilding() && !signal.aborted) await this.#rebuild()
    while (await this.#settle(final));
    return this.#store.head()?.block ?? -1
  }

  /** The newest final block, as the chain's own rule has it. */
  async #finalBlock(): Promise<number> {
    const { rpc, chainId } = this.#options
    const [latest, tagged] = await rpc.batchSettled(
      ['latest', 'finalized'].map((tag) => ({
        method: 'eth_getBlockByNumber',
        params: [tag, false],
      })),
    )
    if (latest?.type === 'error') throw latest.error
    const newest = decodeHeader(latest?.result, rpc.shownUrl)
    // Chains without finality answer this tag with an error.
    const final = tagged?.type === 'result' ? decodeHeader(tagged.result, rpc.shownUrl) : undefined
    if (newest === undefined) return -1
    return Math.min(newest.block, finalBlock(finalityOf(chainId), newest.block, final?.block))
  }

  /** What is indexed was final; a node that has another block there is of another chain. */
  async #checkHead(
    head: { readonly block: number; readonly hash: Hex } | undefined,
  ): Promise<void> {
    if (head === undefined) return
    const { rpc } = this.#options
    const answer = await rpc.call('eth_getBlockByNumber', [`0x${head.block.toString(16)}`, false])
    const theirs = decodeHeader(answer, rpc.shownUrl)
    if (theirs !== undefined && theirs.hash !== head.hash) {
      throw new SourceChainChangedError(rpc.shownUrl, head.block, head.hash, theirs.hash)
    }
  }

  /** Ranges in order, several of them on their way. */
  async *#fetched(first: number, final: number): AsyncGenerator<readonly CheckedRange[]> {
    const queue: Promise<readonly CheckedRange[]>[] = []
    let next = first
    while (next <= final || queue.length > 0) {
      while (queue.length < FETCHES_AT_ONCE && next <= final) {
        const to = Math.min(final, next + this.#rangeBlocks - 1)
        const fetching = fetchChecked(this.#context, next, to)
        // One that fails while an earlier one is awaited is raised in its turn.
        fetching.catch(() => undefined)
        queue.push(fetching)
        next = to + 1
      }
      const ranges = (await queue.shift()) ?? []
      this.#resize(ranges)
      yield ranges
    }
  }

  #resize(ranges: readonly CheckedRange[]): void {
    const blocks = blockCount(ranges)
    const fitting = Math.floor((RANGE_LOGS_AIM * blocks) / Math.max(1, logCount(ranges)))
    // A node that took halves only is asked for no more than it took.
    const most = ranges.length > 1 ? Math.ceil(blocks / ranges.length) : 2 * this.#rangeBlocks
    this.#rangeBlocks = Math.max(1, Math.min(fitting, most, RANGE_BLOCKS_MAX))
  }

  async #write(ranges: readonly CheckedRange[], final: number): Promise<void> {
    const batch = logBatch(this.#context.matcher, ranges)
    await this.#store.commit({
      rowsByTable: new Map([['block', batch.blockRows]]),
      columnsByTable: new Map([['log', batch.logRows]]),
      firstBlock: batch.firstBlock,
      lastBlock: batch.lastBlock,
      blockHashes: batch.blockHashes,
      kills: [],
    })
    const { lastBlock, logRows } = batch
    const committed = {
      type: 'committed' as const,
      firstBlock: batch.firstBlock,
      lastBlock,
      chainHeadBlock: final,
      logCount: logRows.rowCount,
      retractedBlocks: 0,
      atSeconds: ranges.at(-1)?.headers.at(-1)?.atSeconds ?? 0,
      problems: [],
      fetchMs: 0,
      commitMs: 0,
    }
    this.#options.onEvent(committed)
    await this.#settle(lastBlock)
    await this.#rebuild()
  }

  /** Whether anything was moved. */
  async #settle(final: number): Promise<boolean> {
    const rules = { delayMs: PINNED_MS, rowsKept: HOT_ROWS_KEPT, provenBlock: -1 }
    if (this.#store.head() === undefined) return false
    const block = await this.#store.settleUpTo(final, rules)
    if (block === undefined) return false
    const settled = { type: 'settled' as const, block, durationMs: 0 }
    this.#options.onEvent(settled)
    return true
  }

  async #rebuild(): Promise<void> {
    const view = await this.#store.rebuildSome()
    if (view !== undefined) this.#options.onEvent({ type: 'rebuilt', view })
  }
}

/** How long rows that were moved stay for pinned readers, and how many may stay for good. */
const PINNED_MS = 60_000
const HOT_ROWS_KEPT = 2_000

function blockCount(ranges: readonly CheckedRange[]): number {
  return ranges.reduce((sum, { headers }) => sum + headers.length, 0)
}

function logCount(ranges: readonly CheckedRange[]): number {
  return ranges.reduce((sum, { logs }) => sum + logs.columns.count, 0)
}

/** A block that was final is another one now. */
export class SourceChainChangedError extends FatalError {
  constructor(shownUrl: string, block: number, expected: Hex, found: Hex) {
    super(
      'CHAIN_REORG_BELOW_FINALITY',
      `${shownUrl}: expected block ${block} to be ${expected}, found ${found}`,
      { hint: 'The RPC serves another chain, or finality failed; what is indexed stays readable.' },
    )
  }
}
