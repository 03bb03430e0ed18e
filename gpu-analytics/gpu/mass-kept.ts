import { at } from '../graph/at.ts'
import type { Csr } from '../graph/csr.ts'
import type { NormalisedWeights } from '../graph/normalise-weights.ts'

/**
 * Whether no node passes on more than it has: its mantissas sum to at most 2^(31 + shift). Weights of
 * `normaliseWeights` always do; only with such weights can no sum on a device leave its 64 bits.
 */
export function keepsMass(graph: Csr, { mantissas, shifts }: NormalisedWeights): boolean {
  const low = new Uint32Array(graph.nodeCount)
  const high = new Uint32Array(graph.nodeCount)
  for (let edge = 0; edge < mantissas.length; edge++) {
    const source = at(graph.sources, edge)
    const sum = at(low, source) + at(mantissas, edge)
    low[source] = sum
    if (sum >= 2 ** 32) high[source] = at(high, source) + 1
  }
  return shifts.every((shift, node) => {
    const limit = 2 ** (31 + shift)
    const limitHigh = Math.floor(limit / 2 ** 32)
    const isBelow = at(high, node) < limitHigh
    return isBelow || (at(high, node) === limitHigh && at(low, node) <= limit % 2 ** 32)
  })
}
