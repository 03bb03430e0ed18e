import { sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { at } from '../graph/at.ts'
import { type CoalitionWorth, exactGame } from './exact-game.ts'
import type { UsedTogether } from './game.ts'
import { permutationDrawer } from './permutation.ts'
import { exactOrSampledGame, receiptNumberOfDigest, sampledGame } from './sampled-game.ts'
import type { Sampling } from './sampling.ts'
import {
  addShapleyTotals,
  shapleyOfReceipts,
  shapleyStandardErrors,
} from './shapley-of-receipts.ts'

const SEED = 20_260_806
const SAMPLING: Sampling = { epochKey: 9n, permutationCount: 64, walks: 'forward-and-back' }
const receiptNumberOf = ({ assets }: UsedTogether) => BigInt(assets.length)
const samplings = fc.record({
  epochKey: fc.bigInt(0n, (1n << 64n) - 1n),
  permutationCount: fc.integer({ min: 2, max: 9 }),
  walks: fc.constantFrom<Sampling['walks'][]>('forward', 'forward-and-back'),
})

test('estimates sum to the worth exactly, however few orders are drawn', () => {
  fc.assert(
    fc.property(samplings, fc.integer({ min: 1, max: 40 }), (sampling, count) => {
      const game = sampledGame(() => saturating, { sampling, receiptNumberOf })
      const { worth, numerators } = game.sharesOf(used(count))
      expect(worth).toBe(saturating(new Uint8Array(count).fill(1)))
      expect(sum(numerators)).toBe(game.denominator * worth)
    }),
    { seed: SEED, numRuns: 40 },
  )
})

test('an asset that adds nothing is estimated at nothing, without doubt', () => {
  const worthOf: CoalitionWorth = (isMember) => saturating(isMember.subarray(1))
  const totals = shapleyOfReceipts(
    [used(14)],
    sampledGame(() => worthOf, { sampling: SAMPLING, receiptNumberOf }),
  )
  expect(totals.numerators.get('asset 00')).toBe(0n)
  expect(totals.spreads.get('asset 00')).toBe(0n)
})

test('estimates of sums of games are sums of estimates, since the orders are the same', () => {
  const count: CoalitionWorth = (isMember) => BigInt(sizeOf(isMember)) ** 2n
  const both: CoalitionWorth = (isMember) => count(isMember) + saturating(isMember)
  const values = (worthOf: CoalitionWorth) =>
    sampledGame(() => worthOf, { sampling: SAMPLING, receiptNumberOf }).sharesOf(used(9)).numerators
  const [one, two] = [values(count), values(saturating)]
  expect(values(both)).toEqual(one.map((value, player) => value + at(two, player)))
})

test('walks back make a game of pairs exact with a single order', () => {
  const pairs: CoalitionWorth = (isMember) => {
    const size = BigInt(sizeOf(isMember))
    return size * (size - 1n)
  }
  const game = sampledGame(() => pairs, { sampling: SAMPLING, receiptNumberOf })
  const { numerators, spreads } = game.sharesOf(used(20))
  expect(new Set(numerators)).toEqual(new Set([19n * game.denominator]))
  expect(spreads).toEqual(numerators.map(() => 0n))
})

test('neither the order of receipts nor that of their assets changes a bit', () => {
  const weightOf = (asset: string) => BigInt(asset.slice(-2)) ** 2n
  const worthOf =
    ({ assets }: UsedTogether): CoalitionWorth =>
    (isMember) => {
      const raw = sum(assets.map((asset, index) => weightOf(asset) * BigInt(at(isMember, index))))
      return raw < 300n ? raw : 300n
    }
  const game = sampledGame(worthOf, { sampling: SAMPLING, receiptNumberOf })
  const list = [used(5), used(14), used(17)]
  const turned = list
    .toReversed()
    .map(({ assets }) => ({ assets: [...assets.slice(2), ...assets.slice(0, 2)].toReversed() }))
  const rolled = list.map(({ assets }) => ({ assets: [...assets.slice(3), ...assets.slice(0, 3)] }))
  expect(shapleyOfReceipts(turned, game)).toEqual(shapleyOfReceipts(list, game))
  expect(shapleyOfReceipts(rolled, game)).toEqual(shapleyOfReceipts(list, game))
})

test('the estimate lies within four standard errors of the exact value, and they shrink as promised', () => {
  const receipt = used(10)
  const exact = shapleyOfReceipts(
    [receipt],
    exactGame(() => saturating),
  )
  const errorsAt = (permutationCount: number) => {
    const sampling: Sampling = { ...SAMPLING, permutationCount }
    const game = sampledGame(() => saturating, { sampling, receiptNumberOf })
    const totals = shapleyOfReceipts([receipt], game)
    const errors = shapleyStandardErrors(totals)
    for (const [asset, value] of totals.numerators) {
      const found = value * exact.denominator
      const expected = (exact.numerators.get(asset) ?? 0n) * totals.denominator
      const distance = found > expected ? found - expected : expected - found
      const allowed = 4n * (errors.get(asset) ?? 0n) * totals.denominator * exact.denominator
      expect(distance <= allowed).toBe(true)
    }
    return sum(errors.values())
  }
  const [few, many] = [errorsAt(64), errorsAt(1024)]
  expect(few > 3n * many && few < 5n * many).toBe(true)
})

test('standard errors are those of the textbook', () => {
  const worthOf: CoalitionWorth = (isMember) => BigInt(at(isMember, 0) | at(isMember, 1)) * 1000n
  const sampling: Sampling = { epochKey: 3n, permutationCount: 50, walks: 'forward' }
  const totals = shapleyOfReceipts(
    [used(2)],
    sampledGame(() => worthOf, { sampling, receiptNumberOf }),
  )
  const draw = permutationDrawer({ playerCount: 2, receiptNumber: 2n, epochKey: 3n })
  const first: number[] = Array.from({ length: 50 }, (_, sample) =>
    draw(sample)[0] === 0 ? 1000 : 0,
  )
  const mean = first.reduce((total, value) => total + value, 0) / 50
  const squares = first.reduce((total, value) => total + (value - mean) ** 2, 0)
  const expected = Math.ceil(Math.sqrt(Math.ceil(squares / 49 / 50)))
  expect(totals.numerators.get('asset 00')).toBe(BigInt(mean * 50))
  expect(shapleyStandardErrors(totals).get('asset 00')).toBe(BigInt(expected))
})

test('small receipts are exact and large ones estimated, over one denominator', () => {
  const game = exactOrSampledGame(() => saturating, { sampling: SAMPLING, receiptNumberOf })
  const totals = shapleyOfReceipts([used(3), used(12), used(13), used(40)], game)
  expect(totals.denominator).toBe(5_765_760n)
  expect(totals.sampledReceiptCount).toBe(2)
  expect(sum(totals.numerators.values())).toBe(totals.denominator * totals.total)
  const exact = exactGame(() => saturating).sharesOf(used(12)).numerators
  expect(game.sharesOf(used(12)).numerators).toEqual(exact.map((value) => value * 8n))
})

test('totals of games sampled differently keep the variances of both', () => {
  const [few, many] = [20, 30].map((permutationCount) => {
    const sampling: Sampling = { ...SAMPLING, permutationCount }
    return shapleyOfReceipts(
      [used(13)],
      sampledGame(() => saturating, { sampling, receiptNumberOf }),
    )
  })
  if (few === undefined || many === undefined) return
  const added = addShapleyTotals([few, many])
  expect(added.sampledReceiptCount).toBe(2)
  const variances = few.varianceDenominator * many.varianceDenominator
  for (const [asset, spread] of added.spreads) {
    const one = (few.spreads.get(asset) ?? 0n) * many.varianceDenominator
    const two = (many.spreads.get(asset) ?? 0n) * few.varianceDenominator
    expect(spread * variances).toBe((one + two) * added.varianceDenominator)
  }
})

test('a standard error below one unit counts as one', () => {
  const worthOf: CoalitionWorth = (isMember) => BigInt(at(isMember, 0) | at(isMember, 1))
  const sampling: Sampling = { epochKey: 3n, permutationCount: 9, walks: 'forward' }
  const game = sampledGame(() => worthOf, { sampling, receiptNumberOf })
  expect([...shapleyStandardErrors(shapleyOfReceipts([used(2)], game)).values()]).toEqual([1n, 1n])
})

test('orders are permutations, and another receipt, epoch or sample draws another', () => {
  const seen = new Set<string>()
  for (const [receiptNumber, epochKey, sample] of [
    [1n, 1n, 0],
    [1n << 32n, 1n, 0],
    [1n, 1n << 32n, 0],
    [1n, 2n, 0],
    [1n, 1n, 1],
  ] as const) {
    const order = permutationDrawer({ playerCount: 30, receiptNumber, epochKey })(sample)
    expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i))
    seen.add(order.join())
  }
  expect(seen.size).toBe(5)
})

