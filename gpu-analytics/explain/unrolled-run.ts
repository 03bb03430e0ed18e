import { at } from '../graph/at.ts'
import type { Csr } from '../graph/csr.ts'
import { type FlowRecord, type RankRecord, isWhole } from './record-run.ts'

/** Where a path begins: how its amount came to its first node. */
export type PathOrigin =
  /** Flow: it entered there from outside. */
  | 'inflow'
  /** Rank: the teleport gave it. */
  | 'teleport'
  /** Rank: the node had it before the first iteration. */
  | 'start'
  /** It was there before the first recorded step. */
  | 'earlier'

/**
 * A recorded run laid out in time: a node after a step has what came along its edges in that step and
 * what entered there, exactly.
 */
export type UnrolledRun = {
  readonly graph: Csr
  /** What there is to explain of a node. */
  readonly totalOf: (node: number) => bigint
  /** The parts of the total: so much was left at the node after so many recorded steps. */
  readonly partsOf: (node: number) => readonly { readonly step: number; readonly amount: bigint }[]
  /** What a node has after a step. */
  readonly wholeOf: (step: number, node: number) => bigint
  /** How much of it entered there, rather than came along an edge. */
  readonly enteredOf: (step: number, node: number) => bigint
  readonly originOf: (step: number) => PathOrigin
  /** What came along an edge in a step; steps count from 1. */
  readonly alongOf: (step: number, edge: number) => bigint
}

/** Lays a record out in time. */
export function unroll(record: RankRecord | FlowRecord): UnrolledRun {
  return record.type === 'rank' ? unrollRank(record) : unrollFlow(record)
}

function unrollRank(record: RankRecord): UnrolledRun {
  const { problem, result, before, steps } = record
  const wholeOf = (step: number, node: number) =>
    at(step === 0 ? before : at(steps, step - 1).scores, node)
  return {
    graph: problem.graph,
    totalOf: (node) => at(result.scores, node),
    partsOf: (node) => [{ step: steps.length, amount: at(result.scores, node) }],
    wholeOf,
    enteredOf: (step, node) =>
      step === 0 ? wholeOf(0, node) : at(at(steps, step - 1).shares, node),
    originOf: (step) => (step > 0 ? 'teleport' : isWhole(record) ? 'start' : 'earlier'),
    alongOf: (step, edge) => at(at(steps, step - 1).edgeAmounts, edge),
  }
}

function unrollFlow(record: FlowRecord): UnrolledRun {
  const { problem, result, before, steps } = record
  const wholeOf = (step: number, node: number) =>
    at(step === 0 ? before : at(steps, step - 1).inFlight, node)
  return {
    graph: problem.graph,
    totalOf: (node) => at(result.kept, node),
    partsOf: (node) => [
      ...steps.map(({ kept }, step) => ({ step, amount: at(kept, node) })),
      { step: steps.length, amount: wholeOf(steps.length, node) },
    ],
    wholeOf,
    enteredOf: (step, node) => (step === 0 ? wholeOf(0, node) : 0n),
    originOf: () => (isWhole(record) ? 'inflow' : 'earlier'),
    alongOf: (step, edge) => at(at(steps, step - 1).edgeAmounts, edge),
  }
}
