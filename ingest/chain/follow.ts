import { FoggaraError, type Hex, invariant } from '@foggara/schema'

import { type BlockId, COMMIT_BLOCKS_MAX, type ChainStore } from '../store/chain-store.ts'
import type { Surroundings } from '../surroundings.ts'
import {
  type Accumulators,
  callAccumulators,
  checkAccumulators,
  firstUnproven,
  readAccumulators,
} from './accumulators.ts'
import { type Finality, finalBlock, finalityOf } from './follow-profile.ts'
import { type FetchedRange, fetchIndexed } from './follow-range.ts'
import { type ChainView, type Plan, isAgreed, planNext, readChainView } from './fork-point.ts'
import type { IndexContext } from './index-range.ts'
import { RpcLogsIncompleteError } from './rpc-errors.ts'
import type { RpcPool } from './rpc-pool.ts'

/** How a chain is followed; every field has a default. */
export type FollowSettings = {
  /** Pause between looks at the chain once everything is indexed; 500 by default. */
  readonly pollMs: number
  /** Most blocks of one ordinary commit; 2,000 by default. */
  readonly commitBlocks: number
  /** When blocks are final; by default what the chain is known for. */
  readonly finality: Finality | undefined
  /**
   * What shows that no log is missing: the contracts' own accumulators, or, for every block that may
   * hold a log, its receipts folded to the root in its header; `accumulators` by default.
   */
  readonly proof: 'accumulators' | 'receipts'
  /** Final blocks that are moved to the settled tables together; 64 by default. */
  readonly settleBlocks: number
  /** Shortest time between two moves; 10,000 by default. */
  readonly settleEveryMs: number
  /** How long rows that were moved or retracted stay for pinned readers; 60,000 by default. */
  readonly pinnedMs: number
  /** Retracted attempts that are removed together; 16 by default. */
  readonly collectCountMin: number
  /** Rows of final blocks that each hot table may keep; 2,000 by default. */
  readonly hotRowsKept: number
}

export const FOLLOW_DEFAULTS: FollowSettings = {
  pollMs: 500,
  commitBlocks: 2_000,
  finality: undefined,
  proof: 'accumulators',
  settleBlocks: 64,
  settleEveryMs: 10_000,
  pinnedMs: 60_000,
  collectCountMin: 16,
  hotRowsKept: 2_000,
}

/** What happened: for progress lines, status rows and tests. */
export type FollowEvent =
  | {
      readonly type: 'looked'
      readonly chainHead: BlockId
      readonly finalizedBlock: number
      /** The newest indexed block before this look; -1 when none is. */
      readonly indexedBlock: number
      readonly isLagging: boolean
    }
  | {
      readonly type: 'committed'
      readonly firstBlock: number
      readonly lastBlock: number
      readonly chainHeadBlock: number
      readonly logCount: number
      readonly retractedBlocks: number
      readonly atSeconds: number
      /** Logs that are kept raw because they could not be decoded. */
      readonly problems: readonly string[]
    }
  /** Providers disagree about an indexed block; nothing is undone until two agree. */
  | { readonly type: 'contested'; readonly block: number }
  | { readonly type: 'settled'; readonly block: number }
  | { readonly type: 'failed'; readonly error: FoggaraError }

export type FollowOptions = IndexContext & {
  readonly rpc: RpcPool
  readonly store: ChainStore
  readonly settings: FollowSettings
  readonly surroundings: Surroundings
  readonly onEvent: (event: FollowEvent) => void
}

/** Follows a chain one step at a time. */
export type Follower = {
  /** Looks at the chain once and commits at most one range; true when there is more to do. */
  readonly step: () => Promise<boolean>
  /**
   * Steps until the signal aborts. Failures that may pass are reported and met with growing pauses;
   * others are raised: `RPC_WRONG_CHAIN`, `CHAIN_REORG_BELOW_FINALITY`, `WRITER_FENCED`, ….
   */
  readonly run: () => Promise<void>
}

/** Ranges are sized so that a commit brings about this many logs. */
const COMMIT_LOGS_AIM = 20_000
/** The first range is small: it shows how dense the chain is, and rows appear at once. */
const FIRST_RANGE_BLOCKS = 50
/** After so many looks at a range that lacks events, what was stored on trust is doubted. */
const INCOMPLETE_COUNT_MAX = 3
/** Every so many looks all providers are asked for their newest block. */
const WIDE_LOOK = 16
const FAILURE_MS_MIN = 200
const FAILURE_MS_MAX = 15_000

