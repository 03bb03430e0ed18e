import { sum } from '@foggara/schema'

import type { LedgerEntry } from './ledger.ts'

/** Where everything went that an epoch had to give. Unit: token base units. */
export type RewardIdentity = {
  readonly pool: bigint
  /** Shares of earlier epochs that decisions released into this one. */
  readonly released: bigint
  readonly paid: bigint
  readonly carryChange: bigint
  /** Earnings that repaid debts. */
  readonly recovered: bigint
  readonly frozen: bigint
  readonly unallocated: bigint
  readonly dust: bigint
  /** What is not accounted for: 0, or something is wrong. */
  readonly difference: bigint
}

/** `pool + released = paid + carryChange + recovered + frozen + unallocated + dust`, added up. */
export function rewardIdentity(epoch: {
  readonly pool: bigint
  readonly released?: bigint
  readonly entries: readonly (LedgerEntry & { readonly recovered?: bigint })[]
  readonly frozen: readonly bigint[]
  readonly unallocated: bigint
  readonly dust?: bigint
}): RewardIdentity {
  const { pool, released = 0n, entries, unallocated, dust = 0n } = epoch
  const paid = sum(entries.map((entry) => entry.paid))
  const carryChange = sum(entries.map((entry) => entry.carryAfter - entry.carryBefore))
  const recovered = sum(entries.map((entry) => entry.recovered ?? 0n))
  const frozen = sum(epoch.frozen)
  const given = paid + carryChange + recovered + frozen + unallocated + dust
  return {
    pool,
    released,
    paid,
    carryChange,
    recovered,
    frozen,
    unallocated,
    dust,
    difference: pool + released - given,
  }
}
