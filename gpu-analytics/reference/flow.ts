import { divFloor, invariant, sum } from '@foggara/schema'

import { checkFlowProblem } from '../check-problem.ts'
import type { FlowProblem, FlowResult } from '../engine.ts'
import { at } from '../graph/at.ts'
import { outWeights } from '../graph/build-graph.ts'

/**
 * The definition of `flow`: each node divides what reaches it finger by finger, keeps its own fingers
 * and what does not divide, and passes the rest along its edges, until nothing moves.
 *
 * @throws {RankProblemError} when a vector has the wrong length or a negative value.
 */
export function flowReference(problem: FlowProblem): FlowResult {
  checkFlowProblem(problem)
  const { graph } = problem
  const passFingers = outWeights(graph)
  const total = sum(problem.inflow)
  const kept = graph.ids.map(() => 0n)
  const edgeTotals = graph.weights.map(() => 0n)
  let inFlight = [...problem.inflow]
  let stepCount = 0
  while (stepCount < problem.stepCountMax && sum(inFlight) > 0n) {
    const perFinger = inFlight.map((amount, node) => {
      const fingers = at(problem.keepFingers, node) + at(passFingers, node)
      return fingers === 0n ? 0n : divFloor(amount, fingers)
    })
    for (const [node, amount] of inFlight.entries()) {
      kept[node] = at(kept, node) + amount - at(perFinger, node) * at(passFingers, node)
    }
    const arrived = graph.ids.map(() => 0n)
    for (const [edge, fingers] of graph.weights.entries()) {
      const moved = at(perFinger, at(graph.sources, edge)) * fingers
      const target = at(graph.targets, edge)
      arrived[target] = at(arrived, target) + moved
      edgeTotals[edge] = at(edgeTotals, edge) + moved
    }
    inFlight = arrived
    stepCount++
    invariant(sum(kept) + sum(inFlight) === total, 'expected the flow to conserve its inflow')
  }
  const stopped = sum(inFlight)
  const settled = kept.map((amount, node) => amount + at(inFlight, node))
  invariant(sum(settled) === total, 'expected everything that entered to be kept somewhere')
  return { kept: settled, edgeTotals, stepCount, stopped }
}
