const BLOCK = 1 << 20

/** The sum of 64-bit words, exactly: each half of up to 2^20 words sums to less than 2^53. */
export function sumLongs(values: BigUint64Array): bigint {
  const halves = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  let total = 0n
  for (let begin = 0; begin < halves.length; begin += 2 * BLOCK) {
    const end = Math.min(halves.length, begin + 2 * BLOCK)
    let low = 0
    let high = 0
    for (let index = begin; index < end; index += 2) {
      low += halves[index] ?? 0
      high += halves[index + 1] ?? 0
    }
    total += BigInt(low) + (BigInt(high) << 32n)
  }
  return total
}
