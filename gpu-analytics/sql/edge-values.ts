import type { FlowProblem } from '../engine.ts'
import { at } from '../graph/at.ts'
import type { Csr } from '../graph/csr.ts'

/** Per edge the node it points to. */
export function targetsOf({ nodeCount, inOffsets, sources }: Csr): Uint32Array {
  const targets = new Uint32Array(sources.length)
  for (let node = 0; node < nodeCount; node++) {
    targets.fill(node, at(inOffsets, node), at(inOffsets, node + 1))
  }
  return targets
}

/** What went along each edge: its fingers times what its source gave per finger in all. */
export function edgeTotalsOf({ graph, fingers }: FlowProblem, perFinger: readonly bigint[]) {
  return fingers.map((count, edge) => count * at(perFinger, at(graph.sources, edge)))
}
