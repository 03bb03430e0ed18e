import type { BitReader } from './bit-reader.ts'
import type { BitWriter } from './bit-writer.ts'

// A row is its length n in Elias' gamma code of n + 1, then, if it has edges, a parameter k of five
// bits and its gaps (differences of ascending sources less 1, the first source as itself) in Rice
// codes: gap >> k zeros, a one, and the lowest k bits of the gap. Gaps of sources that are drawn at
// random are nearly geometric, for which this code is nearly the shortest.

const PARAMETER_BITS = 5

/** Appends a row. */
export function writeRow(out: BitWriter, sources: Uint32Array, first: number, end: number): void {
  const length = end - first
  const lengthBits = 31 - Math.clz32(length + 1)
  if (length === 0) {
    out.unary(0)
    return
  }
  const parameter = parameterOf(sources, first, end)
  const highest = Math.floor((sources[end - 1] ?? 0) / 2 ** parameter)
  out.reserve(64 + PARAMETER_BITS + highest + length * (parameter + 1))
  out.unary(lengthBits)
  out.bits(length + 1 - 2 ** lengthBits, lengthBits)
  out.bits(parameter, PARAMETER_BITS)
  const mask = 2 ** parameter - 1
  let former = -1
  for (let edge = first; edge < end; edge++) {
    const source = sources[edge] ?? 0
    const gap = source - former - 1
    out.unary(gap >>> parameter)
    out.bits(gap & mask, parameter)
    former = source
  }
}

/** Reads the length of a row. */
export function readRowLength(bits: BitReader): number {
  const lengthBits = bits.unary()
  if (lengthBits > 31) return Infinity
  return 2 ** lengthBits + bits.bits(lengthBits) - 1
}

/**
 * Reads the sources of a row with edges into their places; false when one is not below `nodeCount`,
 * or when there are no more bits.
 */
export function readRow(
  bits: BitReader,
  nodeCount: number,
  sources: Uint32Array,
  first: number,
  end: number,
): boolean {
  return bits.ascending(bits.bits(PARAMETER_BITS), nodeCount, sources, first, end)
}

/** Of the three parameters about the best for a geometric distribution, the one that takes least. */
function parameterOf(sources: Uint32Array, first: number, end: number): number {
  const length = end - first
  const gapSum = (sources[end - 1] ?? 0) + 1 - length
  // ln 2 is 45426 / 65536; the sum is below 2^32, so the product is exact.
  const mean = Math.floor((gapSum * 45_426) / 65_536 / length)
  const middle = Math.max(1, 31 - Math.clz32(mean + 1))
  let [below, at, above] = [0, 0, 0]
  let former = -1
  for (let edge = first; edge < end; edge++) {
    const source = sources[edge] ?? 0
    const gap = source - former - 1
    below += gap >>> (middle - 1)
    at += gap >>> middle
    above += gap >>> (middle + 1)
    former = source
  }
  if (below < at + length) return middle - 1
  return at <= above + length ? middle : middle + 1
}
