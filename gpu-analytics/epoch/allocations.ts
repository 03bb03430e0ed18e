import {
  type Allocation,
  type AllocationPart,
  type EpochIdentity,
  type Hex,
  type PoolResult,
  type Snapshot,
  compareIds,
  invariant,
  sum,
} from '@foggara/schema'

import { bookEarning } from '../split/ledger.ts'
import { addTo } from './usage.ts'

/** Books the epoch's earnings on the ledger: one row per account, ascending. */
export function bookAllocations(
  snapshot: Snapshot,
  parts: readonly AllocationPart[],
): Allocation[] {
  const earnedBy = new Map<string, bigint>()
  for (const part of parts) addTo(earnedBy, part.account, part.amount)
  const balances = new Map(snapshot.balances.map((balance) => [balance.account, balance]))
  const accounts = new Set<Hex>([...balances.keys(), ...parts.map((part) => part.account)])
  return [...accounts].toSorted(compareIds).map((account) => {
    const balance = balances.get(account) ?? { carry: 0n, cumulative: 0n }
    const earned = earnedBy.get(account) ?? 0n
    const entry = bookEarning(balance, earned, snapshot.ruleset.payoutMin)
    return { account, earned, ...entry }
  })
}

/** The identity of the epoch; asserts that its difference is 0. */
export function epochIdentity(
  snapshot: Snapshot,
  pools: readonly PoolResult[],
  allocations: readonly Allocation[],
): EpochIdentity {
  const paid = sum(allocations.map((row) => row.paid))
  const carryChange = sum(allocations.map((row) => row.carryAfter - row.carryBefore))
  const withheld = sum(pools.map((pool) => pool.withheld))
  const unallocated = sum(pools.map((pool) => pool.unallocated))
  const { budget } = snapshot
  const difference = budget - paid - carryChange - withheld - unallocated
  invariant(difference === 0n, `expected the epoch to sum to its budget, found ${difference} over`)
  return { budget, paid, carryChange, withheld, unallocated, difference }
}
