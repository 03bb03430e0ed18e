import { FatalError, checkAmount, compareBigints, divFloor, invariant, sum } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { compareIdBytes } from '../graph/id-order.ts'
import { largestRemainderByKey } from '../split/largest-remainder.ts'
import type { ShapleyGame, ShapleyShares, UsedTogether } from './game.ts'

/** Who made the receipts valuable: one integer vector over one denominator, nothing rounded. */
export type ShapleyTotals = {
  /** Per asset, ascending by id. They sum to `denominator · total`, to the unit. */
  readonly numerators: ReadonlyMap<string, bigint>
  readonly denominator: bigint
  /** The worth of all receipts, below 2^96 token base units. */
  readonly total: bigint
  /**
   * Per asset with a sampled receipt: `spread / varianceDenominator` is the estimated variance of
   * its value, in squared base units. Receipts are drawn independently, so that variances add up.
   */
  readonly spreads: ReadonlyMap<string, bigint>
  readonly varianceDenominator: bigint
  /** How many receipts were estimated instead of computed exactly. */
  readonly sampledReceiptCount: number
}

/**
 * Adds up the Shapley values of all receipts in whole numbers; the order of receipts changes nothing.
 *
 * @example
 * const totals = shapleyOfReceipts([{ assets: ['0xaa', '0xbb'], worth: 3n }], allOrAnyGame())
 * shapleyUnits(totals, 3n) // Map { '0xaa' => 2n, '0xbb' => 1n }
 * @throws {TooManyPlayersError | ShapleyReceiptError | ShapleyGameError | AmountOutOfRangeError}
 */
export function shapleyOfReceipts<Receipt extends UsedTogether>(
  receipts: Iterable<Receipt>,
  game: ShapleyGame<Receipt>,
): ShapleyTotals {
  return totalsOfShares(eachShares(receipts, game), game)
}

/** Adds totals of different games, over the least common denominator; still nothing is rounded. */
export function addShapleyTotals(parts: readonly ShapleyTotals[]): ShapleyTotals {
  const denominator = leastCommonMultiple(parts.map((part) => part.denominator))
  const varianceDenominator = leastCommonMultiple(parts.map((part) => part.varianceDenominator))
  const numerators = new Map<string, bigint>()
  const spreads = new Map<string, bigint>()
  for (const part of parts) {
    const scale = divFloor(denominator, part.denominator)
    for (const [asset, value] of part.numerators) addTo(numerators, asset, value * scale)
    const spreadScale = divFloor(varianceDenominator, part.varianceDenominator)
    for (const [asset, value] of part.spreads) addTo(spreads, asset, value * spreadScale)
  }
  return finished({
    numerators,
    denominator,
    total: sum(parts.map((part) => part.total)),
    spreads,
    varianceDenominator,
    sampledReceiptCount: parts.reduce((count, part) => count + part.sampledReceiptCount, 0),
  })
}

/**
 * Divides a budget in proportion to the values by Hamilton's method: the one rounding of an epoch.
 *
 * @throws {NegativeShapleyError} when an asset made the receipts worth less.
 * @throws {SplitWithoutWeightError} when there is a budget and no value to divide it by.
 */
export function shapleyUnits(totals: ShapleyTotals, budget: bigint): Map<string, bigint> {
  for (const [asset, numerator] of totals.numerators) {
    if (numerator < 0n) throw new NegativeShapleyError(asset)
  }
  return largestRemainderByKey(checkAmount(budget, 'budget'), totals.numerators)
}

/**
 * Per asset with a sampled receipt, the estimated standard error of its value, rounded up.
 * Unit: token base units.
 */
export function shapleyStandardErrors(totals: ShapleyTotals): Map<string, bigint> {
  return new Map(
    [...totals.spreads].map(([asset, spread]) => {
      const variance = divFloor(
        spread + totals.varianceDenominator - 1n,
        totals.varianceDenominator,
      )
      return [asset, squareRootCeil(variance)]
    }),
  )
}

/** Adds up shares that one rule gave; each entry has a receipt's assets in the order of its shares. */
export function totalsOfShares(
  entries: Iterable<readonly [assets: readonly string[], shares: ShapleyShares]>,
  { denominator, sampled }: Pick<ShapleyGame<never>, 'denominator' | 'sampled'>,
): ShapleyTotals {
  const numerators = new Map<string, bigint>()
  const spreads = new Map<string, bigint>()
  let total = 0n
  let sampledReceiptCount = 0
  for (const [assets, shares] of entries) {
    total += shares.worth
    if (shares.spreads !== 'exact') sampledReceiptCount += 1
    for (const [index, asset] of assets.entries()) {
      addTo(numerators, asset, at(shares.numerators, index))
      if (shares.spreads !== 'exact') addTo(spreads, asset, at(shares.spreads, index))
    }
  }
  const varianceDenominator = sampled === 'never' ? 1n : sampled.varianceDenominator
  const parts = { numerators, denominator, total, spreads, varianceDenominator }
  return finished({ ...parts, sampledReceiptCount })
}

/** The least common multiple; 1 of nothing. */
export function leastCommonMultiple(values: readonly bigint[]): bigint {
  return values.reduce(
    (multiple, value) => divFloor(multiple * value, divisor(multiple, value)),
    1n,
  )
}

function* eachShares<Receipt extends UsedTogether>(
  receipts: Iterable<Receipt>,
  game: ShapleyGame<Receipt>,
): Generator<readonly [readonly string[], ShapleyShares]> {
  for (const receipt of receipts) yield [receipt.assets, game.sharesOf(receipt)]
}

function divisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : divisor(b, a % b)
}

function finished(totals: ShapleyTotals): ShapleyTotals {
  checkAmount(totals.total, 'worth of all receipts')
  invariant(
    sum(totals.numerators.values()) === totals.denominator * totals.total,
    `expected values that sum to ${totals.denominator * totals.total}`,
  )
  return {
    ...totals,
    numerators: ascending(totals.numerators),
    spreads: ascending(totals.spreads),
  }
}

function ascending(values: ReadonlyMap<string, bigint>): Map<string, bigint> {
  return new Map([...values].toSorted((a, b) => compareIdBytes(a[0], b[0])))
}

function addTo(values: Map<string, bigint>, key: string, amount: bigint): void {
  values.set(key, (values.get(key) ?? 0n) + amount)
}

/** Newton's method from above: ends because each step is smaller until the floor is reached. */
function squareRootCeil(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + divFloor(value, root)) >> 1n
    if (compareBigints(next, root) >= 0) break
    root = next
  }
  return root * root === value ? root : root + 1n
}

/** A value is negative, so that no budget can be divided in proportion. */
export class NegativeShapleyError extends FatalError {
  constructor(asset: string) {
    super('SHAPLEY_NEGATIVE', `expected values of at least 0, found less for ${asset}`, {
      hint: 'Use a game in which more assets are never worth less.',
    })
  }
}
