import type { Execution } from '@foggara/gpu-analytics'
import { FoggaraError } from '@foggara/schema'

import { notesOf, shapeOf } from '../engine/watch-engine.ts'
import { type CloserOptions, closeNextEpoch } from './close-epochs.ts'
import { type EpochRoots, type RootAct } from './epoch-roots.ts'

/** What the scorer does over and over. */
export type ScorerOptions = CloserOptions & {
  readonly roots: EpochRoots
  readonly log: (line: string) => void
  readonly nowMs: () => number
  readonly sleep: (durationMs: number) => Promise<void>
  readonly stopped: AbortSignal
}

/** Something wrong that a person must look at; empty when nothing is. */
export type Scorer = {
  readonly run: () => Promise<void>
  /** Does everything that can be done now; true when there was something. */
  readonly step: () => Promise<boolean>
  readonly problems: () => readonly string[]
  readonly reading: () => EpochReading
}

/** What a scorer did since it started. */
export type EpochReading = {
  /** The epoch that was closed last; undefined before the first. */
  readonly epoch: number | undefined
  readonly closed: number
  /** From the snapshots to the stored scores. */
  readonly scoringMs: number
  readonly problems: number
}

const POLL_MS = 1_000
const FAILURE_MS_MAX = 5_000

/** Closes epochs and looks after their roots until it is stopped. */
export function createScorer(options: ScorerOptions): Scorer {
  const { log, roots, stopped, nowMs, sleep } = options
  let problem: string | undefined
  let engineLine = ''
  let done: Omit<EpochReading, 'problems'> = { epoch: undefined, closed: 0, scoringMs: 0 }

  const close = async (): Promise<boolean> => {
    const startMs = nowMs()
    const closed = await closeNextEpoch(options, await roots.finalizedBlock())
    if (closed === undefined) return false
    const { snapshot, result, executions } = closed
    done = {
      epoch: result.epoch,
      closed: done.closed + 1,
      scoringMs: done.scoringMs + nowMs() - startMs,
    }
    const found = executionLine(executions)
    if (shapeOf(found) !== shapeOf(engineLine)) log(found)
    engineLine = found
    const payees = result.allocations.filter(({ paid }) => paid > 0n).length
    log(
      `epoch ${result.epoch} closed at block ${snapshot.cutoffBlock}: ${snapshot.receipts.length} receipts, budget ${snapshot.budget}, ${payees} paid, root ${result.root} (${nowMs() - startMs} ms)`,
    )
    return true
  }
  const look = async (): Promise<boolean> => {
    const act = await roots.step()
    if (act !== undefined) log(actLine(act))
    return act !== undefined
  }
  const step = async (): Promise<boolean> => {
    const hasClosed = await close()
    const hasActed = await look()
    return hasClosed || hasActed
  }
  const run = async (): Promise<void> => {
    let failureMs = POLL_MS
    while (!stopped.aborted) {
      try {
        const hasMore = await step()
        problem = undefined
        failureMs = POLL_MS
        if (!hasMore) await sleep(POLL_MS)
      } catch (error) {
        if (stopped.aborted) return
        if (!(error instanceof FoggaraError)) throw error
        const line = `${error.code} ${error.message}`
        const isWaiting = error.code === 'BLOCK_NOT_INDEXED'
        if (line !== problem && !isWaiting) log(line)
        problem = isWaiting ? undefined : line
        await sleep(failureMs)
        failureMs = isWaiting ? POLL_MS : Math.min(2 * failureMs, FAILURE_MS_MAX)
      }
    }
  }
  return {
    run,
    step,
    problems: () => (problem === undefined ? [] : [problem]),
    reading: () => ({ ...done, problems: problem === undefined ? 0 : 1 }),
  }
}

/** Which engine computed, and what it says about why. */
function executionLine(executions: readonly Execution[]): string {
  const names = new Set(executions.map(({ engine }) => engine))
  return [`computed by ${[...names].join(' and ')}.`, ...notesOf(executions)].join(' ')
}

function actLine({ type, epoch, transactionHash }: RootAct): string {
  return `epoch ${epoch} root ${type} in ${transactionHash}`
}
