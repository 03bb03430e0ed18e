import { FoggaraError, invariant } from '@foggara/schema'

import { COMMIT_BLOCKS_MAX, type ChainStore } from '../store/chain-store.ts'
import type { Surroundings } from '../surroundings.ts'
import { finalBlock, profileOf } from './follow-profile.ts'
import type { FollowEvent, FollowSettings, Follower } from './follow.ts'
import {
  type ChainView,
  type IndexedBlocks,
  type Plan,
  isAgreed,
  planNext,
  readChainView,
} from './fork-point.ts'
import type { Indexed, IndexedRange, NextRange } from './indexed.ts'
import type { RpcPool } from './rpc-pool.ts'

/** What following a chain needs, whatever is indexed of it. */
export type ChainOptions = {
  readonly rpc: RpcPool
  readonly store: IndexedBlocks &
    Pick<ChainStore, 'commit' | 'pinAt' | 'settleUpTo' | 'collectGarbage'>
  readonly settings: Omit<FollowSettings, 'proof'>
  readonly surroundings: Surroundings
  readonly onEvent: (event: FollowEvent) => void
}

/** Ranges are sized so that a commit brings about this many logs. */
const COMMIT_LOGS_AIM = 20_000
/** The first range is small: it shows how dense the chain is, and rows appear at once. */
const FIRST_RANGE_BLOCKS = 50
/** Every so many looks all providers are asked for their newest block. */
const WIDE_LOOK = 16
const FAILURE_MS_MIN = 200
const FAILURE_MS_MAX = 15_000
/** So many final blocks are worth fetching ahead. */
const FINAL_BLOCKS_MIN = 8
/** The chain is looked at again after so long, however many blocks are final. */
const FINAL_MS_MAX = 30_000

/** Prepares to follow a chain into a store; nothing is read or written before the first step. */
export function followChain<Range extends IndexedRange>(
  options: ChainOptions,
  indexed: Indexed<Range>,
): Follower {
  const follower = new ChainFollower(options, indexed)
  return {
    step: () => follower.step(),
    run: () => follower.run(),
    catchUp: () => follower.catchUp(),
  }
}

class ChainFollower<Range extends IndexedRange> {
  readonly #options: ChainOptions
  readonly #indexed: Indexed<Range>
  #chainIsChecked = false
  #finalizedBlock = -1
  #settledAtMs = Number.NEGATIVE_INFINITY
  #rangeBlocks: number
  #lookCount = 0

  constructor(options: ChainOptions, indexed: Indexed<Range>) {
    this.#options = options
    this.#indexed = indexed
    this.#rangeBlocks = Math.min(FIRST_RANGE_BLOCKS, options.settings.commitBlocks)
  }

  async run(): Promise<void> {
    const { rpc, surroundings, settings, onEvent } = this.#options
    let failureMs = FAILURE_MS_MIN
    while (!surroundings.signal.aborted) {
      try {
        const hasMore = await this.step()
        failureMs = FAILURE_MS_MIN
        if (!hasMore) await (rpc.untilHead ?? surroundings.sleep)(settings.pollMs)
      } catch (error) {
        if (surroundings.signal.aborted) return
        if (!(error instanceof FoggaraError) || !error.retryable) throw error
        onEvent({ type: 'failed', error })
        await surroundings.sleep(failureMs)
        failureMs = Math.min(2 * failureMs, FAILURE_MS_MAX)
      }
    }
  }

