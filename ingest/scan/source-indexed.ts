import type { ClickHouseClient } from '@foggara/database'
import type { Hex } from '@foggara/schema'
import { toEventSelector } from 'viem'

import { checkParents } from '../chain/fetch-pieces.ts'
import type { LogFilter } from '../chain/fetch-range-logs.ts'
import type { Indexed, IndexedRange, NextRange } from '../chain/indexed.ts'
import type { Provider } from '../chain/rpc-provider.ts'
import type { BlockSpan } from '../chain/rpc-verdict.ts'
import { COMMIT_BLOCKS_MAX } from '../store/chain-store.ts'
import { checkAddresses } from './check-addresses.ts'
import { checkLogs } from './check-logs.ts'
import { joinLogs } from './columns-of-logs.ts'
import { type FetchedSources, type SourceContext, fetchSources } from './fetch-sources.ts'
import { type FilledGap, fillGap } from './fill-gap.ts'
import { type CheckedRange, logBatch } from './log-batch.ts'
import { scannedLogs } from './scanned-logs.ts'
import type { SourceStore } from './source-store.ts'

/** What indexing sources works with. */
export type IndexedSourcesOptions = SourceContext & {
  readonly chainId: number
  readonly startBlock: number
  readonly client: ClickHouseClient
  readonly store: Pick<
    SourceStore,
    'settled' | 'hashOf' | 'retractFrom' | 'head' | 'rebuildSome' | 'isRebuilding' | 'factoryLogs'
  >
  readonly onRebuilt: (view: string) => void
  /** Hears of each part of a source's past that was fetched later. */
  readonly onFilled?: (filled: FilledGap) => void
  /** Something looks wrong and keeps nothing from going on. */
  readonly onWarning?: (code: string, text: string) => void
}

/** Blocks of one request, with a call for each header. */
const RANGE_BLOCKS_MAX = 99
const RANGE_BLOCKS_AT_FIRST = 20
/** Logs of one request: large enough to cost little each, small enough for providers. */
const RANGE_LOGS_AIM = 5_000
const FETCHES_AT_ONCE = 3
/** Smaller commits cost more per row; each is settled in one move. */
const COMMIT_LOGS_MIN = 200_000

/** Events of other contracts as what a follower indexes. */
export function indexSources(options: IndexedSourcesOptions): Indexed {
  const sources = new IndexedSources(options)
  return {
    chainId: options.chainId,
    startBlock: options.startBlock,
    fetch: (next, prefer) => sources.fetch(next, prefer),
    fetchFinal: (next) => sources.fetchFinal(next),
    noteCommit: () => undefined,
    // The evidence of each block says what it is worth; nothing later adds to it.
    provenUpTo: async () => -1,
    meet: async () => undefined,
    workAside: () => sources.workAside(),
  }
}

class IndexedSources {
  readonly #options: IndexedSourcesOptions
  #rangeBlocks = RANGE_BLOCKS_AT_FIRST
  #isPrepared = false
  /** Whether the past of some part may not be there. */
  #hasGap = true

  constructor(options: IndexedSourcesOptions) {
    this.#options = options
  }

