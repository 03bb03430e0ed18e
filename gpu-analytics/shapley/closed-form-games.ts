import { checkAmount, divFloor, invariant, sum } from '@foggara/schema'

import { at } from '../graph/at.ts'
import {
  EXACT_PLAYERS_MAX,
  SHAPLEY_DENOMINATOR,
  type ShapleyGame,
  ShapleyReceiptError,
  type UsedTogether,
  type WorthReceipt,
  checkAssets,
  exactShares,
} from './game.ts'

/**
 * The denominator of role blocks: the lcm of `blocks · size` over all blocks that fit in 16 assets,
 * `2^6 · 3^3 · 5^2 · 7^2 · 11 · 13`.
 */
export const ROLE_BLOCK_DENOMINATOR = 302_702_400n

/**
 * The worth is there only with ALL assets, or with ANY of them: both divide it equally.
 *
 * Every receipt may have up to 16 assets.
 */
export function allOrAnyGame(): ShapleyGame<WorthReceipt> {
  return exactGameOf(SHAPLEY_DENOMINATOR, ({ assets, worth }) => {
    const share = checkWorth(worth) * divFloor(SHAPLEY_DENOMINATOR, BigInt(assets.length))
    return { worth, numerators: assets.map(() => share) }
  })
}

/**
 * The worth is there with at least one asset of EACH group, e.g. a model, any of the retrieved data
 * sets and any tool. Many substitutes share little: with k data sets the model gets k/(k+1).
 */
export function anyOfEachGroupGame(groupOf: (asset: string) => string): ShapleyGame<WorthReceipt> {
  // There are 914 ways to divide up to 16 assets into groups.
  const known = new Map<string, ReadonlyMap<number, bigint>>()
  return exactGameOf(SHAPLEY_DENOMINATOR, ({ assets, worth }) => {
    const groups = assets.map(groupOf)
    const sizes = sizesOf(groups)
    const ascending = [...sizes.values()].toSorted((a, b) => a - b)
    const key = ascending.join()
    const shares = known.get(key) ?? memberShares(ascending)
    known.set(key, shares)
    const numerators = groups.map((group) => checkWorth(worth) * of(shares, of(sizes, group)))
    return { worth, numerators }
  })
}

/**
 * Owen's value of a worth that needs all assets: equal among the blocks (roles), then equal among
 * the assets of a block. Its denominator is {@link ROLE_BLOCK_DENOMINATOR}.
 */
export function roleBlockGame(blockOf: (asset: string) => string): ShapleyGame<WorthReceipt> {
  return exactGameOf(ROLE_BLOCK_DENOMINATOR, ({ assets, worth }) => {
    const blocks = assets.map(blockOf)
    const sizes = sizesOf(blocks)
    const numerators = blocks.map((block) => {
      const parts = BigInt(sizes.size * of(sizes, block))
      return checkWorth(worth) * divFloor(ROLE_BLOCK_DENOMINATOR, parts)
    })
    return { worth, numerators }
  })
}

/** A receipt whose worth is the sum over its key points of the best score that an asset reached. */
export type KeyPointReceipt = UsedTogether & {
  /** Per key point, per asset of the receipt: `0 <= score < 2^96`. */
  readonly keyPoints: readonly (readonly bigint[])[]
}

/** Max-sum (the airport game per key point): who raises the best score shares the raise. */
export function keyPointGame(): ShapleyGame<KeyPointReceipt> {
  return exactGameOf(SHAPLEY_DENOMINATOR, ({ assets, keyPoints }) => {
    const numerators = assets.map(() => 0n)
    let worth = 0n
    for (const scores of keyPoints) {
      checkScores(scores, assets.length)
      worth += addAirportShares(scores, numerators)
    }
    return { worth, numerators }
  })
}

function exactGameOf<Receipt extends UsedTogether>(
  denominator: bigint,
  divide: (receipt: Receipt) => { readonly worth: bigint; readonly numerators: readonly bigint[] },
): ShapleyGame<Receipt> {
  return {
    denominator,
    sampled: 'never',
    sharesOf: (receipt) => {
      checkAssets(receipt.assets, EXACT_PLAYERS_MAX)
      const { worth, numerators } = divide(receipt)
      return exactShares(worth, numerators, denominator)
    },
  }
}

/** Per size of a group what one of its members gets of a worth of 1, as parts of 720720. */
function memberShares(sizes: readonly number[]): ReadonlyMap<number, bigint> {
  return new Map(
    sizes.map((size, group) => [size, memberShare(size, sizes.toSpliced(group, 1))] as const),
  )
}

/**
 * What one member of a group gets of a worth of 1, as parts of 720720. With u the time a member
 * joins, counted backwards, it is `∫ u^(size-1) · Π (1 - u^other) du` over [0, 1]: the product is a
 * polynomial with integer coefficients (below 2^16 in all), and each power `u^(size - 1 + e)`
 * integrates to `1 / (size + e)`, where `size + e <= 16` divides 720720.
 */
function memberShare(size: number, others: readonly number[]): bigint {
  const coefficients = Array.from<bigint>({ length: EXACT_PLAYERS_MAX + 1 }).fill(0n)
  coefficients[0] = 1n
  for (const other of others) {
    for (let power = EXACT_PLAYERS_MAX; power >= other; power--) {
      coefficients[power] = at(coefficients, power) - at(coefficients, power - other)
    }
  }
  return sum(
    coefficients
      .slice(0, EXACT_PLAYERS_MAX - size + 1)
      .map((factor, power) => factor * divFloor(SHAPLEY_DENOMINATOR, BigInt(size + power))),
  )
}

/** Each raise over the next lower score is shared by all who reach it; returns the best score. */
function addAirportShares(scores: readonly bigint[], numerators: bigint[]): bigint {
  const ascending = scores
    .map((score, index) => ({ score, index }))
    .toSorted((a, b) => (a.score < b.score ? -1 : a.score > b.score ? 1 : a.index - b.index))
  let reached = 0n
  let share = 0n
  for (const [rank, { score, index }] of ascending.entries()) {
    const sharers = BigInt(scores.length - rank)
    share += (score - reached) * divFloor(SHAPLEY_DENOMINATOR, sharers)
    reached = score
    numerators[index] = at(numerators, index) + share
  }
  return reached
}

function sizesOf(groups: readonly string[]): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return sizes
}

function of<Key, Value>(values: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = values.get(key)
  invariant(value !== undefined, `expected a value of ${String(key)}`)
  return value
}

function checkWorth(worth: bigint): bigint {
  return checkAmount(worth, 'worth of a receipt')
}

function checkScores(scores: readonly bigint[], assetCount: number): void {
  if (scores.length !== assetCount) {
    throw new ShapleyReceiptError(
      `expected one score per asset (${assetCount}), found ${scores.length}`,
    )
  }
  for (const score of scores) checkAmount(score, 'score at a key point')
}
