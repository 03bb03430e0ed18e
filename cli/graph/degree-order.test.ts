import fc from 'fast-check'
import { expect, test } from 'vitest'

import { busiestFirst, fromPlaces, toPlaces } from './degree-order.ts'

const degrees = fc.array(fc.oneof(fc.nat(9), fc.nat(200_000)), { maxLength: 60 })

test('every node has a place of its own, and those of a group descend', () => {
  fc.assert(
    fc.property(degrees, fc.integer({ min: 1, max: 20 }), (list, groupCount) => {
      const places = busiestFirst(Uint32Array.from(list), groupCount)
      expect([...places].toSorted((a, b) => a - b)).toEqual(list.map((_, place) => place))
      const byPlace = new Map([...places].map((place, node) => [place, clamped(list[node])]))
      const heads = [...byPlace].filter(([place, degree]) => degree > (byPlace.get(place - 1) ?? 0))
      expect(heads.length).toBeLessThanOrEqual(groupCount)
    }),
    { seed: 20269 },
  )
})

test('the busiest of many nodes are dealt to different ranges', () => {
  const places = busiestFirst(
    Uint32Array.from({ length: 25_600 }, (_, node) => 30_000 - node),
    256,
  )
  expect([...places.subarray(0, 3), places[256], places[512]]).toEqual([0, 100, 200, 1, 2])
})

test('values that were placed come back to their nodes', () => {
  fc.assert(
    fc.property(degrees, (list) => {
      const places = busiestFirst(Uint32Array.from(list), 3)
      const values = BigUint64Array.from(list, (degree, node) => BigInt(degree * 1000 + node))
      expect(fromPlaces(toPlaces(values, places), places)).toEqual(values)
    }),
    { seed: 20270 },
  )
})

/** Above this all are taken for equally busy. */
function clamped(degree = 0): number {
  return Math.min(degree, 65_535)
}
