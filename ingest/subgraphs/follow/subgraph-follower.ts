import { setImmediate } from 'node:timers/promises'

import { FoggaraError } from '@foggara/schema'

import type { Rpc } from '../../chain/rpc.ts'
import type { Surroundings } from '../../surroundings.ts'
import type { ChainBlock } from '../chain-source.ts'
import { type ChainLook, lookAtChain, standingOf } from './chain-look.ts'
import type { FollowedState, SubgraphEvent, SubgraphFollowSettings } from './follow-events.ts'
import {
  type FollowedRun,
  type FollowedSubgraph,
  openFollowedRun,
  type RunOutcome,
} from './followed-run.ts'
import { openRangeSize, openStretchFeed, type RangeSize, type StretchFeed } from './stretch-feed.ts'
import { readDenseStretch, readSparseStretch, type Stretch } from './stretch.ts'

/** What a follower works with. */
export type SubgraphFollowerOptions = {
  readonly rpc: Rpc
  readonly subgraphs: readonly FollowedSubgraph[]
  readonly settings: SubgraphFollowSettings
  readonly surroundings: Surroundings
  readonly onEvent: (event: SubgraphEvent) => void
}

/** Follows a chain with subgraphs. */
export type SubgraphFollower = {
  /**
   * Looks at the chain and brings each subgraph at most one stretch further; true when there is more
   * to do.
   */
  step(): Promise<boolean>
  /**
   * Steps until the signal aborts, the last block ran, or no subgraph can go on. A failure that may
   * pass is reported and met with growing pauses; what a subgraph cannot get over stops it alone.
   */
  run(): Promise<void>
  states(): readonly FollowedState[]
}

const DENSE_BLOCKS_MAX = 32
/** A crash undoes at most about so much of a backfill. */
const FLUSH_EVERY_MS = 5_000
const FAILURE_MS_MIN = 250
const FAILURE_MS_MAX = 15_000
/** Signals are heard between tasks only; blocks that were read ahead are none of their own. */
const PAUSE_EVERY_MS = 50

/** Prepares to follow; nothing is read before the first step. */
export function createSubgraphFollower(options: SubgraphFollowerOptions): SubgraphFollower {
  const follower = new Follower(options)
  return {
    step: () => follower.step(),
    run: () => follower.run(),
    states: () => follower.states(),
  }
}

/** Subgraphs that stand at the same block and go on together. */
type Group = { readonly runs: readonly FollowedRun[]; readonly position: number }

class Follower {
  readonly #options: SubgraphFollowerOptions
  readonly #runs: readonly FollowedRun[]
  readonly #feeds = new Map<string, StretchFeed>()
  readonly #sizes = new Map<string, RangeSize>()
  #look: { readonly atMs: number; readonly look: ChainLook } | undefined
  /** What was final stays final, whatever a node says later. */
  #finalBlock = -1
  #pausedMs = 0

  constructor(options: SubgraphFollowerOptions) {
    this.#options = options
    const { attemptsMax } = options.settings
    this.#runs = options.subgraphs.map((followed) => openFollowedRun(followed, attemptsMax))
  }

