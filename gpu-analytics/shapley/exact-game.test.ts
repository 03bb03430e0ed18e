import { sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { at } from '../graph/at.ts'
import { bruteForce } from './answers/brute-force.ts'
import { type CoalitionWorth, coalitionFactors, exactGame } from './exact-game.ts'
import { EXACT_PLAYERS_MAX, SHAPLEY_DENOMINATOR } from './game.ts'

const SEED = 20_260_804
const LARGE = (1n << 96n) - 1n
const worth = fc.oneof(fc.bigInt(-9n, 9n), fc.bigInt(-LARGE, LARGE))

/** Any set function: one worth per coalition, 0 for nobody and some amount of money for all. */
const anyGame = (countMax: number) =>
  fc
    .integer({ min: 1, max: countMax })
    .chain((count) =>
      fc
        .tuple(
          fc.array(worth, { minLength: 2 ** count - 2, maxLength: 2 ** count - 2 }),
          fc.bigInt(0n, LARGE),
        )
        .map(([some, all]) => ({ count, worths: [0n, ...some, all] })),
    )

test('every integer game of up to 7 players has the values that brute force finds', () => {
  fc.assert(
    fc.property(anyGame(6), ({ count, worths }) => expectBruteForce(count, worths)),
    { seed: SEED, numRuns: 25 },
  )
  fc.assert(
    fc.property(fc.array(worth, { minLength: 126, maxLength: 126 }), (some) =>
      expectBruteForce(7, [0n, ...some, 5n]),
    ),
    { seed: SEED, numRuns: 2 },
  )
})

test('shares sum to the worth of all, exactly', () => {
  fc.assert(
    fc.property(anyGame(8), ({ count, worths }) => {
      const shares = valuesOf(count, worths)
      expect(sum(shares)).toBe(SHAPLEY_DENOMINATOR * at(worths, worths.length - 1))
    }),
    { seed: SEED, numRuns: 30 },
  )
})

test('an asset that adds nothing to any coalition gets nothing', () => {
  fc.assert(
    fc.property(anyGame(6), fc.nat(5), ({ count, worths }, place) => {
      const player = place % count
      const without = worths.map((_, coalition) => at(worths, coalition & ~(1 << player)))
      fc.pre(at(without, without.length - 1) >= 0n)
      expect(at(valuesOf(count, without), player)).toBe(0n)
    }),
    { seed: SEED, numRuns: 60 },
  )
})

test('two assets that are worth the same to every coalition get the same', () => {
  fc.assert(
    fc.property(anyGame(6), ({ count, worths }) => {
      fc.pre(count > 1)
      const swapped = (coalition: number) =>
        (coalition & ~3) | ((coalition & 1) << 1) | ((coalition >> 1) & 1)
      const even = worths.map((_, coalition) => at(worths, Math.min(coalition, swapped(coalition))))
      const [first, second] = valuesOf(count, even)
      expect(first).toBe(second)
    }),
    { seed: SEED, numRuns: 40 },
  )
})

test('the values of two games add up to the values of their sum', () => {
  const small = fc.array(fc.bigInt(-(1n << 90n), 1n << 90n), { minLength: 30, maxLength: 30 })
  fc.assert(
    fc.property(small, small, (a, b) => {
      const one = [0n, ...a, 1n << 80n]
      const two = [0n, ...b, 7n]
      const both = one.map((value, coalition) => value + at(two, coalition))
      const [first, second] = [valuesOf(5, one), valuesOf(5, two)]
      expect(valuesOf(5, both)).toEqual(first.map((value, player) => value + at(second, player)))
    }),
    { seed: SEED, numRuns: 30 },
  )
})

test('720720 is exact for up to 16 players: each factor is s! (k-s-1)! / k! to the unit', () => {
  const factorial = (count: number): bigint =>
    count < 2 ? 1n : BigInt(count) * factorial(count - 1)
  for (let players = 1; players <= EXACT_PLAYERS_MAX; players++) {
    const factors = coalitionFactors(players)
    for (let size = 0; size < players; size++) {
      const orders = factorial(size) * factorial(players - size - 1)
      expect(at(factors, size) * factorial(players)).toBe(orders * SHAPLEY_DENOMINATOR)
    }
    expect(at(factors, players)).toBe(0n)
  }
})

test('sixteen assets are computed when asked for, thirteen are not unasked', () => {
  const all: CoalitionWorth = (isMember) => (isMember.every((x) => x === 1) ? 16n : 0n)
  const { numerators } = exactGame(() => all, { playerCountMax: 99 }).sharesOf(used(16))
  expect(new Set(numerators)).toEqual(new Set([SHAPLEY_DENOMINATOR]))
  expect(() => exactGame(() => all, { playerCountMax: 99 }).sharesOf(used(17))).toThrow(
    'expected at most 16 assets in one receipt of this game, found 17',
  )
  expect(() => exactGame(() => all).sharesOf(used(13))).toThrow(
    'expected at most 12 assets in one receipt of this game, found 13',
  )
})

test('a set function that is no game is refused with a code', () => {
  const shares = (worthOf: CoalitionWorth) => () => exactGame(() => worthOf).sharesOf(used(2))
  expect(shares(() => 1n)).toThrow(expect.objectContaining({ code: 'SHAPLEY_GAME_MALFORMED' }))
  expect(shares((isMember) => BigInt(isMember[0] ?? 0) << 96n)).toThrow(
    expect.objectContaining({ code: 'SHAPLEY_GAME_MALFORMED' }),
  )
  expect(shares((isMember) => -BigInt(isMember[0] ?? 0))).toThrow(
    expect.objectContaining({ code: 'AMOUNT_OUT_OF_RANGE' }),
  )
})

function expectBruteForce(count: number, worths: readonly bigint[]): void {
  const { sums, orderCount } = bruteForce(count, fromTable(worths))
  const found = valuesOf(count, worths).map((numerator) => numerator * orderCount)
  expect(found).toEqual(sums.map((total) => total * SHAPLEY_DENOMINATOR))
}

function valuesOf(count: number, worths: readonly bigint[]): readonly bigint[] {
  return exactGame(() => fromTable(worths)).sharesOf(used(count)).numerators
}

/** Worths by coalition, player p as bit p. */
function fromTable(worths: readonly bigint[]): CoalitionWorth {
  return (isMember) =>
    at(
      worths,
      isMember.reduce((coalition, member, player) => coalition | (member << player), 0),
    )
}

function used(count: number) {
  return { assets: Array.from({ length: count }, (_, index) => `asset ${index}`) }
}
