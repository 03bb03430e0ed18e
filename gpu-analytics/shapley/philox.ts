/** Four 32-bit words. */
export type PhiloxWords = readonly [number, number, number, number]

/**
 * Philox4x32-10 (Salmon et al., SC 2011): the random words that belong to a counter and a key. The
 * same counter gives the same words in TypeScript, WASM and WGSL, in whatever order they are drawn.
 */
export function philox4x32(counter: PhiloxWords, key: readonly [number, number]): PhiloxWords {
  const words = Uint32Array.from(counter)
  philoxInPlace(words, key[0], key[1])
  const [first = 0, second = 0, third = 0, fourth = 0] = words
  return [first, second, third, fourth]
}

/** Turns the counter in `words` into its random words, without making garbage. */
export function philoxInPlace(words: Uint32Array, keyLow: number, keyHigh: number): void {
  let [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = words
  let k0 = keyLow
  let k1 = keyHigh
  for (let round = 0; round < 10; round++) {
    const even = c0
    c0 = mulHigh(0xcd9e8d57, c2) ^ c1 ^ k0
    c1 = Math.imul(0xcd9e8d57, c2)
    c2 = mulHigh(0xd2511f53, even) ^ c3 ^ k1
    c3 = Math.imul(0xd2511f53, even)
    k0 = (k0 + 0x9e3779b9) | 0
    k1 = (k1 + 0xbb67ae85) | 0
  }
  words[0] = c0
  words[1] = c1
  words[2] = c2
  words[3] = c3
}

/** The upper 32 bits of the product of two 32-bit words; each partial sum stays below 2^32. */
export function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aLow * bHigh + ((aLow * bLow) >>> 16)
  const cross = aHigh * bLow + (middle & 0xffff)
  return aHigh * bHigh + (middle >>> 16) + (cross >>> 16)
}
