import { type Hex, WITHHELD_REASONS, sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sampleAccount, sampleId } from '../epoch/sample-snapshot.ts'
import { at } from '../graph/at.ts'
import { cappedSplit } from './capped-split.ts'
import {
  type DebtBalance,
  LedgerAmountError,
  bookCorrection,
  bookEarningAgainstDebt,
} from './debt.ts'
import { EscrowError, type FrozenShare, bookEscrow } from './escrow.ts'
import { rewardIdentity } from './reward-identity.ts'
import { splitByBasisPoints } from './role-pools.ts'

const SEED = 20_260_830
const ACCOUNTS = [1, 2, 3, 4, 5].map(sampleAccount)
const EMPTY: DebtBalance = { carry: 0n, cumulative: 0n, debt: 0n }

const epoch = fc.record({
  budget: fc.bigInt(0n, 10n ** 21n),
  creatorsBps: fc.nat(10_000),
  capPercent: fc.bigInt(1n, 100n),
  payoutMin: fc.constantFrom(0n, 1n, 10n ** 20n),
  scores: fc.array(fc.oneof(fc.constant(0n), fc.bigInt(0n, 1n << 62n)), {
    minLength: 10,
    maxLength: 10,
  }),
  frozenAccount: fc.option(fc.nat(4), { nil: undefined }),
  correction: fc.record({ account: fc.nat(4), amount: fc.bigInt(0n, 10n ** 20n) }),
  decision: fc.constantFrom('none', 'release', 'reallocate'),
})

test('over many epochs of caps, thresholds, freezes, debts and releases not a unit is lost', () => {
  fc.assert(
    fc.property(fc.array(epoch, { minLength: 1, maxLength: 6 }), (epochs) => {
      const balances = new Map(ACCOUNTS.map((account) => [account, EMPTY]))
      const books = { balances, open: [] as readonly FrozenShare[], given: 0n, taken: 0n, idle: 0n }
      for (const [number, inputs] of epochs.entries()) {
        const { identity, entries } = playEpoch(books, number, inputs)
        expect(identity.difference).toBe(0n)
        expect(entries.every((entry) => entry.paid >= 0n && entry.carryAfter >= 0n)).toBe(true)
        expect(entries.every((entry) => entry.paid === 0n || entry.debtAfter === 0n)).toBe(true)
      }
      // Of all that was ever given: paid in all, carried, frozen, taken back, recovered or idle.
      const held = [...books.balances.values()].map((one) => one.cumulative + one.carry)
      const frozen = books.open.map((share) => share.amount)
      expect(sum(held) + sum(frozen) + books.taken + books.idle).toBe(books.given)
    }),
    { seed: SEED, numRuns: 100 },
  )
})

test('a correction takes what is carried, then owes; later earnings repay before they pay', () => {
  const { balance, taken, debtAdded } = bookCorrection(
    { carry: 30n, cumulative: 200n, debt: 0n },
    100n,
  )
  expect([balance, taken, debtAdded]).toEqual([
    { carry: 0n, cumulative: 200n, debt: 70n },
    30n,
    70n,
  ])
  const first = bookEarningAgainstDebt(balance, 50n, 10n)
  expect(first).toMatchObject({ recovered: 50n, debtAfter: 20n, paid: 0n, cumulative: 200n })
  const later = { carry: first.carryAfter, cumulative: first.cumulative, debt: first.debtAfter }
  expect(bookEarningAgainstDebt(later, 50n, 10n)).toMatchObject({
    recovered: 20n,
    debtAfter: 0n,
    paid: 30n,
    cumulative: 230n,
  })
  expect(() => bookCorrection(balance, -1n)).toThrow(LedgerAmountError)
  expect(() => bookEarningAgainstDebt(balance, -1n, 0n)).toThrow(LedgerAmountError)
})

test('the cumulative amount never falls, whatever is corrected and earned', () => {
  const act = fc.tuple(fc.boolean(), fc.bigInt(0n, 1000n))
  fc.assert(
    fc.property(fc.array(act), fc.bigInt(0n, 500n), (acts, payoutMin) => {
      let balance = EMPTY
      for (const [isEarning, amount] of acts) {
        const before = balance.cumulative
        const earned = isEarning ? amount : 0n
        const entry = bookEarningAgainstDebt(balance, earned, payoutMin)
        expect(entry.carryBefore + earned).toBe(entry.paid + entry.carryAfter + entry.recovered)
        const { carryAfter: carry, cumulative, debtAfter: debt } = entry
        balance = bookCorrection({ carry, cumulative, debt }, isEarning ? 0n : amount).balance
        expect(balance.cumulative >= before).toBe(true)
        expect(balance.carry === 0n || balance.debt === 0n).toBe(true)
      }
    }),
    { seed: SEED, numRuns: 60 },
  )
})

