import type { Csr } from './graph/csr.ts'
import type { NormalisedWeights } from './graph/normalise-weights.ts'

/** One personalised PageRank to compute in fixed point; `docs/attribution.md` defines every bit. */
export type RankProblem = {
  readonly graph: Csr
  /** A node passes in proportion to its weights, or with `equal` the same to every out-edge. */
  readonly weights: NormalisedWeights | 'equal'
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
  readonly execution: Execution
}

/** An absorbing flow: each node keeps some of what reaches it and passes the rest along its edges. */
export type FlowProblem = {
  readonly graph: Csr
  /** Per edge of the graph, the fingers of its source that reach along it. */
  readonly fingers: readonly bigint[]
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
  readonly execution: Execution
}

export type EngineName = 'reference' | 'wasm' | 'webgpu' | 'clickhouse' | 'duckdb'

/** Who computed a result, and what a reader should know about how; no bit of the result depends on it. */
export type Execution = {
  readonly engine: EngineName
  /** One sentence each: what was chosen and why, or what failed and was done another way. */
  readonly notes: readonly string[]
}

export type RunProgress = {
  /** Iterations or steps done, of at most `countMax`. */
  readonly count: number
  readonly countMax: number
  /** Edges that one iteration or step goes over. */
  readonly edgeCount: number
}

export type RunOptions = {
  /** Stops the run between two iterations, or sooner. */
  readonly signal?: AbortSignal
  /** Called at most once an iteration; engines that run many iterations at a time call it less often. */
  readonly onProgress?: (progress: RunProgress) => void
}

/**
 * Something that computes rank and flow. Every engine gives the same bits.
 *
 * Both raise RankProblemError for vectors that do not fit, and RunAbortedError when the signal says so.
 */
export type RankEngine = {
  readonly name: EngineName
  readonly rank: (problem: RankProblem, options?: RunOptions) => Promise<RankResult>
  readonly flow: (problem: FlowProblem, options?: RunOptions) => Promise<FlowResult>
}
