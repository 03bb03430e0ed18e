import { FatalError } from '@foggara/schema'

import { type LedgerBalance, type LedgerEntry, bookEarning } from './ledger.ts'

/** A ledger balance of an account that may have got more than was its own. Unit: token base units. */
export type DebtBalance = LedgerBalance & {
  /** What later earnings repay before anything is paid. */
  readonly debt: bigint
}

export type DebtEntry = LedgerEntry & {
  readonly debtBefore: bigint
  readonly debtAfter: bigint
  /** The part of the earning that repaid debt: `debtBefore - debtAfter`. */
  readonly recovered: bigint
}

export type CorrectionEntry = {
  readonly balance: DebtBalance
  /** What was still unpaid and is taken back at once. */
  readonly taken: bigint
  /** What was already paid and is owed from now on. */
  readonly debtAdded: bigint
}

/**
 * Books an earning: it repays debt first, and the rest is booked as without debt.
 * `carryBefore + earned = paid + carryAfter + recovered`; the cumulative amount never falls.
 *
 * @throws {LedgerAmountError} for a negative amount.
 */
export function bookEarningAgainstDebt(
  balance: DebtBalance,
  earned: bigint,
  payoutMin: bigint,
): DebtEntry {
  checkAmounts({ ...balance, earned, payoutMin })
  const recovered = balance.debt < earned ? balance.debt : earned
  return {
    ...bookEarning(balance, earned - recovered, payoutMin),
    debtBefore: balance.debt,
    debtAfter: balance.debt - recovered,
    recovered,
  }
}

/**
 * Books that an account got `amount` too much, by a decision or a slashing: what it carries is taken
 * first, and what is missing becomes debt. `amount = taken + debtAdded`; what was paid stays paid,
 * so the cumulative amount of its leaf does not change.
 *
 * @throws {LedgerAmountError} for a negative amount; what an account got too little is an earning.
 */
export function bookCorrection(balance: DebtBalance, amount: bigint): CorrectionEntry {
  checkAmounts({ ...balance, amount })
  const taken = balance.carry < amount ? balance.carry : amount
  const debtAdded = amount - taken
  return {
    balance: {
      carry: balance.carry - taken,
      cumulative: balance.cumulative,
      debt: balance.debt + debtAdded,
    },
    taken,
    debtAdded,
  }
}

function checkAmounts(amounts: Readonly<Record<string, bigint>>): void {
  for (const [what, amount] of Object.entries(amounts)) {
    if (amount < 0n) throw new LedgerAmountError(what, amount)
  }
}

/** An amount to book is less than nothing. */
export class LedgerAmountError extends FatalError {
  constructor(what: string, found: bigint) {
    super('LEDGER_AMOUNT_NEGATIVE', `${what}: expected at least 0, found ${found}`)
  }
}