/** Prepares to follow the deployment's chain into its store. */
export function createFollower(options: FollowOptions): Follower {
  const follower = new ChainFollower(options)
  return { step: () => follower.step(), run: () => follower.run() }
}

class ChainFollower {
  readonly #options: FollowOptions
  #chainIsChecked = false
  #finalizedBlock = -1
  #settledAtMs = Number.NEGATIVE_INFINITY
  #rangeBlocks: number
  /** Every event up to this block is known to be stored. */
  #provenBlock = -1
  #incompleteCount = 0
  #lookCount = 0
  /** The accumulators at a block, so that following the head reads nothing back. */
  #known: { readonly at: Hex | undefined; readonly accumulators: Accumulators } | undefined

  constructor(options: FollowOptions) {
    this.#options = options
    this.#rangeBlocks = Math.min(FIRST_RANGE_BLOCKS, options.settings.commitBlocks)
  }

  async run(): Promise<void> {
    const { surroundings, settings, onEvent } = this.#options
    let failureMs = FAILURE_MS_MIN
    while (!surroundings.signal.aborted) {
      try {
        const hasMore = await this.step()
        failureMs = FAILURE_MS_MIN
        if (!hasMore) await surroundings.sleep(settings.pollMs)
      } catch (error) {
        if (surroundings.signal.aborted) return
        if (!(error instanceof FoggaraError) || !error.retryable) throw error
        onEvent({ type: 'failed', error })
        await surroundings.sleep(failureMs)
        failureMs = Math.min(2 * failureMs, FAILURE_MS_MAX)
      }
    }
  }

  async step(): Promise<boolean> {
    try {
      return await this.#step()
    } catch (error) {
      await this.#meetIncompleteLogs(error)
      throw error
    }
  }

