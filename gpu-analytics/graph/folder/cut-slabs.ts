/** A slab to be: its offsets, relative to its first edge. */
export type SlabCut = { readonly firstRow: number; readonly inOffsets: Uint32Array }

/**
 * Cuts rows of the given lengths into slabs of at most `edgeCountMax` edges and as many rows; every
 * row is in one slab, and a row that does not fit goes on in the next.
 */
export function* cutSlabs(rowLengths: Uint32Array, edgeCountMax: number): Generator<SlabCut> {
  let row = 0
  let done = 0
  while (row < rowLengths.length) {
    const firstRow = row
    const offsets = [0]
    let edgeCount = 0
    while (row < rowLengths.length && offsets.length <= edgeCountMax) {
      const rest = (rowLengths[row] ?? 0) - done
      const taken = Math.min(rest, edgeCountMax - edgeCount)
      if (taken === 0 && rest > 0) break
      edgeCount += taken
      offsets.push(edgeCount)
      done = taken === rest ? 0 : done + taken
      if (taken < rest) break
      row++
    }
    yield { firstRow, inOffsets: Uint32Array.from(offsets) }
  }
}
