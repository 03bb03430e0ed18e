/**
 * A directed graph as engines see it: nodes are numbers, edges lie grouped by the node they point to
 * (compressed sparse rows). Which number a node has changes no result.
 */
export type Csr = {
  readonly nodeCount: number
  /** The edges into node v are those from `inOffsets[v]` up to `inOffsets[v + 1]`. */
  readonly inOffsets: Uint32Array
  /** Per edge the node it comes from; ascending within a row, no source twice. */
  readonly sources: Uint32Array
  readonly outDegrees: Uint32Array
}
