import type { Csr } from './csr.ts'
import type { NormalisedWeights } from './normalise-weights.ts'

/** A graph as numbers with what it was built from, so that later rows can be merged into it. */
export type EdgeTable = {
  readonly graph: Csr
  /** `equal` when the rows had no weights. */
  readonly weights: NormalisedWeights | 'equal'
  /** Per edge the sum of its rows, two limbs, the low one first; only for weighted rows. */
  readonly edgeWeights?: BigUint64Array
  /** Per node the total and the largest of the weights that leave it, two limbs each. */
  readonly sourceTotals?: BigUint64Array
  /** Rows that were added to another row of the same pair. */
  readonly mergedRowCount: number
  readonly selfLoopCount: number
  /** Rows of weight 0: no edge, though their nodes exist. */
  readonly zeroWeightRowCount: number
}

/** What a build reports and listens to while it runs. */
export type BuildOptions = {
  /** Stops the build between two buckets of edges. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: BuildProgress) => void
}

/** How far a build is: rows are sorted first, then the weights of edges are normalised. */
export type BuildProgress = {
  readonly phase: 'sort' | 'normalise'
  readonly count: number
  readonly countMax: number
}
