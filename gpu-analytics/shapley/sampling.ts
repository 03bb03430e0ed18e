import { FatalError, invariant, sum } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { type SampledDenominator, checkCoalitionWorth } from './game.ts'
import { permutationDrawer } from './permutation.ts'

/** How Shapley values are estimated; part of the ruleset, since it decides every bit. */
export type Sampling = {
  /** 64 bits; another epoch draws other orders. */
  readonly epochKey: bigint
  /** How many orders are drawn per receipt, 2 to 2^20. */
  readonly permutationCount: number
  /** Walk each order also from its end: the two errors partly cancel, at no cost in randomness. */
  readonly walks: 'forward' | 'forward-and-back'
}

/** What one receipt's walks added up to, per player. */
export type SampledSums = {
  /** Σ marginal worth; they sum to `walk count · worth of all players`, to the unit. */
  readonly sums: readonly bigint[]
  /** Σ over the drawn orders of (marginal worth, both walks together)². */
  readonly squareSums: readonly bigint[]
}

/** Starts a walk; the function it returns says what the coalition is worth when a player joins. */
export type StartWalk = () => (player: number) => bigint

/** The most orders that may be drawn per receipt. */
export const PERMUTATIONS_MAX = 2 ** 20

/** Walks per receipt: a value is its sum over this. */
export function walkCountOf(sampling: Sampling): bigint {
  return BigInt(sampling.permutationCount * walksPerPermutation(sampling))
}

/** 1, or 2 with the walks back. */
export function walksPerPermutation({ walks }: Sampling): 1 | 2 {
  return walks === 'forward' ? 1 : 2
}

/**
 * The variance of a value's estimate, for T orders of w walks, with sums x over an order, is
 * `(T·Σx² − (Σx)²) / (T²·(T−1)·w²)`; this is what it is divided by.
 */
export function sampledDenominatorOf(sampling: Sampling): SampledDenominator {
  const permutationCount = BigInt(sampling.permutationCount)
  const walkCount = walkCountOf(sampling)
  return { varianceDenominator: walkCount * walkCount * (permutationCount - 1n) }
}

/** `T·Σx² − (Σx)²`, never negative: what a variance has above the line. */
export function spreadOf(sampling: Sampling, total: bigint, squareTotal: bigint): bigint {
  return BigInt(sampling.permutationCount) * squareTotal - total * total
}

/** Checks that a sampling can be carried out. */
export function checkSampling({ epochKey, permutationCount }: Sampling): void {
  checkWord64('epochKey', epochKey)
  const isCount = Number.isInteger(permutationCount)
  if (!isCount || permutationCount < 2 || permutationCount > PERMUTATIONS_MAX) {
    throw new SamplingError(`permutationCount: expected 2 to 2^20, found ${permutationCount}`)
  }
}

/** Checks that a number has 64 bits. */
export function checkWord64(what: string, value: bigint): void {
  if (value < 0n || value >> 64n !== 0n) {
    throw new SamplingError(`${what}: expected 0 to 2^64 - 1, found ${value}`)
  }
}

/** Adds up the marginal worths of every player over the orders drawn for one receipt. */
export function sampleSums(
  playerCount: number,
  receiptNumber: bigint,
  startWalk: StartWalk,
  sampling: Sampling,
): SampledSums {
  checkWord64('receipt number', receiptNumber)
  const draw = permutationDrawer({ playerCount, receiptNumber, epochKey: sampling.epochKey })
  const sums = Array.from<bigint>({ length: playerCount }).fill(0n)
  const squareSums = sums.slice()
  const marginals = sums.slice()
  let worth = 0n
  for (let sample = 0; sample < sampling.permutationCount; sample++) {
    const order = draw(sample)
    marginals.fill(0n)
    worth = walk(order, startWalk(), marginals)
    if (sampling.walks === 'forward-and-back') walk(order.toReversed(), startWalk(), marginals)
    for (let player = 0; player < playerCount; player++) {
      const marginal = at(marginals, player)
      sums[player] = at(sums, player) + marginal
      squareSums[player] = at(squareSums, player) + marginal * marginal
    }
  }
  invariant(
    sum(sums) === worth * walkCountOf(sampling),
    `expected marginal worths that sum to ${worth * walkCountOf(sampling)}, found ${sum(sums)}`,
  )
  return { sums, squareSums }
}

/** Adds each player's marginal worth; returns the worth of all. */
function walk(order: Uint32Array, joined: (player: number) => bigint, marginals: bigint[]): bigint {
  let before = 0n
  for (const player of order) {
    const worth = checkCoalitionWorth(joined(player))
    marginals[player] = at(marginals, player) + worth - before
    before = worth
  }
  return before
}

/** A sampling that cannot be carried out. */
export class SamplingError extends FatalError {
  constructor(detail: string) {
    super('SHAPLEY_SAMPLING_MALFORMED', detail)
  }
}
