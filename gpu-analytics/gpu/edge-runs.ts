import { at } from '../graph/at.ts'
import type { Csr } from '../graph/csr.ts'

/** A run of edges as three words: the row, the first edge and the end, both counted in the slab. */
export const WORDS_PER_RUN = 3

/**
 * Edges that lie in one set of device buffers, and how the rows in them are divided among lanes.
 *
 * A narrow run is a whole row for one lane; narrow runs are ordered by length, so that neighbouring
 * lanes loop equally often. A wide run is all or part of a longer row, or of one that crosses into
 * another slab, for several lanes; their sums are added to the row.
 */
export type EdgeSlab = {
  readonly edgeStart: number
  readonly edgeEnd: number
  readonly narrowRuns: Uint32Array
  readonly wideRuns: Uint32Array
}

export type RunLengths = {
  readonly slabEdgeCountMax: number
  readonly narrowEdgeCountMax: number
  readonly wideEdgeCountMax: number
}

/** Cuts the edges of a graph into slabs, one at a time: only one slab's runs need to be in memory. */
export function* edgeSlabs(graph: Csr, lengths: RunLengths): Generator<EdgeSlab> {
  const edgeCount = graph.sources.length
  let row = 0
  for (let edgeStart = 0; edgeStart < edgeCount; edgeStart += lengths.slabEdgeCountMax) {
    const edgeEnd = Math.min(edgeStart + lengths.slabEdgeCountMax, edgeCount)
    while (at(graph.inOffsets, row + 1) <= edgeStart) row++
    yield slabOf(graph, { edgeStart, edgeEnd, firstRow: row }, lengths)
  }
}

type Cut = { readonly edgeStart: number; readonly edgeEnd: number; readonly firstRow: number }

function slabOf({ inOffsets }: Csr, cut: Cut, lengths: RunLengths): EdgeSlab {
  const { edgeStart, edgeEnd } = cut
  const { narrowEdgeCountMax, wideEdgeCountMax } = lengths
  const isNarrow = (start: number, end: number) =>
    end - start <= narrowEdgeCountMax && start >= edgeStart && end <= edgeEnd

  const narrowPlaces = new Uint32Array(narrowEdgeCountMax + 2)
  let wideCount = 0
  forEachRow(inOffsets, cut, (_, start, end) => {
    if (isNarrow(start, end)) {
      narrowPlaces[end - start + 1] = at(narrowPlaces, end - start + 1) + 1
    } else {
      const inside = Math.min(end, edgeEnd) - Math.max(start, edgeStart)
      wideCount += Math.ceil(inside / wideEdgeCountMax)
    }
  })
  for (let length = 1; length < narrowPlaces.length; length++) {
    narrowPlaces[length] = at(narrowPlaces, length) + at(narrowPlaces, length - 1)
  }
  const narrowRuns = new Uint32Array(WORDS_PER_RUN * at(narrowPlaces, narrowPlaces.length - 1))
  const wideRuns = new Uint32Array(WORDS_PER_RUN * wideCount)
  let wide = 0
  forEachRow(inOffsets, cut, (row, start, end) => {
    if (isNarrow(start, end)) {
      const place = at(narrowPlaces, end - start)
      narrowPlaces[end - start] = place + 1
      writeRun(narrowRuns, place, [row, start - edgeStart, end - edgeStart])
      return
    }
    const last = Math.min(end, edgeEnd)
    for (let edge = Math.max(start, edgeStart); edge < last; edge += wideEdgeCountMax) {
      const runEnd = Math.min(edge + wideEdgeCountMax, last)
      writeRun(wideRuns, wide++, [row, edge - edgeStart, runEnd - edgeStart])
    }
  })
  return { edgeStart, edgeEnd, narrowRuns, wideRuns }
}

/** Every row with an edge in the slab, with the ends of the whole row. */
function forEachRow(
  inOffsets: Uint32Array,
  { edgeEnd, firstRow }: Cut,
  visit: (row: number, start: number, end: number) => void,
): void {
  let start = at(inOffsets, firstRow)
  for (let row = firstRow; row + 1 < inOffsets.length && start < edgeEnd; row++) {
    const end = at(inOffsets, row + 1)
    if (end > start) visit(row, start, end)
    start = end
  }
}

function writeRun(runs: Uint32Array, index: number, run: readonly [number, number, number]): void {
  runs[WORDS_PER_RUN * index] = run[0]
  runs[WORDS_PER_RUN * index + 1] = run[1]
  runs[WORDS_PER_RUN * index + 2] = run[2]
}
