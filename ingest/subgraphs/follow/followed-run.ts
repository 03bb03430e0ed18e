import { FoggaraError } from '@foggara/schema'

import type { ChainBlock } from '../chain-source.ts'
import type { EntityStore, SubgraphFailure } from '../entity-cache/entity-store.ts'
import type { Subgraph } from '../manifest/manifest.ts'
import type { BlockReport, SubgraphRunner } from '../subgraph-runner.ts'
import type { BlockNeeds } from './stretch.ts'

/** A subgraph to follow a chain with. */
export type FollowedSubgraph = {
  /** What it is called in events. */
  readonly name: string
  readonly subgraph: Subgraph
  readonly store: EntityStore
  /** Opened over the same store. */
  readonly runner: SubgraphRunner
  /** The length of the shortest bucket of time that a block may close; undefined for none. */
  readonly bucketSeconds?: number | undefined
}

/**
 * How a followed subgraph is: `failed` means that a handler failed for good, `stopped` that
 * something else did that repeating cannot mend.
 */
export type RunCondition = 'running' | 'retrying' | 'failed' | 'stopped'

/** What a block did to a subgraph. */
export type RunOutcome =
  | { readonly type: 'ran'; readonly report: BlockReport }
  | { readonly type: 'failed'; readonly report: BlockReport; readonly failure: SubgraphFailure }
  | { readonly type: 'retrying'; readonly error: FoggaraError; readonly waitMs: number }
  | { readonly type: 'stopped'; readonly error: FoggaraError }

/** A subgraph on its way. */
export type FollowedRun = FollowedSubgraph & {
  readonly firstBlock: number
  /** Up to here everything ran or had nothing to run. */
  position(): number
  /** Says that everything up to a block ran or had nothing to run. */
  passTo(blockNumber: number): void
  condition(): RunCondition
  /** Why it is not running, if it is not. */
  error(): FoggaraError | undefined
  needs(): BlockNeeds
  /** Grows when handlers create data sources: with each, more logs are wanted. */
  interestCount(): number
  runBlock(block: ChainBlock, nowMs: number): Promise<RunOutcome>
  revertTo(blockNumber: number): Promise<void>
  /** Ends it: repeating cannot mend what happened. */
  stop(error: FoggaraError): void
  /** When it may be tried again; 0 for at once. */
  retryAtMs(): number
}

const RETRY_MS_MIN = 250
const RETRY_MS_MAX = 60_000

/** Takes up a subgraph where its store stands. */
export function openFollowedRun(followed: FollowedSubgraph, attemptsMax: number): FollowedRun {
  const { subgraph, store, runner, bucketSeconds } = followed
  const firstBlock = Math.min(...subgraph.sources.map(({ startBlock }) => startBlock))
  let position = store.lastBlock()?.number ?? firstBlock - 1
  let error: FoggaraError | undefined
  let isStopped = false
  let attemptCount = 0
  let retryAtMs = 0
  const meet = (cause: unknown, nowMs: number): RunOutcome => {
    if (!(cause instanceof FoggaraError)) throw cause
    error = cause
    attemptCount += 1
    if (!cause.retryable || attemptCount >= attemptsMax) {
      isStopped = true
      return { type: 'stopped', error: cause }
    }
    const waitMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (attemptCount - 1))
    retryAtMs = nowMs + waitMs
    return { type: 'retrying', error: cause, waitMs }
  }
  const succeed = (blockNumber: number) => {
    position = blockNumber
    error = undefined
    attemptCount = 0
    retryAtMs = 0
  }
  return {
    ...followed,
    firstBlock,
    position: () => position,
    passTo: (blockNumber) => {
      position = Math.max(position, blockNumber)
    },
    condition: () => {
      if (isStopped) return 'stopped'
      if (runner.hasFailed()) return 'failed'
      return error === undefined ? 'running' : 'retrying'
    },
    error: () => error,
    needs: () => ({
      subgraph,
      interests: runner.interests(),
      handlesBlock: (blockNumber) => runner.handlesBlock(blockNumber),
      bucketSeconds,
    }),
    interestCount: () => runner.interests().length,
    runBlock: async (block, nowMs) => {
      let report: BlockReport
      try {
        report = await runner.runBlock(block)
      } catch (cause) {
        return meet(cause, nowMs)
      }
      succeed(block.number)
      const [failure] = report.failures
      if (!report.hasFailed || failure === undefined) return { type: 'ran', report }
      return { type: 'failed', report, failure }
    },
    revertTo: async (blockNumber) => {
      await runner.revertTo(blockNumber)
      succeed(blockNumber)
    },
    stop: (cause) => {
      error = cause
      isStopped = true
    },
    retryAtMs: () => retryAtMs,
  }
}
