import { at } from '../graph/at.ts'
import type { Csr } from '../graph/csr.ts'

/**
 * A graph under other node numbers, called places: nodes with many out-edges come first, so that what
 * edges look up most lies together. No result depends on it.
 */
export type ByDegree = {
  /** Per place the node. */
  readonly nodes: Uint32Array
  /** The edges into place p are those from `inOffsets[p]` up to `inOffsets[p + 1]`. */
  readonly inOffsets: Uint32Array
  /** Per edge, by target, the place that it comes from. */
  readonly sources: Uint32Array
  /** Per edge, its number in the graph. */
  readonly edges: Uint32Array
}

/** Orders the nodes of a graph by out-degree, descending. */
export function byDegree({ nodeCount, inOffsets, sources, outDegrees }: Csr): ByDegree {
  const nodes = Uint32Array.from({ length: nodeCount }, (_, node) => node).toSorted(
    (left, right) => at(outDegrees, right) - at(outDegrees, left) || left - right,
  )
  const placeOf = new Uint32Array(nodeCount)
  for (const [place, node] of nodes.entries()) placeOf[node] = place
  const offsets = new Uint32Array(nodeCount + 1)
  const places = new Uint32Array(sources.length)
  const edges = new Uint32Array(sources.length)
  let next = 0
  for (const [place, node] of nodes.entries()) {
    for (let edge = at(inOffsets, node); edge < at(inOffsets, node + 1); edge++) {
      places[next] = at(placeOf, at(sources, edge))
      edges[next] = edge
      next++
    }
    offsets[place + 1] = next
  }
  return { nodes, inOffsets: offsets, sources: places, edges }
}

/** Places as the arrays of ClickHouse count them. */
export function fromOne(places: Uint32Array): Uint32Array {
  return places.map((place) => place + 1)
}

/** A value per node or per edge. */
type Values = Uint8Array | Uint32Array | BigUint64Array | readonly bigint[]

/** `values` in the order of `places`, each entry of which is an index of `values`. */
export function pick(values: Values, places: Uint32Array): Values {
  if (values instanceof Uint8Array) return Uint8Array.from(places, (place) => at(values, place))
  if (values instanceof Uint32Array) return Uint32Array.from(places, (place) => at(values, place))
  if (values instanceof BigUint64Array) {
    return BigUint64Array.from(places, (place) => at(values, place))
  }
  return Array.from(places, (place) => at(values, place))
}
