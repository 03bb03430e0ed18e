import { divFloor, invariant, sum } from '@foggara/schema'

import { checkFlowProblem } from '../check-problem.ts'
import type { FlowProblem, FlowResult, RunOptions } from '../engine.ts'
import { at } from '../graph/at.ts'
import { checkNotAborted } from '../run-aborted.ts'
import { passFingersOf } from './pass-fingers.ts'

/**
 * The definition of `flow`: each node divides what reaches it finger by finger, keeps its own fingers
 * and what does not divide, and passes the rest along its edges, until nothing moves.
 *
 * @throws {RankProblemError} when a vector has the wrong length or a negative value.
 */
export function flowReference(problem: FlowProblem, options: RunOptions = {}): FlowResult {
  checkFlowProblem(problem)
  const { graph, stepCountMax } = problem
  const passFingers = passFingersOf(problem)
  const total = sum(problem.inflow)
  const kept = problem.inflow.map(() => 0n)
  const edgeTotals = problem.fingers.map(() => 0n)
  let inFlight = [...problem.inflow]
  let stepCount = 0
  while (stepCount < stepCountMax && sum(inFlight) > 0n) {
    checkNotAborted(options.signal, `${stepCount} steps`)
    const perFinger = inFlight.map((amount, node) => {
      const fingers = at(problem.keepFingers, node) + at(passFingers, node)
      return fingers === 0n ? 0n : divFloor(amount, fingers)
    })
    for (const [node, amount] of inFlight.entries()) {
      kept[node] = at(kept, node) + amount - at(perFinger, node) * at(passFingers, node)
    }
    inFlight = inFlight.map((_, node) => {
      let arrived = 0n
      for (let edge = at(graph.inOffsets, node); edge < at(graph.inOffsets, node + 1); edge++) {
        const moved = at(perFinger, at(graph.sources, edge)) * at(problem.fingers, edge)
        edgeTotals[edge] = at(edgeTotals, edge) + moved
        arrived += moved
      }
      return arrived
    })
    stepCount++
    invariant(sum(kept) + sum(inFlight) === total, 'expected the flow to conserve its inflow')
    options.onProgress?.({ count: stepCount, countMax: stepCountMax, edgeCount: edgeTotals.length })
  }
  const stopped = sum(inFlight)
  const settled = kept.map((amount, node) => amount + at(inFlight, node))
  invariant(sum(settled) === total, 'expected everything that entered to be kept somewhere')
  const execution = { engine: 'reference', notes: [] } as const
  return { kept: settled, edgeTotals, stepCount, stopped, execution }
}
