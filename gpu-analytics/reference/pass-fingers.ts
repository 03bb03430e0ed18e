import type { FlowProblem } from '../engine.ts'
import { at } from '../graph/at.ts'

/** Per node, the fingers that reach along its edges. */
export function passFingersOf({ graph, fingers }: FlowProblem): bigint[] {
  const totals = Array.from({ length: graph.nodeCount }, () => 0n)
  for (const [edge, count] of fingers.entries()) {
    const source = at(graph.sources, edge)
    totals[source] = at(totals, source) + count
  }
  return totals
}