  states(): readonly FollowedState[] {
    return this.#runs.map((run) => ({
      name: run.name,
      condition: run.condition(),
      position: run.position(),
      firstBlock: run.firstBlock,
      error: run.error(),
      failure: run.condition() === 'failed' ? run.store.lastFailures()[0] : undefined,
      waitingFiles: run.runner.waitingFiles(),
    }))
  }

  async run(): Promise<void> {
    try {
      await this.#run()
    } finally {
      await this.#flush(() => true)
    }
  }

  async #run(): Promise<void> {
    const { surroundings, settings, onEvent } = this.#options
    let failureCount = 0
    while (!surroundings.signal.aborted && !this.#isOver()) {
      try {
        const hasMore = await this.step()
        failureCount = 0
        if (!hasMore && !this.#isOver()) await surroundings.sleep(settings.pollMs)
      } catch (error) {
        if (surroundings.signal.aborted) return
        if (!(error instanceof FoggaraError) || !error.retryable) throw error
        failureCount += 1
        if (failureCount >= settings.attemptsMax) throw error
        const waitMs = Math.min(FAILURE_MS_MAX, FAILURE_MS_MIN * 2 ** (failureCount - 1))
        onEvent({ type: 'trouble', error, waitMs })
        await surroundings.sleep(waitMs)
      }
    }
  }

  async step(): Promise<boolean> {
    try {
      return await this.#step()
    } catch (error) {
      this.#forgetReading(error)
      throw error
    }
  }

  async #step(): Promise<boolean> {
    const { signal } = this.#options.surroundings
    const look = await this.#lookNow()
    const groups = this.#groups()
    this.#dropFeeds(groups)
    for (const [index, group] of groups.entries()) {
      if (signal.aborted) return false
      // A group that comes from behind stops where the next one stands, and they go on as one.
      const last = this.#lastBlock(look, groups[index - 1])
      if (last > group.position) await this.#advance(group, last)
    }
    await this.#flush((run, sinceMs) => this.#isFlushDue(run, sinceMs))
    const last = this.#lastBlock(look, undefined)
    return this.#groups().some(({ position }) => position < last)
  }

  #isOver(): boolean {
    const { until } = this.#options.settings
    return this.#runs.every((run) => {
      const condition = run.condition()
      if (condition === 'stopped') return true
      if (condition === 'failed') return until !== undefined || this.#isFinal(run)
      return until !== undefined && run.position() >= until
    })
  }

  /** Whether the block in which a subgraph failed can no longer be replaced. */
  #isFinal(run: FollowedRun): boolean {
    return run.position() <= this.#finalBlock
  }

  /** Final blocks need no second look: during a backfill the chain is looked at now and then. */
  async #lookNow(): Promise<ChainLook> {
    const { rpc, settings, surroundings, onEvent } = this.#options
    const known = this.#look
    const watched = this.#runs.filter((run) => run.condition() !== 'stopped')
    const isFresh = known !== undefined && surroundings.nowMs() - known.atMs < settings.pollMs
    if (isFresh && watched.every((run) => run.position() < this.#finalBlock)) return known.look
    const heights = watched.flatMap((run) => run.store.lastBlock()?.number ?? [])
    const look = await lookAtChain(rpc, heights)
    for (const run of watched) await this.#keepOnChain(run, look)
    const finalized = look.finalized ?? look.latest.number - settings.finalityDepth
    this.#finalBlock = Math.max(this.#finalBlock, Math.min(finalized, look.latest.number))
    this.#look = { atMs: surroundings.nowMs(), look }
    onEvent({ type: 'looked', latest: look.latest.number, finalized: this.#finalBlock })
    return look
  }

  async #keepOnChain(run: FollowedRun, look: ChainLook): Promise<void> {
    const { rpc, onEvent } = this.#options
    try {
      const standing = await standingOf(rpc, run.store, look, this.#finalBlock)
      if (standing.type !== 'forked') return
      const from = run.position()
      await run.revertTo(standing.ancestor.number)
      this.#feeds.clear()
      onEvent({ type: 'reverted', name: run.name, from, to: standing.ancestor.number })
    } catch (error) {
      if (!(error instanceof FoggaraError) || error.retryable) throw error
      this.#stop(run, error)
    }
  }

  /** Those that can go on now, the most advanced first. */
  #groups(): readonly Group[] {
    const nowMs = this.#options.surroundings.nowMs()
    const ready = this.#runs.filter((run) => {
      const condition = run.condition()
      return condition === 'running' || (condition === 'retrying' && run.retryAtMs() <= nowMs)
    })
    const byPosition = Map.groupBy(ready, (run) => run.position())
    return [...byPosition]
      .map(([position, runs]) => ({ position, runs }))
      .toSorted((a, b) => b.position - a.position)
  }

  #lastBlock({ latest }: ChainLook, ahead: Group | undefined): number {
    const { until = Number.POSITIVE_INFINITY } = this.#options.settings
    return Math.min(latest.number, until, ahead?.position ?? Number.POSITIVE_INFINITY)
  }

  async #advance(group: Group, last: number): Promise<void> {
    const key = keyOf(group)
    const size = this.#sizes.get(key) ?? openRangeSize(this.#options.settings.rangeBlocksMax)
    this.#sizes.set(key, size)
    const stretch = await this.#read(group, last, key, size)
    const interestCount = interestCountOf(group.runs)
    const isWhole = await this.#runStretch(group, stretch, interestCount)
    if (!isWhole) this.#feeds.delete(key)
    if (interestCountOf(group.runs) === interestCount) return
    // Logs of sources that were just created were not asked for; where many are, short ranges waste
    // less.
    this.#feeds.delete(key)
    const passed = Math.max(...group.runs.map((run) => run.position())) - group.position
    size.limit(4 * passed)
  }

  async #read(group: Group, last: number, key: string, size: RangeSize): Promise<Stretch> {
    const { rpc } = this.#options
    const from = group.position + 1
    const needs = group.runs.map((run) => run.needs())
    const lastFinal = Math.min(last, this.#finalBlock)
    if (from > lastFinal) {
      const to = Math.min(last, from + DENSE_BLOCKS_MAX - 1)
      const before = group.runs[0]?.store.lastBlock()
      const parentHash = before?.number === group.position ? before.hash : undefined
      return readDenseStretch(rpc, { from, to }, needs, parentHash)
    }
    let feed = this.#feeds.get(key)
    if (feed?.from() !== from) {
      feed = openStretchFeed(from, size, (range) => readSparseStretch(rpc, range, needs))
      this.#feeds.set(key, feed)
    }
    return feed.next(lastFinal)
  }

  /** False where the stretch ended early for one of the group. */
  async #runStretch(group: Group, stretch: Stretch, interestCount: number): Promise<boolean> {
    const { signal } = this.#options.surroundings
    const gone = new Set<FollowedRun>()
    for await (const block of stretch.blocks()) {
      for (const [index, run] of group.runs.entries()) {
        if (gone.has(run)) continue
        await this.#pause()
        if (signal.aborted) return false
        if (!stretch.isNeeded(index, block.number)) continue
        run.passTo(block.number - 1)
        if (!(await this.#runBlock(run, block))) gone.add(run)
      }
      await this.#flush((_, sinceMs) => this.#isFlushLate(sinceMs))
      if (gone.size === group.runs.length) return false
      if (interestCountOf(group.runs) !== interestCount) {
        this.#pass(group, gone, block.number)
        return false
      }
    }
    this.#pass(group, gone, stretch.to)
    return gone.size === 0
  }

  #pass(group: Group, gone: ReadonlySet<FollowedRun>, blockNumber: number): void {
    for (const run of group.runs) {
      if (gone.has(run)) continue
      run.passTo(blockNumber)
      this.#options.onEvent({ type: 'passed', name: run.name, blockNumber })
    }
  }

  /** False where the subgraph cannot go on to the next block. */
  async #runBlock(run: FollowedRun, block: ChainBlock): Promise<boolean> {
    const { surroundings } = this.#options
    const outcome = await run.runBlock(block, surroundings.nowMs())
    // What was asked of the chain is cut short by a stop: that says nothing about the subgraph.
    if (outcome.type !== 'ran' && outcome.type !== 'failed' && surroundings.signal.aborted) {
      return false
    }
    this.#tell(run, outcome)
    return outcome.type === 'ran'
  }

  #tell(run: FollowedRun, outcome: RunOutcome): void {
    const { onEvent } = this.#options
    const { name } = run
    if (outcome.type === 'retrying' || outcome.type === 'stopped') {
      onEvent({ name, ...outcome })
      return
    }
    const block = run.store.lastBlock()
    if (block !== undefined) onEvent({ type: 'ran', name, block, report: outcome.report })
    if (outcome.type === 'failed') onEvent({ type: 'failed', name, failure: outcome.failure })
  }

  /** Near the head every look ends with what it brought on disk, during a backfill some do. */
  #isFlushDue(run: FollowedRun, sinceMs: number): boolean {
    return run.position() >= this.#finalBlock || this.#isFlushLate(sinceMs)
  }

  #isFlushLate(sinceMs: number): boolean {
    return this.#options.surroundings.nowMs() - sinceMs >= FLUSH_EVERY_MS
  }

  async #flush(isDue: (run: FollowedRun, sinceMs: number) => boolean): Promise<void> {
    for (const run of this.#runs) {
      const sinceMs = run.unflushedSinceMs()
      if (sinceMs === undefined || !isDue(run, sinceMs)) continue
      try {
        await run.flush()
      } catch (error) {
        if (!(error instanceof FoggaraError) || error.retryable) throw error
        this.#stop(run, error)
      }
    }
  }

  #stop(run: FollowedRun, error: FoggaraError): void {
    run.stop(error)
    this.#options.onEvent({ type: 'stopped', name: run.name, error })
  }

  /** What was read ahead for others than those who go on together now is of no use. */
  #dropFeeds(groups: readonly Group[]): void {
    const keys = new Set(groups.map(keyOf))
    for (const key of this.#feeds.keys()) if (!keys.has(key)) this.#feeds.delete(key)
  }

  #forgetReading(error: unknown): void {
    this.#feeds.clear()
    this.#look = undefined
    if (!(error instanceof FoggaraError)) return
    // A failure in words that nobody knows may be a limit too.
    if (error.code !== 'RPC_CALL_FAILED' && error.code !== 'RPC_RANGE_TOO_LARGE') return
    for (const size of this.#sizes.values()) size.shrink()
  }

  async #pause(): Promise<void> {
    const { nowMs } = this.#options.surroundings
    if (nowMs() - this.#pausedMs < PAUSE_EVERY_MS) return
    await setImmediate()
    this.#pausedMs = nowMs()
  }
}

function keyOf({ runs }: Group): string {
  return runs.map(({ name }) => name).join('\n')
}

function interestCountOf(runs: readonly FollowedRun[]): number {
  return runs.reduce((count, run) => count + run.interestCount(), 0)
}