  async #step(): Promise<boolean> {
    const { rpc, store, deployment, onEvent } = this.#options
    await this.#checkChain()
    this.#lookCount += 1
    const isWide = this.#lookCount % WIDE_LOOK === 0
    const view = await readChainView(rpc, store.head(), isWide)
    const plan = await planNext(rpc, store, deployment.startBlock, view)
    this.#noteFinality(view)
    onEvent({
      type: 'looked',
      chainHead: { block: view.latest.block, hash: view.latest.hash },
      finalizedBlock: this.#finalizedBlock,
      indexedBlock: store.head()?.block ?? -1,
      isLagging: plan.type === 'idle' && plan.isLagging,
    })
    if (plan.type === 'contested') {
      view.provider.setAside(`another provider has another block ${plan.block}`)
      onEvent({ type: 'contested', block: plan.block })
      return false
    }
    if (plan.type === 'idle') {
      await this.#tidy(view.latest.block)
      return false
    }
    const lastBlock = await this.#index(plan, view)
    await this.#tidy(view.latest.block)
    return lastBlock < view.latest.block
  }

  async #checkChain(): Promise<void> {
    if (this.#chainIsChecked) return
    await this.#options.rpc.checkChain()
    this.#chainIsChecked = true
  }

  /** What was final stays final, whatever a node says later. */
  #noteFinality(view: ChainView): void {
    const { settings, deployment } = this.#options
    const finality = settings.finality ?? finalityOf(deployment.chainId)
    const block = finalBlock(finality, view.latest.block, view.finalized?.block)
    this.#finalizedBlock = Math.max(this.#finalizedBlock, block)
  }

  async #index(plan: Plan & { type: 'index' }, view: ChainView): Promise<number> {
    const { store, onEvent } = this.#options
    const { range, indexed } = await this.#fetch(plan, view)
    const last = range.headers.at(-1)
    invariant(last !== undefined, 'a range has a last block')
    this.#provenBlock = Math.min(this.#provenBlock, plan.from - 1)
    await store.commit({
      rowsByTable: indexed.rowsByTable,
      firstBlock: plan.from,
      lastBlock: last.block,
      blockHashes: range.headers.map((header) => header.hash),
      kills: plan.kills,
    })
    this.#known = { at: last.hash, accumulators: indexed.after }
    this.#incompleteCount = 0
    const isProven = indexed.evidence === 'accumulator'
    const isWhole = indexed.evidence === 'bloom-negative' || indexed.evidence === 'receipts-root'
    if (isProven || (isWhole && this.#provenBlock === plan.from - 1)) {
      this.#provenBlock = last.block
    }
    this.#resize(range.headers.length, indexed.logCount)
    onEvent({
      type: 'committed',
      firstBlock: plan.from,
      lastBlock: last.block,
      chainHeadBlock: view.latest.block,
      logCount: indexed.logCount,
      retractedBlocks: plan.retractedBlocks,
      atSeconds: last.atSeconds,
      problems: indexed.problems,
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

  /** A reorg is one commit if it can be: readers never see the old blocks gone and no new ones. */
  async #fetch(plan: Plan & { type: 'index' }, view: ChainView): Promise<FetchedRange> {
    const { store, settings } = this.#options
    const isReorg = plan.kills.length > 0
    const count = isReorg ? COMMIT_BLOCKS_MAX : this.#rangeBlocks
    const to = Math.min(view.latest.block, plan.from + count - 1)
    return fetchIndexed(
      this.#options,
      {
        span: { from: plan.from, to },
        parentHash: plan.parent?.hash,
        before: plan.parent === undefined ? undefined : store.pinAt(plan.parent.block),
        accumulators: await this.#accumulatorsAt(plan.parent),
      },
      { prefer: view.provider, way: settings.proof === 'receipts' ? 'receipts' : 'logs' },
    )
  }

  async #accumulatorsAt(parent: BlockId | undefined): Promise<Accumulators> {
    if (parent === undefined) return new Map()
    if (this.#known?.at === parent.hash) return this.#known.accumulators
    const { client, store } = this.#options
    return readAccumulators(client, store.pinAt(parent.block))
  }

  /** Moves final blocks and removes what was retracted, when it is worth it and due. */
  async #tidy(chainHead: number): Promise<void> {
    const { store, settings, surroundings, onEvent } = this.#options
    const head = store.head()
    if (head === undefined) return
    const { pinnedMs: delayMs, hotRowsKept: rowsKept, collectCountMin: countMin } = settings
    const final = Math.min(this.#finalizedBlock, head.block)
    const settled = store.settled()?.block ?? this.#options.deployment.startBlock - 1
    const isDue = surroundings.nowMs() - this.#settledAtMs >= settings.settleEveryMs
    if (final - settled >= settings.settleBlocks && isDue) {
      this.#settledAtMs = surroundings.nowMs()
      const isUncontested = await this.#isAgreed(final)
      if (isUncontested && (await this.#isProven(final, head, chainHead))) {
        const rules = { delayMs, rowsKept, provenBlock: this.#provenBlock }
        const block = await store.settleUpTo(final, rules)
        if (block !== undefined) onEvent({ type: 'settled', block })
      }
    }
    await store.collectGarbage({ delayMs, countMin })
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

  /**
   * Whether everything up to a block may be settled. What could not be proven when it was fetched,
   * because the node no longer had the state to ask, is proven by the accumulators at the newest
   * block. Only a node that cannot say even that is trusted.
   */
  async #isProven(block: number, head: BlockId, chainHead: number): Promise<boolean> {
    if (this.#provenBlock >= block) return true
    const { rpc, deployment } = this.#options
    const called = await callAccumulators(rpc, deployment, head.hash)
    if (called === undefined) return head.block >= chainHead
    checkAccumulators(await this.#accumulatorsAt(head), called, rpc.shownUrl)
    this.#provenBlock = head.block
    return true
  }

  /**
   * When events stay missing, they may be missing from blocks that were stored on trust: those are
   * given up and fetched again. What is settled was proven before.
   */
  async #meetIncompleteLogs(error: unknown): Promise<void> {
    if (!(error instanceof RpcLogsIncompleteError)) return
    this.#incompleteCount += 1
    if (this.#incompleteCount % INCOMPLETE_COUNT_MAX !== 0) return
    const { client, store } = this.#options
    const head = store.head()
    if (head === undefined) return
    const block = await firstUnproven(client, store.pinAt(head.block))
    if (block !== undefined) await store.retractFrom(block)
  }
}
