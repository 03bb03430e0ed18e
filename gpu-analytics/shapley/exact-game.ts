import { divFloor } from '@foggara/schema'

import { at } from '../graph/at.ts'
import {
  EXACT_PLAYERS_MAX,
  SHAPLEY_DENOMINATOR,
  type ShapleyGame,
  type UsedTogether,
  checkAssets,
  checkCoalitionWorth,
  checkEmptyWorth,
  exactShares,
} from './game.ts'

/** The most players that are computed exactly unless more are asked for: 2^12 coalitions a receipt. */
export const EXACT_PLAYERS_DEFAULT_MAX = 12

/**
 * What a coalition is worth, within 2^96 either way; 0 for nobody. It depends on the members alone,
 * whoever joined first. `isMember` has 1 or 0 per asset of the receipt and is used again: keep none.
 */
export type CoalitionWorth = (isMember: Uint8Array) => bigint

/**
 * Any integer game, exactly, from the worth of every coalition: 12 assets a receipt, 16 at most.
 *
 * @throws {TooManyPlayersError} above `playerCountMax`.
 * @throws {ShapleyGameError} for worths out of range.
 */
export function exactGame<Receipt extends UsedTogether>(
  worthOf: (receipt: Receipt) => CoalitionWorth,
  { playerCountMax = EXACT_PLAYERS_DEFAULT_MAX }: { readonly playerCountMax?: number } = {},
): ShapleyGame<Receipt> {
  const countMax = Math.min(playerCountMax, EXACT_PLAYERS_MAX)
  return {
    denominator: SHAPLEY_DENOMINATOR,
    sampled: 'never',
    sharesOf: (receipt) => {
      checkAssets(receipt.assets, countMax)
      const { worth, numerators } = exactNumerators(receipt.assets.length, worthOf(receipt))
      return exactShares(worth, numerators, SHAPLEY_DENOMINATOR)
    },
  }
}

/**
 * `720720 · s! (k-s-1)! / k!` for s from 0 to k, and 0 for s = k: what joining a coalition of s
 * weighs among k players. Whole, because `k · binomial(k-1, s)` divides `lcm(1..k)`.
 */
export function coalitionFactors(playerCount: number): readonly bigint[] {
  const factors: bigint[] = []
  let binomial = 1n
  for (let size = 0; size < playerCount; size++) {
    factors.push(divFloor(SHAPLEY_DENOMINATOR, BigInt(playerCount) * binomial))
    binomial = divFloor(binomial * BigInt(playerCount - 1 - size), BigInt(size + 1))
  }
  return [...factors, 0n]
}

/**
 * `φ_i = Σ_{S∋i} f(|S|-1)·v(S) − Σ_{S∌i} f(|S|)·v(S)`, rearranged so that each coalition is weighed
 * once: `Σ_{S∋i} (f(|S|-1) + f(|S|))·v(S) − Σ_S f(|S|)·v(S)`.
 */
function exactNumerators(playerCount: number, worthOf: CoalitionWorth) {
  const factors = coalitionFactors(playerCount)
  const isMember = new Uint8Array(playerCount)
  checkEmptyWorth(worthOf(isMember))

  const weighed = Array.from<bigint>({ length: 2 ** playerCount }).fill(0n)
  let base = 0n
  let whole = 0n
  let size = 0
  for (let step = 1; step < weighed.length; step++) {
    // Gray code: each step one player joins or leaves.
    const player = 31 - Math.clz32(step & -step)
    const joins = at(isMember, player) === 0
    isMember[player] = joins ? 1 : 0
    size += joins ? 1 : -1
    const coalition = step ^ (step >>> 1)
    const worth = checkCoalitionWorth(worthOf(isMember))
    weighed[coalition] = (at(factors, size - 1) + at(factors, size)) * worth
    base += at(factors, size) * worth
    if (size === playerCount) whole = worth
  }
  return { worth: whole, numerators: foldByPlayer(weighed, playerCount).map((x) => x - base) }
}

/** Per player the sum over the coalitions with it; halves the table from the last player down. */
function foldByPlayer(table: bigint[], playerCount: number): bigint[] {
  const sums = Array.from<bigint>({ length: playerCount }).fill(0n)
  for (let player = playerCount - 1; player >= 0; player--) {
    const half = 2 ** player
    let upperSum = 0n
    for (let coalition = 0; coalition < half; coalition++) {
      const upper = at(table, coalition + half)
      upperSum += upper
      table[coalition] = at(table, coalition) + upper
    }
    sums[player] = upperSum
  }
  return sums
}
