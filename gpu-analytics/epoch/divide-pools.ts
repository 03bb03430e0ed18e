import {
  type AllocationPart,
  BPS_WHOLE,
  type Hex,
  POOLS,
  type Pool,
  type PoolResult,
  type Snapshot,
  type Withheld,
  compareIds,
  invariant,
  mulDivFloor,
  sum,
} from '@foggara/schema'

import { at } from '../graph/at.ts'
import { cappedSplit } from '../split/capped-split.ts'
import { largestRemainder, largestRemainderByKey } from '../split/largest-remainder.ts'
import type { ScorePart } from './pool-parts.ts'

export type DividedPools = {
  readonly pools: readonly PoolResult[]
  readonly parts: readonly AllocationPart[]
  readonly withheld: readonly Withheld[]
}

/**
 * Divides the budget over the pools, each pool over its payees and each payee's amount over its
 * parts. A withheld part counts in the split as a payee of its own, so nobody else's share moves.
 */
export function dividePools(
  snapshot: Snapshot,
  scoreParts: Readonly<Record<Pool, readonly ScorePart[]>>,
): DividedPools {
  const bps = new Map<string, bigint>(
    POOLS.map((pool) => [pool, BigInt(snapshot.ruleset.pools[pool])]),
  )
  const amounts = largestRemainderByKey(snapshot.budget, bps)
  const pools: PoolResult[] = []
  const rows: PricedPart[] = []
  for (const pool of POOLS) {
    const amount = amounts.get(pool) ?? 0n
    const capBps = pool === 'treasury' ? BPS_WHOLE : BigInt(snapshot.ruleset.payeeCapBps)
    const cap = mulDivFloor(amount, capBps, BPS_WHOLE)
    const divided = dividePool(pool, amount, cap, scoreParts[pool])
    const earned = sum(divided.rows.filter((row) => row.reason === '').map((row) => row.amount))
    const withheld = sum(divided.rows.map((row) => row.amount)) - earned
    invariant(
      earned + withheld + divided.unallocated === amount,
      `expected pool ${pool} to be divided to the last unit`,
    )
    const { unallocated } = divided
    pools.push({ pool, bps: snapshot.ruleset.pools[pool], amount, earned, withheld, unallocated })
    rows.push(...divided.rows)
  }
  return { pools, parts: earnedRows(rows), withheld: withheldRows(rows) }
}

type PricedPart = AllocationPart & { readonly reason: Withheld['reason'] | '' }

function dividePool(
  pool: Pool,
  amount: bigint,
  cap: bigint,
  scoreParts: readonly ScorePart[],
): { rows: PricedPart[]; unallocated: bigint } {
  const payees = Map.groupBy(scoreParts, (part) => payeeId(part.account, part.reason))
  const claims = [...payees].map(([id, parts]) => ({ id, weight: sum(parts.map((p) => p.score)) }))
  const split = cappedSplit(amount, cap, claims)
  const rows = [...payees.values()].flatMap((parts, payee) => {
    const ofPart = largestRemainder(
      at(split.amounts, payee),
      parts.map((part) => ({ id: part.sourceId, weight: part.score })),
    )
    return parts.map((part, index) => ({
      account: part.account,
      pool,
      sourceId: part.sourceId,
      score: part.score,
      amount: at(ofPart, index),
      reason: part.reason ?? ('' as const),
    }))
  })
  return { rows: rows.filter((row) => row.amount > 0n), unallocated: split.unallocated }
}

/** Payees ascend by account, then by reason; an account's payable payee comes first. */
function payeeId(account: Hex, reason: string | undefined): string {
  return account + (reason ?? '')
}

function earnedRows(rows: readonly PricedPart[]): AllocationPart[] {
  return rows
    .filter((row) => row.reason === '')
    .map(({ account, pool, sourceId, score, amount }) => ({
      account,
      pool,
      sourceId,
      score,
      amount,
    }))
    .toSorted(compareParts)
}

function withheldRows(rows: readonly PricedPart[]): Withheld[] {
  return rows
    .flatMap((row) => (row.reason === '' ? [] : [{ ...row, reason: row.reason }]))
    .toSorted((a, b) => compareIds(a.reason, b.reason) || compareParts(a, b))
}

function compareParts(a: AllocationPart, b: AllocationPart): number {
  return (
    compareIds(a.account, b.account) ||
    compareIds(a.pool, b.pool) ||
    compareIds(a.sourceId, b.sourceId)
  )
}
