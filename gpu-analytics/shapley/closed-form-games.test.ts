import { sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { at } from '../graph/at.ts'
import { type BruteForce, bruteForce, bruteForceOwen } from './answers/brute-force.ts'
import {
  ROLE_BLOCK_DENOMINATOR,
  allOrAnyGame,
  anyOfEachGroupGame,
  keyPointGame,
  roleBlockGame,
} from './closed-form-games.ts'
import type { CoalitionWorth } from './exact-game.ts'
import { EXACT_PLAYERS_MAX, type ShapleyShares, SHAPLEY_DENOMINATOR } from './game.ts'

const SEED = 20_260_803
const worth = fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, (1n << 96n) - 1n))
/** Per asset its group; up to 7 assets, since there are 5040 orders of them. */
const grouped = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 7 })
const scores = fc.array(fc.bigInt(0n, 40n), { minLength: 1, maxLength: 6 })

test('ALL and ANY share equally, as brute force does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), worth, (count, all) => {
      const shares = allOrAnyGame().sharesOf({ assets: names(count), worth: all })
      const needsAll: CoalitionWorth = (isMember) => (isMember.every((x) => x === 1) ? all : 0n)
      const needsAny: CoalitionWorth = (isMember) => (isMember.some((x) => x === 1) ? all : 0n)
      expectSame(shares, SHAPLEY_DENOMINATOR, bruteForce(count, needsAll))
      expectSame(shares, SHAPLEY_DENOMINATOR, bruteForce(count, needsAny))
    }),
    { seed: SEED, numRuns: 20 },
  )
})

test('one of each group: the closed form is brute force', () => {
  fc.assert(
    fc.property(grouped, worth, (groups, all) => {
      const assets = names(groups.length)
      const shares = anyOfEachGroupGame(groupIn(assets, groups)).sharesOf({ assets, worth: all })
      const worthOf: CoalitionWorth = (isMember) => {
        const present = new Set(groups.filter((_, player) => isMember[player] === 1))
        return present.size === new Set(groups).size ? all : 0n
      }
      expectSame(shares, SHAPLEY_DENOMINATOR, bruteForce(groups.length, worthOf))
    }),
    { seed: SEED, numRuns: 25 },
  )
})

test('role blocks: the closed form is Owen’s value by brute force', () => {
  fc.assert(
    fc.property(grouped, worth, (blocks, all) => {
      const assets = names(blocks.length)
      const shares = roleBlockGame(groupIn(assets, blocks)).sharesOf({ assets, worth: all })
      const worthOf: CoalitionWorth = (isMember) => (isMember.every((x) => x === 1) ? all : 0n)
      const numbers = blocks.map((block) => ['a', 'b', 'c'].indexOf(block))
      expectSame(shares, ROLE_BLOCK_DENOMINATOR, bruteForceOwen(numbers, worthOf))
    }),
    { seed: SEED, numRuns: 25 },
  )
})

test('the best score per key point: the closed form is brute force', () => {
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 3 }), (first, pointCount) => {
      const keyPoints = Array.from({ length: pointCount }, (_, turn) =>
        first.map((_score, index) => at(first, (index + turn) % first.length)),
      )
      const shares = keyPointGame().sharesOf({ assets: names(first.length), keyPoints })
      const worthOf: CoalitionWorth = (isMember) =>
        sum(
          keyPoints.map((point) => {
            const reached = point.filter((_, player) => isMember[player] === 1)
            return reached.reduce((best, score) => (score > best ? score : best), 0n)
          }),
        )
      expectSame(shares, SHAPLEY_DENOMINATOR, bruteForce(first.length, worthOf))
    }),
    { seed: SEED, numRuns: 25 },
  )
})

test('the stated vectors of one of each group', () => {
  expect(fractions('abbb', anyOfEachGroupGame)).toEqual(['3/4', '1/12', '1/12', '1/12'])
  expect(fractions('aabbb', anyOfEachGroupGame)).toEqual(['3/10', '3/10', '2/15', '2/15', '2/15'])
  expect(fractions('abccc', anyOfEachGroupGame)).toEqual(['9/20', '9/20', '1/30', '1/30', '1/30'])
})

