/**
 * A run of rows of a graph that is too large to hold: some edges, grouped by the node they point to
 * and ascending by it. All slabs of a graph, one after the other, are its edges.
 *
 * A row that is longer than a slab may be cut: then the next slab starts with the same row, and what
 * both hold is summed.
 */
export type EdgeSlab = {
  /** The node that the first row of the slab points to; the rows after it follow without a gap. */
  readonly firstRow: number
  /** Of row `firstRow + i`, the edges from `inOffsets[i]` up to `inOffsets[i + 1]` of this slab. */
  readonly inOffsets: Uint32Array
  /** Per edge the node it comes from. */
  readonly sources: Uint32Array
  /** Per edge, as in `NormalisedWeights`; only for weighted graphs. */
  readonly mantissas?: Uint32Array
}

/**
 * Reads all slabs of a graph from the first row on; called once per iteration. The arrays of a slab
 * may be used again when the slab after the next is asked for.
 */
export type EdgeSlabs = () => AsyncIterable<EdgeSlab>
