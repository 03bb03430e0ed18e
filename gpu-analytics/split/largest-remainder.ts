import { FatalError, divFloor, invariant, sum } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { compareIdBytes } from '../graph/id-order.ts'

/** A claim on a total: its owner's id breaks ties, so ids are distinct within one split. */
export type Claim = { readonly id: string; readonly weight: bigint }

/**
 * Hamilton's method: each claim gets `floor(total · weight / sum)`, and the units left over go one
 * each to the largest remainders, ties to the lower id. Amounts are in the order of the claims, sum
 * to `total` exactly, lie within one unit of the exact quota and do not depend on the claims' order.
 *
 * @throws {SplitWithoutWeightError} when there is something to divide and no weight to divide it by.
 * @throws {SplitClaimNegativeError} when the total or a weight is negative.
 */
export function largestRemainder(total: bigint, claims: readonly Claim[]): bigint[] {
  if (total < 0n) throw new SplitClaimNegativeError('total', total)
  for (const { id, weight } of claims) {
    if (weight < 0n) throw new SplitClaimNegativeError(`weight of ${id}`, weight)
  }
  const weightTotal = sum(claims.map((claim) => claim.weight))
  if (total === 0n) return claims.map(() => 0n)
  if (weightTotal <= 0n) throw new SplitWithoutWeightError(total)

  const quotas = claims.map((claim, index) => {
    const product = total * claim.weight
    const amount = divFloor(product, weightTotal)
    return { index, id: claim.id, amount, remainder: product - amount * weightTotal }
  })
  const amounts = quotas.map((quota) => quota.amount)
  const leftover = Number(total - sum(amounts))
  quotas.sort(byRemainder)
  for (const quota of quotas.slice(0, leftover)) amounts[quota.index] = quota.amount + 1n
  invariant(sum(amounts) === total, `expected parts that sum to ${total}`)
  return amounts
}

/** Hamilton's method over a map; the entries come in the map's order. */
export function largestRemainderByKey(
  total: bigint,
  weights: ReadonlyMap<string, bigint>,
): Map<string, bigint> {
  const claims = [...weights].map(([id, weight]) => ({ id, weight }))
  const amounts = largestRemainder(total, claims)
  return new Map(claims.map((claim, index) => [claim.id, at(amounts, index)]))
}

type Quota = {
  readonly index: number
  readonly id: string
  readonly amount: bigint
  readonly remainder: bigint
}

function byRemainder(a: Quota, b: Quota): number {
  if (a.remainder !== b.remainder) return a.remainder > b.remainder ? -1 : 1
  return compareIdBytes(a.id, b.id)
}

/** A positive total meets claims that all weigh nothing. */
export class SplitWithoutWeightError extends FatalError {
  constructor(total: bigint) {
    super('SPLIT_WITHOUT_WEIGHT', `expected a claim of positive weight on ${total}, found none`)
  }
}

/** A total or a weight to divide is less than nothing. */
export class SplitClaimNegativeError extends FatalError {
  constructor(what: string, found: bigint) {
    super('SPLIT_CLAIM_NEGATIVE', `${what}: expected at least 0, found ${found}`)
  }
}
