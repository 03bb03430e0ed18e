import fc from 'fast-check'
import { expect, test } from 'vitest'

import { busiestFirst, fromPlaces, toPlaces } from './degree-order.ts'

const degrees = fc.array(fc.oneof(fc.nat(9), fc.nat(200_000)), { maxLength: 60 })

test('every node has a place of its own, the busiest first, of equals the lower number', () => {
  fc.assert(
    fc.property(degrees, (list) => {
      const places = busiestFirst(Uint32Array.from(list))
      const clamped = list.map((degree) => Math.min(degree, 65_535))
      const expected = clamped
        .map((degree, node) => ({ degree, node }))
        .toSorted((a, b) => b.degree - a.degree || a.node - b.node)
      expect(expected.map(({ node }) => places[node])).toEqual(expected.map((_, place) => place))
    }),
    { seed: 20269 },
  )
})

test('values that were placed come back to their nodes', () => {
  fc.assert(
    fc.property(degrees, (list) => {
      const places = busiestFirst(Uint32Array.from(list))
      const values = BigUint64Array.from(list, (degree, node) => BigInt(degree * 1000 + node))
      expect(fromPlaces(toPlaces(values, places), places)).toEqual(values)
    }),
    { seed: 20270 },
  )
})
