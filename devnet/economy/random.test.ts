import fc from 'fast-check'
import { expect, test } from 'vitest'

import { drawsOf } from './random.ts'

const FIXED = { seed: 20_260_105, numRuns: 100 }

test('draws depend on their labels only', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.string(), (seed, step, purpose) => {
      const first = drawsOf(seed, step, purpose)
      const second = drawsOf(seed, step, purpose)
      drawsOf(seed, step, `${purpose}'`).bytes32()
      expect([first.below(1000), first.bytes32()]).toEqual([second.below(1000), second.bytes32()])
    }),
    FIXED,
  )
})

test('draws stay within their bounds and samples have no repeats', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 500 }), (seed, bound) => {
      const draws = drawsOf(seed)
      const list = Array.from({ length: bound }, (_, index) => index)
      expect(draws.below(bound)).toBeLessThan(bound)
      expect(list).toContain(draws.pick(list))
      const sample = draws.sample(list, 10)
      expect(new Set(sample).size).toBe(Math.min(10, bound))
      expect(draws.weighted(list, (element) => (element === bound - 1 ? 1 : 0))).toBe(bound - 1)
      expect(draws.weighted(list, () => 0)).toBeUndefined()
    }),
    FIXED,
  )
})

test('all values of a small range come up about equally often', () => {
  const draws = drawsOf('uniform')
  const counts = [0, 0, 0, 0, 0]
  for (let drawn = 0; drawn < 10_000; drawn += 1) {
    const value = draws.below(5)
    counts[value] = (counts[value] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200)
})
