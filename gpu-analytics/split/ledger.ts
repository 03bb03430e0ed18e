import { invariant } from '@foggara/schema'

/** What one account has in one token's ledger. Unit: token base units. */
export type LedgerBalance = { readonly carry: bigint; readonly cumulative: bigint }

export type LedgerEntry = {
  readonly carryBefore: bigint
  readonly carryAfter: bigint
  readonly paid: bigint
  readonly cumulative: bigint
}

/**
 * Books what an account earned in an epoch: below `payoutMin` in all, nothing is paid and everything
 * is carried; otherwise everything is paid. `carryBefore + earned = paid + carryAfter`, and the
 * cumulative amount never falls.
 */
export function bookEarning(
  balance: LedgerBalance,
  earned: bigint,
  payoutMin: bigint,
): LedgerEntry {
  invariant(earned >= 0n, `expected an earning of at least 0, found ${earned}`)
  const total = balance.carry + earned
  const paid = total < payoutMin ? 0n : total
  return {
    carryBefore: balance.carry,
    carryAfter: total - paid,
    paid,
    cumulative: balance.cumulative + paid,
  }
}
