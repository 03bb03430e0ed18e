import type { FlowProblem } from '../engine.ts'
import { passFingersOf } from '../reference/pass-fingers.ts'
import { type ByDegree, pick } from './by-degree.ts'
import type { SqlColumn } from './sql-session.ts'

/** What a flow needs to know of each node, by place. */
export function flowNodeColumns(problem: FlowProblem, { nodes }: ByDegree): readonly SqlColumn[] {
  const nodeCount = problem.graph.nodeCount
  return [
    { name: 'place', values: Uint32Array.from({ length: nodeCount }, (_, place) => place) },
    { name: 'inflow', values: pick(problem.inflow, nodes) },
    { name: 'keep_fingers', values: pick(problem.keepFingers, nodes) },
    { name: 'pass_fingers', values: pick(passFingersOf(problem), nodes) },
  ]
}
