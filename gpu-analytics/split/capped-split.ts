import { invariant, sum } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { type Claim, largestRemainder } from './largest-remainder.ts'

export type CappedSplit = {
  /** In the order of the claims, none above the cap. */
  readonly amounts: readonly bigint[]
  /** What nobody could take: no claim weighs anything, or everybody is at the cap. */
  readonly unallocated: bigint
}

/**
 * Divides `total` by largest remainder with nobody above `cap`, by water-filling: whoever would get
 * more is fixed at the cap, and the rest is divided again among the others. At most one round per
 * claim. `sum(amounts) + unallocated = total`.
 */
export function cappedSplit(total: bigint, cap: bigint, claims: readonly Claim[]): CappedSplit {
  const amounts = claims.map(() => 0n)
  let free = [...claims.keys()].filter((index) => at(claims, index).weight > 0n)
  let left = total
  while (free.length > 0) {
    const offered = largestRemainder(
      left,
      free.map((index) => at(claims, index)),
    )
    const isOver = offered.map((amount) => amount > cap)
    if (!isOver.includes(true)) {
      for (const [place, index] of free.entries()) amounts[index] = at(offered, place)
      left = 0n
      break
    }
    for (const [place, index] of free.entries()) {
      if (!at(isOver, place)) continue
      amounts[index] = cap
      left -= cap
    }
    free = free.filter((_, place) => !at(isOver, place))
  }
  invariant(sum(amounts) + left === total, `expected parts and rest that sum to ${total}`)
  return { amounts, unallocated: left }
}
