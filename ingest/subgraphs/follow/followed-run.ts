import type { FoggaraError } from '@foggara/schema'

import type { ChainBlock } from '../chain-source.ts'
import type { EntityStore, SubgraphFailure } from '../entity-cache/entity-store.ts'
import type { Subgraph } from '../manifest/manifest.ts'
import type { BlockReport, SubgraphRunner } from '../subgraph-runner.ts'
import { type AttemptOutcome, openAttempts } from './attempts.ts'
import type { BlockNeeds } from './stretch.ts'

/** A subgraph to follow a chain with. */
export type FollowedSubgraph = {
  /** What it is called in events. */
  readonly name: string
  readonly subgraph: Subgraph
  readonly store: FollowedStore
  /** Opened over the same store. */
  readonly runner: SubgraphRunner
}

/** A store that may write many blocks at a time. */
export type FollowedStore = EntityStore & {
  /** Makes every block that was committed visible and durable. */
  flush?(): Promise<void>
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
  | AttemptOutcome

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
  /** Since when there are blocks that a crash would undo; undefined where there are none. */
  unflushedSinceMs(): number | undefined
  flush(): Promise<void>
}

/** Takes up a subgraph where its store stands. */
export function openFollowedRun(followed: FollowedSubgraph, attemptsMax: number): FollowedRun {
  const { subgraph, store, runner } = followed
  const firstBlock = Math.min(...subgraph.sources.map(({ startBlock }) => startBlock))
  const attempts = openAttempts(attemptsMax)
  let position = store.lastBlock()?.number ?? firstBlock - 1
  let unflushedSinceMs: number | undefined
  const succeed = (blockNumber: number) => {
    position = blockNumber
    attempts.clear()
  }
  return {
    ...followed,
    firstBlock,
    position: () => position,
    passTo: (blockNumber) => {
      position = Math.max(position, blockNumber)
    },
    condition: () => {
      if (attempts.isOver()) return 'stopped'
      if (runner.hasFailed()) return 'failed'
      return attempts.error() === undefined ? 'running' : 'retrying'
    },
    error: attempts.error,
    needs: () => ({
      subgraph,
      interests: runner.interests(),
      handlesBlock: (blockNumber) => runner.handlesBlock(blockNumber),
    }),
    interestCount: () => runner.interests().length,
    runBlock: async (block, nowMs) => {
      let report: BlockReport
      try {
        report = await runner.runBlock(block)
      } catch (cause) {
        return attempts.meet(cause, nowMs)
      }
      succeed(block.number)
      unflushedSinceMs ??= nowMs
      const [failure] = report.failures
      if (!report.hasFailed || failure === undefined) return { type: 'ran', report }
      return { type: 'failed', report, failure }
    },
    revertTo: async (blockNumber) => {
      await runner.revertTo(blockNumber)
      succeed(blockNumber)
    },
    stop: attempts.stop,
    retryAtMs: attempts.retryAtMs,
    unflushedSinceMs: () => unflushedSinceMs,
    flush: async () => {
      await store.flush?.()
      unflushedSinceMs = undefined
    },
  }
}
