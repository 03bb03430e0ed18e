import { divFloor } from '@foggara/schema'

import { at } from './at.ts'
import { type Graph, outWeights } from './build-graph.ts'

/**
 * The weights of a graph as the rank kernels use them. An edge u → v of weight w, out of W in all,
 * passes `floor(floor(2p / 2^shift) · mantissa / 2^32)` of the p that u gives away.
 *
 * `shift` is the largest for which every mantissa stays below 2^32; it is found from bit lengths, so
 * no logarithm is involved. It is at most 32: W is at most the out-degree times the largest weight.
 * An edge below 2^-32 of its largest sibling has mantissa 0 and passes nothing.
 */
export type NormalisedWeights = {
  /** Per edge, `floor(w · 2^(31 + shift) / W)`, below 2^32. */
  readonly mantissas: Uint32Array
  /** Per node; 0 for a node without an out-edge. */
  readonly shifts: Uint8Array
}

/** Normalises the weights of each node's out-edges. */
export function normaliseWeights(graph: Graph): NormalisedWeights {
  const totals = outWeights(graph)
  const largest = graph.ids.map(() => 0n)
  for (const [edge, weight] of graph.weights.entries()) {
    const source = at(graph.sources, edge)
    if (weight > at(largest, source)) largest[source] = weight
  }
  const shifts = new Uint8Array(graph.ids.length)
  for (const [node, total] of totals.entries()) {
    if (total > 0n) shifts[node] = shiftOf(at(largest, node), total)
  }
  const mantissas = new Uint32Array(graph.weights.length)
  for (const [edge, weight] of graph.weights.entries()) {
    const source = at(graph.sources, edge)
    const scaled = weight << BigInt(31 + at(shifts, source))
    mantissas[edge] = Number(divFloor(scaled, at(totals, source)))
  }
  return { mantissas, shifts }
}

/**
 * The largest s with `largest · 2^s < 2 · total`, for `0 < largest <= total`.
 *
 * With equal bit lengths the comparison decides, one bit more is certainly too much and one bit less
 * certainly not.
 */
function shiftOf(largest: bigint, total: bigint): number {
  const levelling = bitLength(total) - bitLength(largest)
  return largest << BigInt(levelling) < total ? levelling + 1 : levelling
}

function bitLength(value: bigint): number {
  return value.toString(2).length
}
