import fc from 'fast-check'
import { expect, test } from 'vitest'

import { barWidths, fractionOf, maximumOf, niceCeiling } from './scale.ts'

const seed = 20_261_122
const amount = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })

test('positions keep the order of the amounts and stay within the axis', () => {
  fc.assert(
    fc.property(amount, amount, amount, (first, second, third) => {
      const maximum = maximumOf([first, second, third])
      const [low, high] = first < second ? [first, second] : [second, first]
      expect(fractionOf(low, maximum)).toBeLessThanOrEqual(fractionOf(high, maximum))
      expect(fractionOf(maximum, maximum)).toBe(maximum === 0n ? 0 : 1)
    }),
    { seed },
  )
})

test('the top of an axis holds its maximum and is at most 1.5 times as high beyond ten', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 256n }), (maximum) => {
      const top = niceCeiling(maximum)
      expect(top >= maximum).toBe(true)
      expect(maximum <= 10n || 2n * top < 3n * maximum).toBe(true)
    }),
    { seed },
  )
  expect([0n, 1n, 3n, 7n, 11n, 24n, 26n, 90n].map(niceCeiling)).toEqual([
    1n,
    1n,
    3n,
    8n,
    15n,
    30n,
    30n,
    100n,
  ])
})

test('a bar is filled, and no part of it that exists is invisible', () => {
  fc.assert(
    fc.property(fc.array(amount, { minLength: 1, maxLength: 12 }), (parts) => {
      const widths = barWidths(parts)
      const sum = widths.reduce((all, width) => all + width, 0)
      expect(sum).toBeCloseTo(parts.some((part) => part > 0n) ? 100 : 0, 6)
      for (const [index, part] of parts.entries()) expect((widths[index] ?? 0) > 0).toBe(part > 0n)
    }),
    { seed },
  )
})