test('the stated vectors of the airport game and of role blocks', () => {
  const { numerators } = keyPointGame().sharesOf({
    assets: names(5),
    keyPoints: [[3n, 7n, 7n, 12n, 20n]],
  })
  const found = numerators.map((numerator) => fraction(numerator, SHAPLEY_DENOMINATOR))
  expect(found).toEqual(['3/5', '8/5', '8/5', '41/10', '121/10'])
  const thirds = ['1/3', '1/9', '1/9', '1/9', '1/6', '1/6']
  expect(fractions('abbbcc', roleBlockGame)).toEqual(thirds)
})

test('every partition of up to 16 assets divides exactly, by groups and by role blocks', () => {
  for (let count = 1; count <= EXACT_PLAYERS_MAX; count++) {
    for (const sizes of partitionsOf(count)) {
      const assets = names(count)
      const groups = sizes.flatMap((size, group) =>
        Array.from<string>({ length: size }).fill(`${group}`),
      )
      const groupOf = groupIn(assets, groups)
      for (const game of [anyOfEachGroupGame(groupOf), roleBlockGame(groupOf)]) {
        const shares = game.sharesOf({ assets, worth: 1n })
        expect(shares.numerators.every((numerator) => numerator > 0n)).toBe(true)
        expect(sum(shares.numerators)).toBe(game.denominator)
      }
    }
  }
})

test('receipts that are not games are refused with a code', () => {
  const code = (divide: () => unknown) => {
    try {
      return divide()
    } catch (error) {
      return error
    }
  }
  const equal = allOrAnyGame()
  const points = keyPointGame()
  expect(code(() => equal.sharesOf({ assets: names(17), worth: 1n }))).toMatchObject({
    code: 'SHAPLEY_TOO_MANY_PLAYERS',
  })
  expect(code(() => equal.sharesOf({ assets: ['x', 'x'], worth: 1n }))).toMatchObject({
    code: 'SHAPLEY_RECEIPT_MALFORMED',
  })
  expect(code(() => equal.sharesOf({ assets: [], worth: 1n }))).toMatchObject({
    code: 'SHAPLEY_RECEIPT_MALFORMED',
  })
  for (const bad of [-1n, 1n << 96n]) {
    expect(code(() => equal.sharesOf({ assets: ['x'], worth: bad }))).toMatchObject({
      code: 'AMOUNT_OUT_OF_RANGE',
    })
    expect(code(() => points.sharesOf({ assets: ['x'], keyPoints: [[bad]] }))).toMatchObject({
      code: 'AMOUNT_OUT_OF_RANGE',
    })
  }
  expect(code(() => points.sharesOf({ assets: ['x'], keyPoints: [[1n, 2n]] }))).toMatchObject({
    code: 'SHAPLEY_RECEIPT_MALFORMED',
  })
})

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `asset ${index}`)
}

function groupIn(assets: readonly string[], groups: readonly string[]) {
  return (asset: string) => at(groups, assets.indexOf(asset))
}

function expectSame(
  { numerators }: ShapleyShares,
  denominator: bigint,
  { sums, orderCount }: BruteForce,
): void {
  expect(numerators.map((numerator) => numerator * orderCount)).toEqual(
    sums.map((total) => total * denominator),
  )
}

/** The shares of a worth of 1 among assets whose groups are letters. */
function fractions(letters: string, gameOf: typeof roleBlockGame): string[] {
  const assets = names(letters.length)
  const game = gameOf(groupIn(assets, letters.split('')))
  const { numerators } = game.sharesOf({ assets, worth: 1n })
  return numerators.map((numerator) => fraction(numerator, game.denominator))
}

function fraction(numerator: bigint, denominator: bigint): string {
  const divisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : divisor(b, a % b))
  const common = divisor(numerator, denominator)
  return `${numerator / common}/${denominator / common}`
}

function* partitionsOf(count: number, sizeMax = count): Generator<readonly number[]> {
  if (count === 0) yield []
  for (let size = Math.min(count, sizeMax); size > 0; size--) {
    for (const rest of partitionsOf(count - size, size)) yield [size, ...rest]
  }
}
