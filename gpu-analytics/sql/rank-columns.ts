import type { RankProblem } from '../engine.ts'
import { type ByDegree, pick } from './by-degree.ts'
import type { SqlColumn } from './sql-session.ts'

/** What a rank needs to know of each node, by place. */
export function rankNodeColumns(problem: RankProblem, { nodes }: ByDegree): readonly SqlColumn[] {
  const { graph, weights, teleport, passThroughQ32 } = problem
  const nodeCount = graph.nodeCount
  return [
    { name: 'place', values: Uint32Array.from({ length: nodeCount }, (_, place) => place) },
    { name: 'out_degree', values: pick(graph.outDegrees, nodes) },
    {
      name: 'shift',
      values: weights === 'equal' ? new Uint8Array(nodeCount) : pick(weights.shifts, nodes),
    },
    { name: 'pass_q32', values: pick(passThroughQ32, nodes) },
    {
      name: 'teleport',
      values: teleport === 'uniform' ? new BigUint64Array(nodeCount) : pick(teleport, nodes),
    },
  ]
}

/** The start vector is the teleport vector itself. */
export function startsFromTeleport({ start, teleport }: RankProblem): boolean {
  return start === 'teleport' && teleport !== 'uniform'
}
