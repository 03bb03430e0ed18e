import { type Hex, sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { SAMPLE_SNAPSHOT, sampleAccount, sampleId } from '../epoch/sample-snapshot.ts'
import { at } from '../graph/at.ts'
import { ownCapSplit } from './capped-split.ts'
import { type BurnedFee, FeeBoundError, assetFees, feeBoundRows } from './fee-bound.ts'

const SEED = 20_260_831
const HALF = { numerator: 1n, denominator: 2n }
const ACCOUNTS = [1, 2, 3, 4, 5, 6].map(sampleAccount)

const account = fc.constantFrom(...ACCOUNTS)
const burned: fc.Arbitrary<BurnedFee[]> = fc.array(
  fc.record({
    receipt: fc.integer({ min: 1, max: 99 }).map(sampleId),
    payer: account,
    beneficiary: account,
    fee: fc.bigInt(0n, 10n ** 20n),
  }),
)
const earnings = fc.array(fc.record({ account, amount: fc.bigInt(0n, 10n ** 20n) }))
const together: fc.Arbitrary<[Hex, Hex][]> = fc.array(fc.tuple(account, account), { maxLength: 4 })

test('the rows account for every earning and every fee, and the evidence for every row', () => {
  fc.assert(
    fc.property(earnings, burned, together, (earned, fees, pairs) => {
      const options = { together: pairs, factor: HALF, evidenceCountMax: 3 }
      const rows = feeBoundRows(earned, fees, options)
      expect(sum(rows.map((row) => row.earned))).toBe(sum(earned.map((row) => row.amount)))
      expect(sum(rows.map((row) => row.burned))).toBe(sum(fees.map((row) => row.fee)))
      for (const row of rows) {
        expect(sum(row.evidence.map(({ fee }) => fee)) + row.otherFees).toBe(row.burned)
        expect(row.isAbove).toBe(2n * row.earned > row.burned && row.earned > row.bound)
        expect(row.selfPaid <= row.burned).toBe(true)
      }
      const members = rows.flatMap((row) => row.accounts)
      expect(new Set(members).size).toBe(members.length)
      const reversed = {
        ...options,
        together: pairs.toReversed().map(([a, b]): [Hex, Hex] => [b, a]),
      }
      expect(feeBoundRows(earned.toReversed(), fees.toReversed(), reversed)).toEqual(rows)
    }),
    { seed: SEED, numRuns: 80 },
  )
})

test('with a factor below 1, whoever only pays to himself and is within the bound has lost', () => {
  fc.assert(
    fc.property(earnings, burned, together, (earned, fees, pairs) => {
      const rows = feeBoundRows(earned, fees, {
        together: pairs,
        factor: HALF,
        evidenceCountMax: 1,
      })
      const loners = rows.filter((row) => !row.isAbove && row.selfPaid === row.burned)
      expect(loners.filter((row) => row.earned > 0n && row.earned >= row.selfPaid)).toEqual([])
    }),
    { seed: SEED, numRuns: 80 },
  )
})

test('with the bounds as caps nobody is above them any more', () => {
  fc.assert(
    fc.property(burned, fc.bigInt(0n, 10n ** 21n), (fees, pool) => {
      const options = { together: [], factor: HALF, evidenceCountMax: 0 }
      const bounds = feeBoundRows([], fees, options)
      const claims = bounds.map(({ accounts, burned: weight, bound: cap }) => {
        return { id: at(accounts, 0), weight, cap }
      })
      const { amounts } = ownCapSplit(pool, claims)
      const earned = claims.map(({ id }, index) => ({ account: id, amount: at(amounts, index) }))
      expect(feeBoundRows(earned, fees, options).filter((row) => row.isAbove)).toEqual([])
    }),
    { seed: SEED, numRuns: 60 },
  )
})

test('a ring that pays itself is flagged with its receipts, its payers and the excess', () => {
  const [ringA, ringB, honest, customer] = [1, 2, 3, 4].map(sampleAccount)
  const fees = [
    { receipt: sampleId(1), payer: ringB, beneficiary: ringA, fee: 60n },
    { receipt: sampleId(2), payer: ringA, beneficiary: ringB, fee: 30n },
    { receipt: sampleId(3), payer: customer, beneficiary: ringA, fee: 10n },
    { receipt: sampleId(4), payer: customer, beneficiary: honest, fee: 200n },
  ] as BurnedFee[]
  const rows = feeBoundRows(
    [
      { account: ringA as Hex, amount: 50n },
      { account: ringB as Hex, amount: 31n },
      { account: honest as Hex, amount: 99n },
    ],
    fees,
    { together: [[ringB as Hex, ringA as Hex]], factor: HALF, evidenceCountMax: 2 },
  )
  expect(rows).toMatchObject([
    {
      accounts: [ringA, ringB],
      earned: 81n,
      burned: 100n,
      bound: 50n,
      excess: 31n,
      isAbove: true,
      selfPaid: 90n,
      payerCount: 2,
      evidence: [
        { receipt: sampleId(1), isSelfPaid: true },
        { receipt: sampleId(2), isSelfPaid: true },
      ],
      otherCount: 1,
      otherFees: 10n,
    },
    { accounts: [honest], excess: 0n, isAbove: false, selfPaid: 0n, payerCount: 1 },
  ])
})

test('the fees of receipts are divided over their assets to the unit', () => {
  const holders = new Map(SAMPLE_SNAPSHOT.assets.map((asset) => [asset.assetId, asset.holder]))
  const fees = assetFees(SAMPLE_SNAPSHOT.receipts, (id) => holders.get(id))
  expect(sum(fees.map((row) => row.fee))).toBe(1_000_003n + 2_500_000n + 777n)
  expect(fees.filter((row) => row.beneficiary === sampleAccount(0xa3))).toMatchObject([
    { payer: sampleAccount(0xc1), fee: 500_001n },
  ])
})

test('a negative amount and a factor that is none are refused', () => {
  const options = { together: [], factor: HALF, evidenceCountMax: 1 }
  const one = sampleAccount(1)
  expect(() => feeBoundRows([{ account: one, amount: -1n }], [], options)).toThrow(FeeBoundError)
  const fee = { receipt: sampleId(1), payer: one, beneficiary: one, fee: -1n }
  expect(() => feeBoundRows([], [fee], options)).toThrow(FeeBoundError)
  const factor = { numerator: 1n, denominator: 0n }
  expect(() => feeBoundRows([], [], { ...options, factor })).toThrow(FeeBoundError)
})
