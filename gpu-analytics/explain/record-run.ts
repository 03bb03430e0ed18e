import { FatalError } from '@foggara/schema'

import type { FlowProblem, FlowResult, RankProblem, RankResult, RunOptions } from '../engine.ts'
import type { FlowStep } from '../reference/flow-step.ts'
import { flowInSteps } from '../reference/flow.ts'
import { inTurns } from '../reference/in-turns.ts'
import { type RankStep, startScores } from '../reference/rank-step.ts'
import { rankInSteps } from '../reference/rank.ts'

/** Amounts that one record may hold; enough for 60 iterations over 50 000 edges. */
export const RECORDED_AMOUNT_COUNT_MAX = 4_000_000

/** A step of a tiny graph costs as much as one of so many amounts. */
const STEP_COST_MIN = 100

export type RecordOptions = RunOptions & {
  /** Keep only the last so many iterations or steps; the default keeps as many as fit. */
  readonly recordedCountMax?: number
}

/** A rank, and what went along each edge in its last iterations. */
export type RankRecord = {
  readonly type: 'rank'
  readonly problem: RankProblem
  readonly result: RankResult
  /** The scores before the first recorded iteration. */
  readonly before: readonly bigint[]
  /** Oldest first; the last gives the result. */
  readonly steps: readonly RankStep[]
}

/** A flow, and what went along each edge in its last steps. */
export type FlowRecord = {
  readonly type: 'flow'
  readonly problem: FlowProblem
  readonly result: FlowResult
  /** What was in flight before the first recorded step. */
  readonly before: readonly bigint[]
  /** Oldest first. When every step is recorded, each edge's amounts sum to its `edgeTotals`. */
  readonly steps: readonly FlowStep[]
}

/**
 * Computes a rank and keeps what went along each edge in every iteration. For graphs of up to some
 * 100 000 edges: it runs on the reference, whose bits are those of every engine.
 *
 * @throws {RankProblemError | RunAbortedError}
 * @throws {RecordTooLargeError} when not even one iteration fits.
 */
export async function recordRank(
  problem: RankProblem,
  options: RecordOptions = {},
): Promise<RankRecord> {
  const { nodeCount, sources } = problem.graph
  const recorder = recorderOf<RankStep>(sources.length + 2 * nodeCount, options)
  const result = await inTurns(sources.length, rankInSteps(problem, options), recorder.add)
  const { steps, dropped } = recorder.end()
  return { type: 'rank', problem, result, steps, before: dropped?.scores ?? startScores(problem) }
}

/**
 * Computes a flow and keeps what went along each edge in every step. For graphs of up to some
 * 100 000 edges: it runs on the reference, whose amounts are those of every engine.
 *
 * @throws {RankProblemError | RunAbortedError}
 * @throws {RecordTooLargeError} when not even one step fits.
 */
export async function recordFlow(
  problem: FlowProblem,
  options: RecordOptions = {},
): Promise<FlowRecord> {
  const { nodeCount, sources } = problem.graph
  const recorder = recorderOf<FlowStep>(sources.length + 2 * nodeCount, options)
  const result = await inTurns(sources.length, flowInSteps(problem, options), recorder.add)
  const { steps, dropped } = recorder.end()
  return { type: 'flow', problem, result, steps, before: dropped?.inFlight ?? problem.inflow }
}

/** Whether the record goes back to the start, so that nothing happened before it. */
export function isWhole(record: RankRecord | FlowRecord): boolean {
  const { result } = record
  const count = 'iterationCount' in result ? result.iterationCount : result.stepCount
  return record.steps.length === count
}

/** Keeps the last steps; the one before them says where they begin. */
function recorderOf<Step>(amountsPerStep: number, { recordedCountMax }: RecordOptions) {
  const fitting = Math.floor(RECORDED_AMOUNT_COUNT_MAX / Math.max(STEP_COST_MIN, amountsPerStep))
  if (fitting === 0) throw new RecordTooLargeError(amountsPerStep)
  const countMax = Math.min(fitting, recordedCountMax ?? fitting)
  const steps: Step[] = []
  let dropped: Step | undefined
  const trim = () => {
    if (steps.length > countMax) dropped = steps.splice(0, steps.length - countMax).at(-1)
  }
  return {
    add: (step: Step) => {
      steps.push(step)
      if (steps.length > countMax * 1.25) trim()
    },
    end: () => {
      trim()
      return { steps, dropped }
    },
  }
}

/** A graph is too large for recording even one step. */
export class RecordTooLargeError extends FatalError {
  constructor(found: number) {
    super(
      'RECORD_TOO_LARGE',
      `expected at most ${RECORDED_AMOUNT_COUNT_MAX} amounts a step, found ${found}`,
      { hint: 'Explain a part of the graph: the node and those from which paths lead to it.' },
    )
  }
}
