import type { Graph } from './graph/build-graph.ts'

/** One personalised PageRank to compute in fixed point; `docs/attribution.md` defines every bit. */
export type RankProblem = {
  readonly graph: Graph
  /** `weighted` passes in proportion to the weights, `equal` the same to every out-edge. */
  readonly edgeWeights: 'weighted' | 'equal'
  /** Per node, the part it passes on, as u32 / 2^32. */
  readonly passThroughQ32: Uint32Array
  /** Per node, in score units, at most 2^62 in all; `uniform` gives all nodes the same. */
  readonly teleport: BigUint64Array | 'uniform'
  readonly start: 'teleport' | 'uniform'
  readonly stop: RankStop
}

/** Never "until unchanged": the iteration may end in a cycle. */
export type RankStop =
  | { readonly type: 'count'; readonly iterationCount: number }
  | {
      /** The first iteration whose L1 step is at most `deltaMax` score units. */
      readonly type: 'delta'
      readonly deltaMax: bigint
      readonly iterationCountMax: number
    }

export type RankResult = {
  /** Per node of the graph. Unit: score units; with `dust` they sum to 2^62. */
  readonly scores: BigUint64Array
  /** What the floors left behind; it stays in the pool. */
  readonly dust: bigint
  readonly iterationCount: number
  /** `Σ |score' - score|` of the last iteration: how far it had settled. */
  readonly delta: bigint
}

/** An absorbing flow: each node keeps some of what reaches it and passes the rest along its edges. */
export type FlowProblem = {
  /** The weights are the fingers of the out-edges. */
  readonly graph: Graph
  /** Per node, what enters from outside. */
  readonly inflow: readonly bigint[]
  /** Per node, the fingers that it keeps. */
  readonly keepFingers: readonly bigint[]
  readonly stepCountMax: number
}

export type FlowResult = {
  /** Per node; they sum to the inflow, to the last unit. */
  readonly kept: readonly bigint[]
  /** Per edge of the graph, what went along it in all steps together. */
  readonly edgeTotals: readonly bigint[]
  readonly stepCount: number
  /** The part of `kept` that was still in flight when `stepCountMax` was reached. */
  readonly stopped: bigint
}

/** Something that computes rank and flow. Every engine gives the same bits. */
export type RankEngine = {
  readonly name: string
  readonly rank: (problem: RankProblem) => RankResult
  readonly flow: (problem: FlowProblem) => FlowResult
}
