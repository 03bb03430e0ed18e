import { BPS_WHOLE, FatalError, sum } from '@foggara/schema'

import { largestRemainderByKey } from './largest-remainder.ts'

/**
 * Divides a budget over role pools by basis points, which sum to the whole; ties go to the name that
 * comes first. The amounts sum to the budget.
 *
 * @throws {BasisPointsError} when the points are not whole numbers that sum to 10 000.
 */
export function splitByBasisPoints(
  budget: bigint,
  bps: ReadonlyMap<string, number>,
): Map<string, bigint> {
  const weights = new Map<string, bigint>()
  for (const [pool, points] of bps) {
    if (!Number.isInteger(points) || points < 0) {
      throw new BasisPointsError(`${pool}: expected whole basis points, found ${points}`)
    }
    weights.set(pool, BigInt(points))
  }
  const total = sum(weights.values())
  if (total !== BPS_WHOLE) {
    throw new BasisPointsError(`expected a sum of ${BPS_WHOLE} basis points, found ${total}`)
  }
  return largestRemainderByKey(budget, weights)
}

/** The basis points of pools are not a division of the whole. */
export class BasisPointsError extends FatalError {
  constructor(detail: string) {
    super('BASIS_POINTS_MALFORMED', detail)
  }
}
