import { at } from '../graph/at.ts'
import { mulHigh, philoxInPlace } from './philox.ts'

/** Which stream of random orders a receipt has: nothing else decides what is drawn. */
export type PermutationStream = {
  readonly playerCount: number
  /** 64 bits. */
  readonly receiptNumber: bigint
  /** 64 bits. */
  readonly epochKey: bigint
}

const LOW = 0xffff_ffffn

/**
 * Draws orders of the players `0 … playerCount - 1`: the order of sample `t` depends on the stream and
 * `t` alone. Fisher–Yates from the end, position i with word `i & 3` of Philox at the counter (receipt
 * low, receipt high, t, i >> 2), `j = floor(word · (i + 1) / 2^32)`: no rejection, bias below
 * `playerCount / 2^32`. The returned array is used again.
 */
export function permutationDrawer(stream: PermutationStream): (sample: number) => Uint32Array {
  const order = new Uint32Array(stream.playerCount)
  const words = new Uint32Array(4)
  const receiptLow = Number(stream.receiptNumber & LOW)
  const receiptHigh = Number(stream.receiptNumber >> 32n)
  const keyLow = Number(stream.epochKey & LOW)
  const keyHigh = Number(stream.epochKey >> 32n)
  return (sample) => {
    for (let player = 0; player < order.length; player++) order[player] = player
    let drawn = -1
    for (let last = order.length - 1; last > 0; last--) {
      if (last >>> 2 !== drawn) {
        drawn = last >>> 2
        words[0] = receiptLow
        words[1] = receiptHigh
        words[2] = sample
        words[3] = drawn
        philoxInPlace(words, keyLow, keyHigh)
      }
      const other = mulHigh(at(words, last & 3), last + 1)
      const moved = at(order, last)
      order[last] = at(order, other)
      order[other] = moved
    }
    return order
  }
}
