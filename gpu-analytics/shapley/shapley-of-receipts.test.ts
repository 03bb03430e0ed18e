import { sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { allOrAnyGame, anyOfEachGroupGame, roleBlockGame } from './closed-form-games.ts'
import { type CoalitionWorth, exactGame } from './exact-game.ts'
import type { WorthReceipt } from './game.ts'
import {
  addShapleyTotals,
  shapleyOfReceipts,
  shapleyStandardErrors,
  shapleyUnits,
} from './shapley-of-receipts.ts'

const SEED = 20_260_805
const groupOf = (asset: string) => asset.slice(0, 1)
const assets = fc.uniqueArray(fc.constantFrom('a1', 'a2', 'b1', 'b2', 'b3', 'c1', 'c2'), {
  minLength: 1,
  maxLength: 7,
})
const receipts = fc.array(
  fc.record({ assets, worth: fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, 1n << 90n)) }),
  { maxLength: 12 },
)
const GAMES = [allOrAnyGame(), anyOfEachGroupGame(groupOf), roleBlockGame(groupOf)]

test('the values of many receipts sum to their worth times the denominator, exactly', () => {
  fc.assert(
    fc.property(receipts, fc.constantFrom(...GAMES), (list, game) => {
      const totals = shapleyOfReceipts(list, game)
      expect(totals.total).toBe(sum(list.map(({ worth }) => worth)))
      expect(sum(totals.numerators.values())).toBe(totals.denominator * totals.total)
    }),
    { seed: SEED },
  )
})

test('neither the order of receipts nor that of their assets changes anything', () => {
  fc.assert(
    fc.property(receipts, fc.constantFrom(...GAMES), (list, game) => {
      const turned = list.toReversed().map(({ assets: used, worth }) => ({
        assets: used.toReversed(),
        worth,
      }))
      expect([...shapleyOfReceipts(turned, game).numerators]).toEqual([
        ...shapleyOfReceipts(list, game).numerators,
      ])
    }),
    { seed: SEED },
  )
})

test('many receipts have the values of the one game in which all their worths are added', () => {
  fc.assert(
    fc.property(receipts, (list) => {
      const together = { assets: ['a1', 'a2', 'b1', 'b2', 'b3', 'c1', 'c2'] }
      const worthOf = (): CoalitionWorth => (isMember) =>
        sum(
          list
            .filter((receipt) =>
              receipt.assets.every((asset) => isMember[together.assets.indexOf(asset)] === 1),
            )
            .map(({ worth }) => worth),
        )
      const one = shapleyOfReceipts([together], exactGame(worthOf)).numerators
      const many = shapleyOfReceipts(list, allOrAnyGame()).numerators
      for (const asset of together.assets) {
        expect(one.get(asset)).toBe(many.get(asset) ?? 0n)
      }
    }),
    { seed: SEED, numRuns: 25 },
  )
})

test('totals of different games add up over one denominator', () => {
  fc.assert(
    fc.property(receipts, receipts, (one, two) => {
      const [equal, , blocks] = GAMES.map((game, index) =>
        shapleyOfReceipts(index === 0 ? one : two, game),
      )
      if (equal === undefined || blocks === undefined) return
      const added = addShapleyTotals([equal, blocks])
      expect(added.denominator).toBe(302_702_400n)
      expect(added.total).toBe(equal.total + blocks.total)
      for (const [asset, value] of added.numerators) {
        const parts = (equal.numerators.get(asset) ?? 0n) * 420n
        expect(value).toBe(parts + (blocks.numerators.get(asset) ?? 0n))
      }
    }),
    { seed: SEED, numRuns: 40 },
  )
})

test('units sum to the budget, lie within one of the value and go to larger values first', () => {
  fc.assert(
    fc.property(receipts, fc.bigInt(0n, 1n << 90n), (list, budget) => {
      const totals = shapleyOfReceipts(list, allOrAnyGame())
      fc.pre(totals.total > 0n)
      const units = shapleyUnits(totals, budget)
      expect(sum(units.values())).toBe(budget)
      const whole = totals.denominator * totals.total
      for (const [asset, value] of totals.numerators) {
        const distance = (units.get(asset) ?? 0n) * whole - budget * value
        expect(distance < whole && distance > -whole).toBe(true)
      }
    }),
    { seed: SEED, numRuns: 50 },
  )
})

test('an example: three receipts become one vector, and the vector becomes units', () => {
  const list: WorthReceipt[] = [
    { assets: ['0xaa', '0xbb'], worth: 3n },
    { assets: ['0xbb'], worth: 1n },
    { assets: ['0xcc', '0xaa', '0xbb'], worth: 1n },
  ]
  const totals = shapleyOfReceipts(list, allOrAnyGame())
  expect(totals).toEqual({
    numerators: new Map([
      ['0xaa', 1_321_320n],
      ['0xbb', 2_042_040n],
      ['0xcc', 240_240n],
    ]),
    denominator: 720_720n,
    total: 5n,
    spreads: new Map(),
    varianceDenominator: 1n,
    sampledReceiptCount: 0,
  })
  expect([...shapleyUnits(totals, 5n).values()]).toEqual([2n, 3n, 0n])
  expect(shapleyStandardErrors(totals).size).toBe(0)
})

test('worths that pass 2^96 together, and values below 0, are refused with a code', () => {
  const half = 1n << 95n
  const twice = [half, half].map((worth) => ({ assets: ['a1'], worth }))
  expect(() => shapleyOfReceipts(twice, allOrAnyGame())).toThrow(
    expect.objectContaining({ code: 'AMOUNT_OUT_OF_RANGE' }),
  )
  const harm: CoalitionWorth = (isMember) => (isMember[0] === 1 && isMember[1] === 0 ? 4n : 0n)
  const totals = shapleyOfReceipts(
    [{ assets: ['a1', 'b1'] }],
    exactGame(() => harm),
  )
  expect(() => shapleyUnits(totals, 1n)).toThrow(
    expect.objectContaining({ code: 'SHAPLEY_NEGATIVE' }),
  )
  for (const budget of [-1n, 1n << 96n]) {
    const fine = shapleyOfReceipts([{ assets: ['a1'], worth: 1n }], allOrAnyGame())
    expect(() => shapleyUnits(fine, budget)).toThrow(
      expect.objectContaining({ code: 'AMOUNT_OUT_OF_RANGE' }),
    )
  }
})
