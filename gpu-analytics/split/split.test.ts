import { compareIds, sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { at } from '../graph/at.ts'
import { CapNegativeError, cappedSplit, ownCapSplit } from './capped-split.ts'
import {
  SplitClaimNegativeError,
  SplitWithoutWeightError,
  largestRemainder,
  largestRemainderByKey,
} from './largest-remainder.ts'
import { bookEarning } from './ledger.ts'
import { BasisPointsError, splitByBasisPoints } from './role-pools.ts'

const SEED = 20_260_801

const weight = fc.oneof(
  fc.constant(0n),
  fc.bigInt(0n, 9n),
  fc.bigInt(0n, 1n << 62n),
  fc.bigInt(0n, 1n << 120n),
)
const claims = fc
  .uniqueArray(fc.record({ id: fc.string({ minLength: 1, maxLength: 4 }), weight }), {
    selector: (claim) => claim.id,
    minLength: 1,
    maxLength: 30,
  })
  .filter((list) => list.some((claim) => claim.weight > 0n))
const total = fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(0n, (1n << 96n) - 1n))

test('the parts sum to the total and lie within one unit of the exact quota', () => {
  fc.assert(
    fc.property(total, claims, (budget, list) => {
      const amounts = largestRemainder(budget, list)
      expect(sum(amounts)).toBe(budget)
      const weightTotal = sum(list.map((claim) => claim.weight))
      for (const [index, claim] of list.entries()) {
        const distance = at(amounts, index) * weightTotal - budget * claim.weight
        expect(distance < weightTotal && distance > -weightTotal).toBe(true)
      }
    }),
    { seed: SEED },
  )
})

test('the parts do not depend on the order of the claims', () => {
  fc.assert(
    fc.property(total, claims, fc.infiniteStream(fc.nat()), (budget, list, keys) => {
      const shuffled = list
        .map((claim) => ({ claim, key: at([...keys.take(1)], 0) }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ claim }) => claim)
      const byId = (items: typeof list) => {
        const amounts = largestRemainder(budget, items)
        return items
          .map((claim, index) => [claim.id, at(amounts, index)] as const)
          .toSorted((a, b) => compareIds(a[0], b[0]))
      }
      expect(byId(shuffled)).toEqual(byId(list))
    }),
    { seed: SEED },
  )
})

test('a larger claim never gets less', () => {
  fc.assert(
    fc.property(total, claims, fc.bigInt(0n, 1n << 96n), (budget, list, cap) => {
      for (const amounts of [
        largestRemainder(budget, list),
        cappedSplit(budget, cap, list).amounts,
      ]) {
        for (const [i, a] of list.entries()) {
          const smaller = amounts.filter((_, j) => at(list, j).weight < a.weight)
          expect(smaller.every((amount) => at(amounts, i) >= amount)).toBe(true)
        }
      }
    }),
    { seed: SEED, numRuns: 40 },
  )
})

test('a capped split keeps everybody at or below the cap and loses nothing', () => {
  fc.assert(
    fc.property(total, claims, fc.bigInt(0n, 1n << 96n), (budget, list, cap) => {
      const split = cappedSplit(budget, cap, list)
      expect(sum(split.amounts) + split.unallocated).toBe(budget)
      expect(split.amounts.every((amount) => amount >= 0n && amount <= cap)).toBe(true)
      const weighty = list.filter((claim) => claim.weight > 0n)
      const room = cap * BigInt(weighty.length)
      expect(split.unallocated).toBe(budget > room ? budget - room : 0n)
    }),
    { seed: SEED },
  )
})

test('with a cap of its own for each claim, nobody is above it and only full caps leave a rest', () => {
  const caps = fc.infiniteStream(fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, 1n << 96n)))
  fc.assert(
    fc.property(total, claims, caps, (budget, list, stream) => {
      const capped = list.map((claim) => ({ ...claim, cap: at([...stream.take(1)], 0) }))
      const { amounts, unallocated } = ownCapSplit(budget, capped)
      expect(sum(amounts) + unallocated).toBe(budget)
      expect(amounts.every((amount, index) => amount <= at(capped, index).cap)).toBe(true)
      const room = sum(capped.map((claim) => (claim.weight > 0n ? claim.cap : 0n)))
      expect(unallocated).toBe(budget > room ? budget - room : 0n)
      const again = ownCapSplit(budget, capped.toReversed())
      expect(again.amounts.toReversed()).toEqual(amounts)
    }),
    { seed: SEED },
  )
})