  async fetch(next: NextRange, prefer: Provider): Promise<IndexedRange> {
    await this.#prepare(next.span.from)
    const fetched = await fetchSources(this.#options, next.span, undefined, prefer)
    const range = await this.#checked(fetched, next.span, next.parent?.hash)
    return logBatch(this.#options.matcher, [range])
  }

  async *fetchFinal({ span, parent }: NextRange): AsyncGenerator<IndexedRange> {
    await this.#prepare(span.from)
    let parentHash = parent?.hash
    let waiting: CheckedRange[] = []
    let [blockCount, logCount] = [0, 0]
    const batch = (): IndexedRange => {
      const ranges = waiting
      waiting = []
      blockCount = 0
      logCount = 0
      return logBatch(this.#options.matcher, ranges)
    }
    for await (const { fetched, of } of this.#fetched(span)) {
      const range = await this.#checked(fetched, of, parentHash)
      parentHash = range.headers.at(-1)?.hash
      this.#resize(range)
      if (blockCount + range.headers.length > COMMIT_BLOCKS_MAX) yield batch()
      waiting.push(range)
      blockCount += range.headers.length
      logCount += range.logs.columns.count
      if (logCount >= COMMIT_LOGS_MIN) yield batch()
    }
    if (waiting.length > 0) yield batch()
  }

  /** Computes some more rows of tables whose ABI changed, or fetches some more of a gap. */
  async workAside(): Promise<boolean> {
    if (await this.#rebuild()) return true
    if (!this.#hasGap || this.#options.store.isRebuilding()) return false
    const { hashOf } = this.#options.store
    const filled = await fillGap({ ...this.#options, hashOf })
    this.#hasGap = filled !== undefined
    if (filled !== undefined) this.#options.onFilled?.(filled)
    return this.#hasGap
  }

  async #rebuild(): Promise<boolean> {
    const { store, onRebuilt } = this.#options
    if (!store.isRebuilding()) return false
    const view = await store.rebuildSome()
    if (view !== undefined) onRebuilt(view)
    return store.isRebuilding()
  }

  /** Ranges in order, several of them on their way. */
  async *#fetched(
    span: BlockSpan,
  ): AsyncGenerator<{ readonly fetched: FetchedSources; readonly of: BlockSpan }> {
    const queue: { readonly of: BlockSpan; readonly fetching: Promise<FetchedSources> }[] = []
    let from = span.from
    while (from <= span.to || queue.length > 0) {
      while (queue.length < FETCHES_AT_ONCE && from <= span.to) {
        const of = { from, to: Math.min(span.to, from + this.#rangeBlocks - 1) }
        const fetching = fetchSources(this.#options, of)
        // One that fails while an earlier one is awaited is raised in its turn.
        fetching.catch(() => undefined)
        queue.push({ of, fetching })
        from = of.to + 1
      }
      const first = queue.shift()
      if (first !== undefined) yield { of: first.of, fetched: await first.fetching }
    }
  }

  #resize({ headers, logs }: CheckedRange): void {
    const logCount = Math.max(1, logs.columns.count)
    const fitting = Math.floor((RANGE_LOGS_AIM * headers.length) / logCount)
    this.#rangeBlocks = Math.max(1, Math.min(fitting, 2 * this.#rangeBlocks, RANGE_BLOCKS_MAX))
  }

  /** Nothing counts of what was seen of blocks that are not stored, or not any more. */
  async #prepare(from: number): Promise<void> {
    const { matcher, store, rpc, onWarning } = this.#options
    if (!this.#isPrepared) {
      const isFirst = store.head() === undefined
      for (const text of await checkAddresses(rpc, matcher.sources, isFirst)) {
        onWarning?.('SOURCE_ADDRESS_EMPTY', text)
      }
    }
    for (const [place, children] of matcher.children.entries()) {
      const source = matcher.sources[place]
      if (children === undefined || source === undefined) continue
      children.forgetFrom(from)
      if (this.#isPrepared) continue
      for (const log of await store.factoryLogs(source, from)) children.addLog(log)
    }
    this.#isPrepared = true
  }

  async #checked(
    fetched: FetchedSources,
    span: BlockSpan,
    parentHash: Hex | undefined,
  ): Promise<CheckedRange> {
    const { matcher } = this.#options
    const { provider, headers, proven } = fetched
    const { shownUrl } = provider
    checkParents(shownUrl, headers.slice(0, 1), parentHash)
    const { columns, isAgreed } = await this.#withNewChildren(fetched, span)
    const { trustsBloom } = provider.headers
    const logs = checkLogs({ shownUrl, matcher, headers, trustsBloom }, columns)
    return { headers, logs, proven, isAgreed, trustsBloom }
  }

  /** Contracts that were not known when the range was asked for: their logs are fetched now. */
  async #withNewChildren(fetched: FetchedSources, span: BlockSpan): Promise<FetchedSources> {
    const { matcher } = this.#options
    const { childCounts } = fetched.asking
    for (const children of matcher.children) children?.addFrom(fetched.columns)
    const filters = matcher.children.flatMap((children, place): readonly LogFilter[] => {
      const addresses = children?.addressesFrom(childCounts[place] ?? 0) ?? []
      const topics = matcher.sources[place]?.events.map(toEventSelector) ?? []
      return addresses.length === 0 ? [] : [{ addresses, topics }]
    })
    if (filters.length === 0) return fetched
    const asking = { filters, childCounts }
    const more = await fetchSources(this.#options, span, () => asking, fetched.provider)
    const pieces = [fetched, more].map(({ columns }) => scannedLogs(columns, 0, columns.count))
    return { ...fetched, columns: joinLogs(pieces), isAgreed: fetched.isAgreed && more.isAgreed }
  }
}