test('what cannot be drawn is refused with a code', () => {
  const refused = { code: 'SHAPLEY_SAMPLING_MALFORMED' }
  for (const bad of [
    { permutationCount: 1 },
    { permutationCount: 2.5 },
    { permutationCount: 2 ** 20 + 1 },
    { epochKey: -1n },
    { epochKey: 1n << 64n },
  ]) {
    const sampling = { ...SAMPLING, ...bad }
    expect(() => sampledGame(() => saturating, { sampling, receiptNumberOf })).toThrow(
      expect.objectContaining(refused),
    )
  }
  const game = sampledGame(() => saturating, { sampling: SAMPLING, receiptNumberOf: () => -1n })
  expect(() => game.sharesOf(used(3))).toThrow(expect.objectContaining(refused))
  const many = sampledGame(() => saturating, { sampling: SAMPLING, receiptNumberOf })
  expect(() => many.sharesOf(used(1025))).toThrow(
    expect.objectContaining({ code: 'SHAPLEY_TOO_MANY_PLAYERS' }),
  )
})

test('a receipt number is the first eight bytes of the digest', () => {
  expect(receiptNumberOfDigest(`0x0123456789abcdef${'ff'.repeat(24)}`)).toBe(0x0123456789abcdefn)
})

function sizeOf(isMember: Uint8Array): number {
  return isMember.reduce((count, member) => count + member, 0)
}

/** Each asset brings a square, until sixty million are reached: no closed form. */
function saturating(isMember: Uint8Array): bigint {
  let raw = 0
  for (const [player, member] of isMember.entries()) raw += member * (1000 + 700 * player) ** 2
  return BigInt(Math.min(raw, 60_000_000))
}

function used(count: number) {
  return {
    assets: Array.from({ length: count }, (_, index) => `asset ${String(index).padStart(2, '0')}`),
  }
}
