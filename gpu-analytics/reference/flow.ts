import { invariant, sum } from '@foggara/schema'

import { checkFlowProblem } from '../check-problem.ts'
import type { FlowProblem, FlowResult, RunOptions } from '../engine.ts'
import { at } from '../graph/at.ts'
import { checkNotAborted } from '../run-aborted.ts'
import { type FlowStep, flowStep } from './flow-step.ts'
import { passFingersOf } from './pass-fingers.ts'

/**
 * The definition of `flow`: each node divides what reaches it finger by finger, keeps its own fingers
 * and what does not divide, and passes the rest along its edges, until nothing moves.
 *
 * @throws {RankProblemError} when a vector has the wrong length or a negative value.
 */
export function flowReference(problem: FlowProblem, options: RunOptions = {}): FlowResult {
  const run = flowInSteps(problem, options)
  for (;;) {
    const next = run.next()
    if (next.done === true) return next.value
  }
}

/** The same, yielding to whoever records or interrupts it after every step. */
export function* flowInSteps(
  problem: FlowProblem,
  options: RunOptions = {},
): Generator<FlowStep, FlowResult> {
  checkFlowProblem(problem)
  const { stepCountMax } = problem
  const passFingers = passFingersOf(problem)
  const total = sum(problem.inflow)
  const kept = problem.inflow.map(() => 0n)
  const edgeTotals = problem.fingers.map(() => 0n)
  let inFlight: readonly bigint[] = problem.inflow
  let stepCount = 0
  while (stepCount < stepCountMax && sum(inFlight) > 0n) {
    checkNotAborted(options.signal, `${stepCount} steps`)
    const step = flowStep(problem, passFingers, inFlight)
    for (const [node, amount] of step.kept.entries()) kept[node] = at(kept, node) + amount
    for (const [edge, amount] of step.edgeAmounts.entries()) {
      edgeTotals[edge] = at(edgeTotals, edge) + amount
    }
    inFlight = step.inFlight
    stepCount++
    invariant(sum(kept) + sum(inFlight) === total, 'expected the flow to conserve its inflow')
    yield step
    options.onProgress?.({ count: stepCount, countMax: stepCountMax, edgeCount: edgeTotals.length })
  }
  const stopped = sum(inFlight)
  const settled = kept.map((amount, node) => amount + at(inFlight, node))
  invariant(sum(settled) === total, 'expected everything that entered to be kept somewhere')
  const execution = { engine: 'reference', notes: [] } as const
  return { kept: settled, edgeTotals, stepCount, stopped, execution }
}
