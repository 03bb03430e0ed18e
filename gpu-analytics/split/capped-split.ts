import { FatalError, invariant, sum } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { type Claim, largestRemainder } from './largest-remainder.ts'

/** A claim with the most that it may get. */
export type CappedClaim = Claim & { readonly cap: bigint }

export type CappedSplit = {
  /** In the order of the claims, none above its cap. */
  readonly amounts: readonly bigint[]
  /** What nobody could take: no claim weighs anything, or everybody is at the cap. */
  readonly unallocated: bigint
}

/**
 * Divides `total` by largest remainder with nobody above `cap`, by water-filling: whoever would get
 * more is fixed at the cap, and the rest is divided again among the others. At most one round per
 * claim. `sum(amounts) + unallocated = total`.
 *
 * @throws {CapNegativeError | SplitClaimNegativeError}
 */
export function cappedSplit(total: bigint, cap: bigint, claims: readonly Claim[]): CappedSplit {
  return ownCapSplit(
    total,
    claims.map((claim) => ({ ...claim, cap })),
  )
}

/**
 * Like {@link cappedSplit}, with a cap for each claim. What is unallocated is what the caps of all
 * claims with weight leave of the total.
 *
 * @throws {CapNegativeError | SplitClaimNegativeError}
 */
export function ownCapSplit(total: bigint, claims: readonly CappedClaim[]): CappedSplit {
  for (const { id, cap } of claims) if (cap < 0n) throw new CapNegativeError(id, cap)
  const amounts = claims.map(() => 0n)
  let free = [...claims.keys()].filter((index) => at(claims, index).weight > 0n)
  let left = total
  while (free.length > 0) {
    const offered = largestRemainder(
      left,
      free.map((index) => at(claims, index)),
    )
    const isOver = offered.map((amount, place) => amount > at(claims, at(free, place)).cap)
    if (!isOver.includes(true)) {
      for (const [place, index] of free.entries()) amounts[index] = at(offered, place)
      left = 0n
      break
    }
    for (const [place, index] of free.entries()) {
      if (!at(isOver, place)) continue
      const { cap } = at(claims, index)
      amounts[index] = cap
      left -= cap
    }
    free = free.filter((_, place) => !at(isOver, place))
  }
  invariant(sum(amounts) + left === total, `expected parts and rest that sum to ${total}`)
  return { amounts, unallocated: left }
}

/** The most that a claim may get is less than nothing. */
export class CapNegativeError extends FatalError {
  constructor(id: string, cap: bigint) {
    super('SPLIT_CAP_NEGATIVE', `claim ${id}: expected a cap of at least 0, found ${cap}`)
  }
}
