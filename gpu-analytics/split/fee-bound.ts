import { FatalError, type Hex, compareBigints, compareIds, mulDivFloor, sum } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { largestRemainder } from './largest-remainder.ts'

/** A fee that usage burned, as the account that the usage earns for sees it. Unit: token base units. */
export type BurnedFee = {
  readonly receipt: Hex
  readonly payer: Hex
  /** Whose asset was used, or whose work it was. */
  readonly beneficiary: Hex
  readonly fee: bigint
}

/** Beyond what part of its fees a party's earnings are flagged; below 1, dealing with oneself loses. */
export type FeeBoundFactor = { readonly numerator: bigint; readonly denominator: bigint }

/** What one party earned beside the fees that earned it, with the evidence. */
export type FeeBoundRow = {
  /** The accounts that are taken for one party, ascending. */
  readonly accounts: readonly Hex[]
  readonly earned: bigint
  readonly burned: bigint
  /** `floor(burned · factor)`. */
  readonly bound: bigint
  /** What was earned beyond the bound; 0 within it. */
  readonly excess: bigint
  readonly isAbove: boolean
  /** Of `burned`, what the party paid to itself. */
  readonly selfPaid: bigint
  readonly payerCount: number
  /** The largest fees first, ties by receipt; with `otherFees` they sum to `burned`. */
  readonly evidence: readonly (BurnedFee & { readonly isSelfPaid: boolean })[]
  readonly otherCount: number
  readonly otherFees: bigint
}

/**
 * Holds what parties earned against the fees that usage burned for them: a row for each party that
 * earned or for which fees were burned, the largest excess first. It only flags; what follows from a
 * flag is for governance to decide. `together` names accounts that are taken for one party, pair by
 * pair.
 *
 * @throws {FeeBoundError} for a negative amount or a factor that is none.
 */
export function feeBoundRows(
  earnings: readonly { readonly account: Hex; readonly amount: bigint }[],
  fees: readonly BurnedFee[],
  options: {
    readonly together: readonly (readonly [Hex, Hex])[]
    readonly factor: FeeBoundFactor
    readonly evidenceCountMax: number
  },
): FeeBoundRow[] {
  const { factor, together, evidenceCountMax } = options
  checkInput(earnings, fees, factor)
  const partyOf = partiesOf(together)
  const earningsByParty = Map.groupBy(earnings, (row) => partyOf(row.account))
  const feesByParty = Map.groupBy(fees, (row) => partyOf(row.beneficiary))
  const members = new Map<Hex, Set<Hex>>()
  const named = [...earnings.map((row) => row.account), ...fees.map((row) => row.beneficiary)]
  for (const account of [...named, ...together.flat()]) {
    const party = partyOf(account)
    members.set(party, (members.get(party) ?? new Set()).add(account))
  }
  const parties = new Set([...earningsByParty.keys(), ...feesByParty.keys()])
  return [...parties]
    .map((party): FeeBoundRow => {
      const ofParty = feesByParty.get(party) ?? []
      const earned = sum((earningsByParty.get(party) ?? []).map((row) => row.amount))
      const burned = sum(ofParty.map((row) => row.fee))
      const bound = mulDivFloor(burned, factor.numerator, factor.denominator)
      const receipts = ofParty
        .map((row) => ({ ...row, isSelfPaid: partyOf(row.payer) === party }))
        .toSorted(compareFees)
      const evidence = receipts.slice(0, evidenceCountMax)
      return {
        accounts: [...(members.get(party) ?? [])].toSorted(compareIds),
        earned,
        burned,
        bound,
        excess: earned > bound ? earned - bound : 0n,
        isAbove: earned > bound,
        selfPaid: sum(receipts.map((row) => (row.isSelfPaid ? row.fee : 0n))),
        payerCount: new Set(ofParty.map((row) => partyOf(row.payer))).size,
        evidence,
        otherCount: receipts.length - evidence.length,
        otherFees: burned - sum(evidence.map((row) => row.fee)),
      }
    })
    .toSorted(
      (a, b) =>
        compareBigints(b.excess, a.excess) || compareIds(at(a.accounts, 0), at(b.accounts, 0)),
    )
}

/** The fees of receipts as those who have their assets see them: each fee divided over its assets. */
export function assetFees(
  receipts: readonly {
    readonly digest: Hex
    readonly consumer: Hex
    readonly fee: bigint
    readonly assets: readonly Hex[]
  }[],
  beneficiaryOf: (assetId: Hex) => Hex | undefined,
): BurnedFee[] {
  return receipts.flatMap(({ digest, consumer, fee, assets }) => {
    const parts = largestRemainder(
      fee,
      assets.map((id) => ({ id, weight: 1n })),
    )
    return assets.flatMap((assetId, index) => {
      const beneficiary = beneficiaryOf(assetId)
      const part = at(parts, index)
      if (beneficiary === undefined || part === 0n) return []
      return [{ receipt: digest, payer: consumer, beneficiary, fee: part }]
    })
  })
}

/** Names each party by its least account: accounts that pairs connect are one party. */
function partiesOf(together: readonly (readonly [Hex, Hex])[]): (account: Hex) => Hex {
  const above = new Map<Hex, Hex>()
  const partyOf = (account: Hex): Hex => {
    let party = account
    for (let next = above.get(party); next !== undefined; next = above.get(party)) party = next
    // Whoever asks again finds the party in one step, however long the chain of pairs was.
    if (party !== account) above.set(account, party)
    return party
  }
  for (const [first, second] of together) {
    const [a, b] = [partyOf(first), partyOf(second)]
    if (a < b) above.set(b, a)
    else if (b < a) above.set(a, b)
  }
  return partyOf
}

function compareFees(a: BurnedFee, b: BurnedFee): number {
  return (
    compareBigints(b.fee, a.fee) ||
    compareIds(a.receipt, b.receipt) ||
    compareIds(a.beneficiary, b.beneficiary) ||
    compareIds(a.payer, b.payer)
  )
}

function checkInput(
  earnings: readonly { readonly account: Hex; readonly amount: bigint }[],
  fees: readonly BurnedFee[],
  { numerator, denominator }: FeeBoundFactor,
): void {
  if (numerator < 0n || denominator <= 0n) {
    throw new FeeBoundError(`expected a factor of at least 0, found ${numerator}/${denominator}`)
  }
  for (const { account, amount } of earnings) {
    if (amount < 0n) throw new FeeBoundError(`${account}: expected at least 0, found ${amount}`)
  }
  for (const { receipt, fee } of fees) {
    if (fee < 0n) throw new FeeBoundError(`${receipt}: expected at least 0, found ${fee}`)
  }
}

/** Earnings, fees or the factor of a fee bound are malformed. */
export class FeeBoundError extends FatalError {
  constructor(detail: string) {
    super('FEE_BOUND_MALFORMED', detail)
  }
}