test('a decision takes out every frozen share of its source, and nothing of anybody else', () => {
  const [mine, theirs] = [frozenShare(1, 0, 10n), frozenShare(2, 0, 20n)]
  const later = { ...mine, epoch: 4, amount: 5n }
  const release = { reason: 'disputed', sourceId: mine.sourceId, proposalId: 7n } as const
  const kept = bookEscrow([mine, theirs], [later], [{ ...release, outcome: 'release' }])
  expect(kept.open).toEqual([theirs])
  expect(kept.released.map(({ account, share }) => [account, share.amount])).toEqual([
    [mine.account, 10n],
    [mine.account, 5n],
  ])
  const moved = bookEscrow(
    [mine],
    [],
    [{ ...release, outcome: { reallocateTo: ACCOUNTS[4] as Hex } }],
  )
  expect(moved.released).toEqual([{ share: mine, account: ACCOUNTS[4], proposalId: 7n }])
})

test('a decision on nothing, two on the same and a share twice are refused', () => {
  const share = frozenShare(1, 0, 10n)
  const release = {
    reason: 'disputed',
    sourceId: share.sourceId,
    proposalId: 7n,
    outcome: 'release',
  } as const
  expect(() => bookEscrow([], [], [release])).toThrow(EscrowError)
  expect(() => bookEscrow([share], [], [release, release])).toThrow(/one decision/)
  expect(() => bookEscrow([share], [share], [])).toThrow(/every share once/)
  expect(() => bookEscrow([{ ...share, amount: -1n }], [], [])).toThrow(EscrowError)
})

function frozenShare(account: number, epochNumber: number, amount: bigint): FrozenShare {
  return {
    epoch: epochNumber,
    reason: at(WITHHELD_REASONS, 0),
    account: sampleAccount(account),
    sourceId: sampleId(account),
    pool: 'creators',
    amount,
  }
}

type Books = {
  readonly balances: Map<Hex, DebtBalance>
  open: readonly FrozenShare[]
  given: bigint
  taken: bigint
  idle: bigint
}

/** One epoch of two pools over the same five accounts; a frozen account's share waits in escrow. */
function playEpoch(
  books: Books,
  number: number,
  inputs: typeof epoch extends fc.Arbitrary<infer T> ? T : never,
) {
  const { budget, creatorsBps, capPercent, payoutMin, scores, frozenAccount } = inputs
  const corrected = at(ACCOUNTS, inputs.correction.account)
  const correction = bookCorrection(
    books.balances.get(corrected) ?? EMPTY,
    inputs.correction.amount,
  )
  books.balances.set(corrected, correction.balance)
  books.taken += correction.taken
  const pools = splitByBasisPoints(
    budget,
    new Map([
      ['creators', creatorsBps],
      ['reviewers', 10_000 - creatorsBps],
    ]),
  )
  const earned = new Map<Hex, bigint>()
  const frozen: FrozenShare[] = []
  let unallocated = 0n
  for (const [index, [pool, amount]] of [...pools].entries()) {
    const claims = ACCOUNTS.map((id, place) => ({ id, weight: at(scores, 5 * index + place) }))
    const split = cappedSplit(amount, (amount * capPercent) / 100n, claims)
    unallocated += split.unallocated
    for (const [place, account] of ACCOUNTS.entries()) {
      const part = at(split.amounts, place)
      if (place === frozenAccount) frozen.push({ ...frozenShare(place + 1, number, part), pool })
      else earned.set(account, (earned.get(account) ?? 0n) + part)
    }
  }
  const sources = new Set([...books.open, ...frozen].map((share) => share.sourceId))
  const decisions = [...sources].map((sourceId) => ({
    reason: 'disputed' as const,
    sourceId,
    proposalId: BigInt(number),
    outcome:
      inputs.decision === 'release' ? ('release' as const) : { reallocateTo: at(ACCOUNTS, 0) },
  }))
  const escrow = bookEscrow(books.open, frozen, inputs.decision === 'none' ? [] : decisions)
  books.open = escrow.open
  for (const { account, share } of escrow.released) {
    earned.set(account, (earned.get(account) ?? 0n) + share.amount)
  }
  const entries = ACCOUNTS.map((account) => {
    const balance = books.balances.get(account) ?? EMPTY
    const entry = bookEarningAgainstDebt(balance, earned.get(account) ?? 0n, payoutMin)
    const { carryAfter: carry, cumulative, debtAfter: debt } = entry
    books.balances.set(account, { carry, cumulative, debt })
    books.taken += entry.recovered
    return entry
  })
  books.given += budget
  books.idle += unallocated
  const identity = rewardIdentity({
    pool: budget,
    released: sum(escrow.released.map(({ share }) => share.amount)),
    entries,
    frozen: frozen.map((share) => share.amount),
    unallocated,
  })
  return { identity, entries }
}
