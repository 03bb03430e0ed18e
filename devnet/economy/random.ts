import { type Hex, invariant } from '@foggara/schema'
import { keccak256, stringToBytes } from 'viem'

/** A stream of draws that depends on its labels only, never on what was drawn elsewhere. */
export type Draws = {
  /** An integer from 0 to `bound - 1`. */
  below(bound: number): number
  /** An integer from `min` to `max`, both included. */
  between(min: number, max: number): number
  /** True in `numerator` of `denominator` cases. */
  chance(numerator: number, denominator: number): boolean
  /** One element, or nothing when the list is empty. */
  maybe<T>(list: readonly T[]): T | undefined
  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T
  /** One element, each with the probability of its weight; nothing when all weights are 0. */
  weighted<T>(list: readonly T[], weightOf: (element: T) => number): T | undefined
  /** Up to `count` different elements, in drawn order. */
  sample<T>(list: readonly T[], count: number): readonly T[]
  /** 32 bytes. */
  bytes32(): Hex
}

/** The draws of a seed for these labels: the same labels give the same draws. */
export function drawsOf(seed: string, ...labels: readonly (string | number)[]): Draws {
  const key = keccak256(stringToBytes([seed, ...labels].join('/')))
  const next = xoshiro128(key)
  const below = (bound: number) => {
    invariant(bound > 0 && bound <= 2 ** 21, `a bound is from 1 to 2^21, found ${bound}`)
    return Math.floor((next() / 2 ** 32) * bound)
  }
  const maybe = <T>(list: readonly T[]) => list[below(Math.max(list.length, 1))]
  return {
    below,
    maybe,
    between: (min, max) => min + below(max - min + 1),
    chance: (numerator, denominator) => below(denominator) < numerator,
    pick(list) {
      const element = maybe(list)
      invariant(element !== undefined, 'a list to pick from is not empty')
      return element
    },
    weighted(list, weightOf) {
      const total = list.reduce((sum, element) => sum + weightOf(element), 0)
      if (total === 0) return undefined
      let rest = below(total)
      return list.find((element) => {
        rest -= weightOf(element)
        return rest < 0
      })
    },
    sample(list, count) {
      const left = [...list]
      const taken = Array.from({ length: Math.min(count, left.length) }, () => {
        return left.splice(below(left.length), 1)
      })
      return taken.flat()
    },
    bytes32() {
      const words = Array.from({ length: 8 }, () => next().toString(16).padStart(8, '0'))
      return `0x${words.join('')}`
    },
  }
}

/** xoshiro128** over the first 128 bits of a hash: 32-bit words, the same on every machine. */
function xoshiro128(key: Hex): () => number {
  const word = (index: number) => Number.parseInt(key.slice(2 + 8 * index, 10 + 8 * index), 16)
  let [a, b, c, d] = [word(0), word(1), word(2), word(3)]
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotateLeft(d, 11)
    return result
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
