import { AMOUNT_BOUND, FatalError, checkAmount, invariant, sum } from '@foggara/schema'

/** lcm(1..16): every Shapley value of an integer game of up to 16 players is a whole number of these. */
export const SHAPLEY_DENOMINATOR = 720_720n

/** The most players of an exact game. */
export const EXACT_PLAYERS_MAX = 16

/** What was used together: the assets are the players of one game. */
export type UsedTogether = {
  /** Distinct, at least one, in any order. */
  readonly assets: readonly string[]
}

/** A receipt whose worth is known and whose game follows from its assets alone. */
export type WorthReceipt = UsedTogether & {
  /** What there is to divide, e.g. the fee. `0 <= worth < 2^96` token base units. */
  readonly worth: bigint
}

/**
 * A rule that divides the worth of one receipt among its assets by their Shapley value. The
 * denominator belongs to the rule and never depends on a receipt, so that receipts add up.
 */
export type ShapleyGame<Receipt extends UsedTogether> = {
  readonly denominator: bigint
  readonly sampled: SampledDenominator | 'never'
  readonly sharesOf: (receipt: Receipt) => ShapleyShares
}

/** What the spreads of a sampled game are over; see {@link ShapleyShares}. */
export type SampledDenominator = {
  /** `spread / varianceDenominator` is the estimated variance of `numerator / denominator`. */
  readonly varianceDenominator: bigint
}

/** One receipt's worth, divided. */
export type ShapleyShares = {
  /** The worth of all assets together; numerators sum to `denominator · worth`, to the unit. */
  readonly worth: bigint
  /** Per asset of the receipt, in its order. */
  readonly numerators: readonly bigint[]
  /** Per asset, how far the drawn values lay apart; `exact` where nothing was drawn. */
  readonly spreads: readonly bigint[] | 'exact'
}

/** Shares of an exact game; asserts that they sum to the worth. */
export function exactShares(
  worth: bigint,
  numerators: readonly bigint[],
  denominator: bigint,
): ShapleyShares {
  invariant(
    sum(numerators) === worth * denominator,
    `expected shares that sum to ${worth * denominator}, found ${sum(numerators)}`,
  )
  return { worth: checkAmount(worth, 'worth of a receipt'), numerators, spreads: 'exact' }
}

/** Checks that the assets are distinct and that there are 1 to `countMax` of them. */
export function checkAssets(assets: readonly string[], countMax: number): void {
  if (assets.length > countMax) throw new TooManyPlayersError(countMax, assets.length)
  const distinct = new Set(assets).size
  if (distinct === 0 || distinct !== assets.length) {
    throw new ShapleyReceiptError(
      `expected one or more distinct assets, found ${distinct} among ${assets.length}`,
    )
  }
}

/** Checks that a coalition's worth may enter a calculation: `-2^96 < worth < 2^96`. */
export function checkCoalitionWorth(worth: bigint): bigint {
  if (worth <= -AMOUNT_BOUND || worth >= AMOUNT_BOUND) {
    throw new ShapleyGameError(`expected a coalition's worth within 2^96, found ${worth}`)
  }
  return worth
}

/** Checks that nobody together is worth nothing. */
export function checkEmptyWorth(worth: bigint): void {
  if (worth !== 0n) {
    throw new ShapleyGameError(`expected the empty coalition to be worth 0, found ${worth}`)
  }
}

/** A receipt names more assets than its game can divide exactly. */
export class TooManyPlayersError extends FatalError {
  constructor(countMax: number, found: number) {
    super(
      'SHAPLEY_TOO_MANY_PLAYERS',
      `expected at most ${countMax} assets in one receipt of this game, found ${found}`,
      { hint: 'Use sampledGame or exactOrSampledGame, which estimate larger games.' },
    )
  }
}

/** A receipt does not fit its game. */
export class ShapleyReceiptError extends FatalError {
  constructor(detail: string) {
    super('SHAPLEY_RECEIPT_MALFORMED', detail)
  }
}

/** A game is not one: its worths are out of range, or the empty coalition is worth something. */
export class ShapleyGameError extends FatalError {
  constructor(detail: string) {
    super('SHAPLEY_GAME_MALFORMED', detail)
  }
}
