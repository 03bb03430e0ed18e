/** A bijection of 32 bits whose every output bit depends on every input bit. */
export function mix32(value: number): number {
  let x = value ^ (value >>> 16)
  x = Math.imul(x, 0x21f0aaad)
  x ^= x >>> 15
  x = Math.imul(x, 0x735a2d97)
  return (x ^ (x >>> 15)) >>> 0
}

/** A 32-bit number that belongs to `index` of the stream `seed`; any index may be asked for alone. */
export function drawAt(seed: number, index: number): number {
  return mix32(mix32(index ^ mix32(seed)) + Math.imul(seed, 0x9e3779b9))
}

/** A seeded permutation of `0 … 2^bitCount - 1`, for at most 32 bits. */
export function permuteBits(value: number, bitCount: number, seed: number): number {
  if (bitCount === 0) return 0
  const mask = 0xffff_ffff >>> (32 - bitCount)
  const half = (bitCount + 1) >> 1
  let x = value
  for (let round = 0; round < 3; round++) {
    const key = drawAt(seed, round)
    x = (Math.imul(x ^ (key & mask), key | 1) & mask) >>> 0
    x ^= x >>> half
  }
  return (x & mask) >>> 0
}

/** A seeded permutation of `0 … count - 1`: numbers outside are permuted again until they are in. */
export function permuteBelow(value: number, count: number, seed: number): number {
  const bitCount = 32 - Math.clz32(count - 1)
  let x = permuteBits(value, bitCount, seed)
  while (x >= count) x = permuteBits(x, bitCount, seed)
  return x
}

/**
 * A power law over `0 … count - 1` with density 1/x: every octave is equally likely, so the first
 * number has the share `1 / (log2(count) + 1)`.
 */
export function powerLawBelow(draw: number, count: number): number {
  const octaveCount = 33 - Math.clz32(count)
  const octave = (draw >>> 26) % octaveCount
  const first = 2 ** octave - 1
  const width = Math.min(2 ** octave, count - first)
  return width <= 0 ? 0 : first + ((draw & 0x3ff_ffff) % width)
}
