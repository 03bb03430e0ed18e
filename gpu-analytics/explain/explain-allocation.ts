import {
  type Allocation,
  type AllocationPart,
  type EpochResult,
  FatalError,
  type Hex,
  type Pool,
  type Snapshot,
  invariant,
  sum,
} from '@foggara/schema'

import { type Reason, explainerOf } from './explain-source.ts'

/** Why an account earned what it earned: every level sums to the one above, to the last unit. */
export type AllocationExplanation = Allocation & {
  readonly pools: readonly PoolExplanation[]
}

export type PoolExplanation = {
  readonly pool: Pool
  /** What the pool had to give. */
  readonly poolAmount: bigint
  /** What it gave the account. */
  readonly amount: bigint
  readonly sources: readonly SourceExplanation[]
}

export type SourceExplanation = Omit<AllocationPart, 'account' | 'pool'> & {
  readonly reasons: readonly Reason[]
}

/**
 * Explains an account's allocation: pools, in them the assets (or the account's own work), under them
 * the receipts and children that it goes back to.
 *
 * @throws {AllocationUnknownError} when the epoch has no allocation for the account.
 */
export function explainAllocation(
  result: EpochResult,
  snapshot: Snapshot,
  account: Hex,
): AllocationExplanation {
  const allocation = result.allocations.find((row) => row.account === account)
  if (allocation === undefined) throw new AllocationUnknownError(account, result.epoch)
  const rankScores = new Map(
    result.scores.filter((row) => row.measure === 'rank').map((row) => [row.id, row.score]),
  )
  const explain = explainerOf(snapshot, rankScores)
  const parts = result.parts.filter((part) => part.account === account)
  const pools = result.pools.flatMap(({ pool, amount: poolAmount }): PoolExplanation[] => {
    const sources = parts
      .filter((part) => part.pool === pool)
      .map(({ sourceId, score, amount }) => {
        const reasons = explain(pool, sourceId, amount)
        invariant(
          sum(reasons.map((reason) => reason.amount)) === amount,
          `expected reasons that sum to the ${amount} of ${sourceId}`,
        )
        return { sourceId, score, amount, reasons }
      })
    if (sources.length === 0) return []
    return [{ pool, poolAmount, amount: sum(sources.map((source) => source.amount)), sources }]
  })
  invariant(
    sum(pools.map((pool) => pool.amount)) === allocation.earned,
    `expected pools that sum to the ${allocation.earned} of ${account}`,
  )
  return { ...allocation, pools }
}

/** An epoch has no allocation for an account. */
export class AllocationUnknownError extends FatalError {
  constructor(account: Hex, epoch: number) {
    super('ALLOCATION_UNKNOWN', `epoch ${epoch}: expected an allocation for ${account}, found none`)
  }
}
