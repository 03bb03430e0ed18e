import { invariant } from '@foggara/schema'

/** A seeded source of randomness: the same seed gives the same run. */
export type Random = {
  /** An integer from 0 up to, not including, `bound`. */
  readonly below: (bound: number) => number
  /** True once in `count` times. */
  readonly oneIn: (count: number) => boolean
  readonly bytes: (byteLength: number) => `0x${string}`
  /** One of the items, of which there must be some. */
  readonly pick: <Item>(items: readonly Item[]) => Item
}

/** Opens a seeded source (mulberry32). */
export function openRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (bound: number): number => next() % bound
  return {
    below,
    oneIn: (count) => below(count) === 0,
    bytes: (byteLength) => {
      const digits = Array.from({ length: byteLength }, () => below(256))
      return `0x${Buffer.from(digits).toString('hex')}`
    },
    pick: (items) => {
      const item = items[below(items.length)]
      invariant(item !== undefined, 'one of nothing cannot be picked')
      return item
    },
  }
}