  async catchUp(): Promise<void> {
    const { signal } = this.#options.surroundings
    while (!signal.aborted && (await this.step()));
    while (!signal.aborted && (await this.#settle(this.#finalizedBlock)));
  }

  async step(): Promise<boolean> {
    try {
      return await this.#step()
    } catch (error) {
      await this.#indexed.meet(error)
      throw error
    }
  }

  async #step(): Promise<boolean> {
    const { rpc, store, onEvent } = this.#options
    await this.#checkChain()
    this.#lookCount += 1
    const isWide = this.#lookCount % WIDE_LOOK === 0
    const view = await readChainView(rpc, store.head(), isWide)
    const plan = await planNext(rpc, store, this.#indexed.startBlock, view)
    this.#noteFinality(view)
    onEvent({
      type: 'looked',
      chainHead: { block: view.latest.block, hash: view.latest.hash },
      finalizedBlock: this.#finalizedBlock,
      indexedBlock: store.head()?.block ?? -1,
      settledBlock: store.settled()?.block ?? -1,
      isLagging: plan.type === 'idle' && plan.isLagging,
    })
    if (plan.type === 'contested') {
      view.provider.setAside(`another provider has another block ${plan.block}`)
      onEvent({ type: 'contested', block: plan.block })
      return false
    }
    const lastBlock = plan.type === 'idle' ? view.latest.block : await this.#index(plan, view)
    await this.#tidy(view.latest.block)
    const hasMore = (await this.#indexed.workAside?.()) ?? false
    return hasMore || lastBlock < view.latest.block
  }

  async #checkChain(): Promise<void> {
    if (this.#chainIsChecked) return
    await this.#options.rpc.checkChain()
    this.#chainIsChecked = true
  }

  /** What was final stays final, whatever a node says later. */
  #noteFinality(view: ChainView): void {
    const finality = this.#options.settings.finality ?? profileOf(this.#indexed.chainId).finality
    const block = finalBlock(finality, view.latest.block, view.finalized?.block)
    this.#finalizedBlock = Math.max(this.#finalizedBlock, block)
  }

  async #index(plan: IndexPlan, view: ChainView): Promise<number> {
    const final = Math.min(this.#finalizedBlock, view.latest.block)
    const isFinal = plan.kills.length === 0 && final - plan.from >= FINAL_BLOCKS_MIN
    const { fetchFinal } = this.#indexed
    if (isFinal && fetchFinal !== undefined) {
      const ranges = fetchFinal(this.#rangeAfter(plan, final))
      return this.#indexFinal(ranges, plan, view)
    }
    const { nowMs } = this.#options.surroundings
    const startMs = nowMs()
    // A reorg is one commit if it can be: readers never see the old blocks gone and no new ones.
    const count = plan.kills.length > 0 ? COMMIT_BLOCKS_MAX : this.#rangeBlocks
    const to = Math.min(view.latest.block, plan.from + count - 1)
    const range = await this.#indexed.fetch(this.#rangeAfter(plan, to), view.provider)
    const last = await this.#commit(range, plan, view, nowMs() - startMs)
    this.#resize(range.headers.length, range.logCount)
    return last
  }

  /** Stores ranges of final blocks while the next ones are fetched; nothing of them is ever undone. */
  async #indexFinal(
    ranges: AsyncIterable<Range>,
    plan: IndexPlan,
    view: ChainView,
  ): Promise<number> {
    const { nowMs, signal } = this.#options.surroundings
    const endMs = nowMs() + FINAL_MS_MAX
    let lastBlock = plan.from - 1
    let storing: Promise<void> = Promise.resolve()
    let fetchedAtMs = nowMs()
    const store = async (range: Range, fetchMs: number): Promise<void> => {
      const block = await this.#commit(range, plan, view, fetchMs)
      while (await this.#settle(block));
    }
    try {
      for await (const range of ranges) {
        const fetchMs = nowMs() - fetchedAtMs
        await storing
        storing = store(range, fetchMs)
        // Raised where it is awaited; until then it is nobody's.
        storing.catch(() => undefined)
        lastBlock = range.headers.at(-1)?.block ?? lastBlock
        fetchedAtMs = nowMs()
        if (signal.aborted || fetchedAtMs > endMs) break
      }
    } finally {
      await storing
    }
    return lastBlock
  }

  #rangeAfter({ from, parent }: IndexPlan, to: number): NextRange {
    const before = parent === undefined ? undefined : this.#options.store.pinAt(parent.block)
    return { span: { from, to }, parent, before }
  }

  async #commit(
    range: Range,
    { kills, retractedBlocks }: IndexPlan,
    view: ChainView,
    fetchMs: number,
  ): Promise<number> {
    const { store, surroundings, onEvent } = this.#options
    const startMs = surroundings.nowMs()
    const { headers, logCount, problems } = range
    const [first, last] = [headers[0], headers.at(-1)]
    invariant(first !== undefined && last !== undefined, 'a range has blocks')
    await store.commit({
      rowsByTable: range.rowsByTable,
      ...(range.columnsByTable === undefined ? {} : { columnsByTable: range.columnsByTable }),
      firstBlock: first.block,
      lastBlock: last.block,
      blockHashes: headers.map(({ hash }) => hash),
      kills,
    })
    this.#indexed.noteCommit(range)
    onEvent({
      type: 'committed',
      firstBlock: first.block,
      lastBlock: last.block,
      chainHeadBlock: view.latest.block,
      logCount,
      retractedBlocks,
      atSeconds: last.atSeconds,
      problems,
      fetchMs,
      commitMs: surroundings.nowMs() - startMs,
    })
    return last.block
  }

  /** Grows at most fourfold at a time: the next blocks may be denser. */
  #resize(blockCount: number, logCount: number): void {
    if (blockCount < this.#rangeBlocks) return
    const fitting = Math.floor((COMMIT_LOGS_AIM * blockCount) / Math.max(1, logCount))
    const { commitBlocks } = this.#options.settings
    this.#rangeBlocks = Math.max(1, Math.min(fitting, 4 * blockCount, commitBlocks))
  }

  /** Moves final blocks and removes what was retracted, when it is worth it and due. */
  async #tidy(chainHead: number): Promise<void> {
    const { store, settings, surroundings } = this.#options
    const head = store.head()
    if (head === undefined) return
    const final = Math.min(this.#finalizedBlock, head.block)
    const settled = store.settled()?.block ?? this.#indexed.startBlock - 1
    const isDue = surroundings.nowMs() - this.#settledAtMs >= settings.settleEveryMs
    if (final - settled >= settings.settleBlocks && isDue) await this.#settle(final, chainHead)
    const { pinnedMs: delayMs, collectCountMin: countMin } = settings
    await store.collectGarbage({ delayMs, countMin })
  }

  /** Moves final blocks up to one, as far as they are proven and uncontested; whether any moved. */
  async #settle(finalMax: number, chainHead = finalMax): Promise<boolean> {
    const { store, settings, surroundings, onEvent } = this.#options
    const head = store.head()
    const settled = store.settled()?.block ?? this.#indexed.startBlock - 1
    const final = Math.min(finalMax, head?.block ?? -1)
    if (head === undefined || final <= settled) return false
    this.#settledAtMs = surroundings.nowMs()
    if (!(await this.#isAgreed(final))) return false
    const heads = { ours: head, chain: chainHead }
    const provenBlock = await this.#indexed.provenUpTo(final, heads)
    if (provenBlock === undefined) return false
    const { pinnedMs: delayMs, hotRowsKept: rowsKept } = settings
    const block = await store.settleUpTo(final, { delayMs, rowsKept, provenBlock })
    if (block === undefined) return false
    const durationMs = surroundings.nowMs() - this.#settledAtMs
    onEvent({ type: 'settled', block, durationMs })
    return true
  }

  /** What is settled cannot be undone: no provider may contradict it. */
  async #isAgreed(block: number): Promise<boolean> {
    const { rpc, store, onEvent } = this.#options
    const hash = await store.hashOf(block)
    invariant(hash !== undefined, `block ${block} is final before it is indexed`)
    if (await isAgreed(rpc, { block, hash })) return true
    onEvent({ type: 'contested', block })
    return false
  }
}

type IndexPlan = Plan & { readonly type: 'index' }
