import { divFloor } from '@foggara/schema'

import type { FlowProblem } from '../engine.ts'
import { at } from '../graph/at.ts'

/** What one step of a flow does, to the last unit. */
export type FlowStep = {
  /** Per edge of the graph, what went along it. */
  readonly edgeAmounts: readonly bigint[]
  /** Per node, what it kept of what had reached it. */
  readonly kept: readonly bigint[]
  /** Per node, what is there after the step. */
  readonly inFlight: readonly bigint[]
}

/** One step, as `docs/attribution.md` defines it; `passFingers` are those of `passFingersOf`. */
export function flowStep(
  problem: FlowProblem,
  passFingers: readonly bigint[],
  inFlight: readonly bigint[],
): FlowStep {
  const { graph } = problem
  const perFinger = inFlight.map((amount, node) => {
    const fingers = at(problem.keepFingers, node) + at(passFingers, node)
    return fingers === 0n ? 0n : divFloor(amount, fingers)
  })
  const kept = inFlight.map((amount, node) => amount - at(perFinger, node) * at(passFingers, node))
  const edgeAmounts = Array.from(
    graph.sources,
    (source, edge) => at(perFinger, source) * at(problem.fingers, edge),
  )
  const next = inFlight.map((_, node) => {
    let arrived = 0n
    for (let edge = at(graph.inOffsets, node); edge < at(graph.inOffsets, node + 1); edge++) {
      arrived += at(edgeAmounts, edge)
    }
    return arrived
  })
  return { edgeAmounts, kept, inFlight: next }
}
