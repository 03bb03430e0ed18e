/** Edges of a graph, and the additions that go between them. */
export type WeavePiece = {
  readonly first: number
  readonly end: number
  readonly firstAdded: number
  readonly endAdded: number
}

/**
 * Cuts a graph of `edgeCount` edges and the additions at ascending `places` of it into pieces of at
 * most `countMax` edges and as many additions.
 */
export function* weavePieces(
  edgeCount: number,
  places: Uint32Array,
  countMax: number,
): Generator<WeavePiece> {
  let first = 0
  let firstAdded = 0
  while (first < edgeCount || firstAdded < places.length) {
    let endAdded = Math.min(firstAdded + countMax, places.length)
    let end = places[endAdded] ?? edgeCount
    if (end - first > countMax) {
      end = first + countMax
      endAdded = firstAdded
      while ((places[endAdded] ?? edgeCount) < end) endAdded++
    }
    yield { first, end, firstAdded, endAdded }
    first = end
    firstAdded = endAdded
  }
}