test('whoever is below the cap gets at least the share that Hamilton gives without caps', () => {
  fc.assert(
    fc.property(total, claims, fc.bigInt(0n, 1n << 96n), (budget, list, cap) => {
      const uncapped = largestRemainder(budget, list)
      const { amounts } = cappedSplit(budget, cap, list)
      const isLess = amounts.map(
        (amount, index) => amount < cap && amount + 1n < at(uncapped, index),
      )
      expect(isLess).not.toContain(true)
    }),
    { seed: SEED },
  )
})

test('the amounts of pools sum to the budget, whatever the basis points', () => {
  const points = fc.array(fc.nat(2000), { minLength: 1, maxLength: 4 }).map((list) => {
    const named = list.map((bps, index): [string, number] => [`pool${index}`, bps])
    return new Map([...named, ['rest', 10_000 - list.reduce((a, b) => a + b, 0)]])
  })
  fc.assert(
    fc.property(total, points, (budget, bps) => {
      const amounts = splitByBasisPoints(budget, bps)
      expect(sum(amounts.values())).toBe(budget)
      expect([...amounts.keys()]).toEqual([...bps.keys()])
      for (const [pool, amount] of amounts) {
        const distance = amount * 10_000n - budget * BigInt(bps.get(pool) ?? 0)
        expect(distance < 10_000n && distance > -10_000n).toBe(true)
      }
    }),
    { seed: SEED },
  )
})

test('a negative total, weight or cap and basis points that miss the whole are refused', () => {
  expect(() => largestRemainder(-1n, [{ id: 'a', weight: 1n }])).toThrow(SplitClaimNegativeError)
  expect(() => largestRemainder(1n, [{ id: 'a', weight: -1n }])).toThrow(SplitClaimNegativeError)
  expect(() => cappedSplit(1n, -1n, [{ id: 'a', weight: 1n }])).toThrow(CapNegativeError)
  for (const points of [9_999, 10_001, 0.5, -1, Number.NaN]) {
    expect(() => splitByBasisPoints(1n, new Map([['a', points]]))).toThrow(BasisPointsError)
  }
})

test('a tie for the last unit goes to the lower id', () => {
  const parts = largestRemainderByKey(
    5n,
    new Map([
      ['b', 1n],
      ['a', 1n],
    ]),
  )
  expect([...parts]).toEqual([
    ['b', 2n],
    ['a', 3n],
  ])
})

test('dividing something among no weight is refused, dividing nothing is not', () => {
  expect(() => largestRemainder(1n, [{ id: 'a', weight: 0n }])).toThrow(SplitWithoutWeightError)
  expect(largestRemainder(0n, [{ id: 'a', weight: 0n }])).toEqual([0n])
})

test('what a capped payee cannot take goes to the others, and past everybody is unallocated', () => {
  const list = [
    { id: 'a', weight: 90n },
    { id: 'b', weight: 5n },
    { id: 'c', weight: 5n },
  ]
  expect(cappedSplit(100n, 50n, list)).toEqual({ amounts: [50n, 25n, 25n], unallocated: 0n })
  expect(cappedSplit(100n, 30n, list)).toEqual({ amounts: [30n, 30n, 30n], unallocated: 10n })
  expect(cappedSplit(100n, 30n, [])).toEqual({ amounts: [], unallocated: 100n })
})

test('below the minimum everything is carried, from it on everything is paid', () => {
  const before = { carry: 4n, cumulative: 100n }
  expect(bookEarning(before, 5n, 10n)).toEqual({
    carryBefore: 4n,
    carryAfter: 9n,
    paid: 0n,
    cumulative: 100n,
  })
  expect(bookEarning(before, 6n, 10n)).toEqual({
    carryBefore: 4n,
    carryAfter: 0n,
    paid: 10n,
    cumulative: 110n,
  })
})
