import type { Csr } from './csr.ts'
import type { EdgeSink } from './graph-kernel.ts'

/** Where sorted additions go in a sorted graph. */
export type AdditionPlaces = {
  /** Per addition the edge that it is added to, or the one that it comes before. */
  readonly places: Uint32Array
  /** Per addition 1 when it is an edge of its own. */
  readonly isNew: Uint8Array
  /** Edges of the graph and the additions together. */
  readonly edgeCount: number
  readonly inOffsets: Uint32Array
  readonly outDegrees: Uint32Array
}

/** Finds the places of additions; `nodeCount` is that of the result. */
export function locateAdditions(
  { nodeCount: formerCount, inOffsets: formerOffsets, sources, outDegrees: formerDegrees }: Csr,
  additions: EdgeSink,
  nodeCount: number,
): AdditionPlaces {
  const places = new Uint32Array(additions.edgeCount)
  const isNew = new Uint8Array(additions.edgeCount)
  const inOffsets = new Uint32Array(nodeCount + 1)
  const outDegrees = new Uint32Array(nodeCount)
  outDegrees.set(formerDegrees)
  let newCount = 0
  for (let row = 0; row < nodeCount; row++) {
    const first = additions.inOffsets[row] ?? 0
    const end = additions.inOffsets[row + 1] ?? 0
    const formerEnd = formerOffsets[Math.min(row + 1, formerCount)] ?? 0
    let place = formerOffsets[Math.min(row, formerCount)] ?? 0
    for (let added = first; added < end; added++) {
      const source = additions.sources[added] ?? 0
      place = firstNotBelow(sources, place, formerEnd, source)
      places[added] = place
      if (place < formerEnd && sources[place] === source) continue
      isNew[added] = 1
      outDegrees[source] = (outDegrees[source] ?? 0) + 1
      newCount++
    }
    inOffsets[row + 1] = formerEnd + newCount
  }
  return { places, isNew, edgeCount: sources.length + newCount, inOffsets, outDegrees }
}

/** The first place of an ascending list from `first` on whose value is not below `value`. */
function firstNotBelow(list: Uint32Array, first: number, end: number, value: number): number {
  let step = 1
  let low = first
  while (low + step < end && (list[low + step] ?? 0) < value) {
    low += step
    step *= 2
  }
  let high = Math.min(end, low + step)
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
