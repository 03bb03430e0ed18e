import { LAP_MODES, owedRoyalties } from '@foggara/gpu-analytics'
import { sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { TOKEN, relinkedHistory, settledHistory } from './arbitrary-history.ts'
import { type ShareReading, owedByLinks } from './owed-by-links.ts'
import type { RoyaltyHistory } from './royalty-history.ts'
import { royaltyReport } from './royalty-report.ts'

const SEED = 20_261_122
const READINGS: readonly ShareReading[] = [
  { policy: 'LRP' },
  ...LAP_MODES.map((mode) => ({ policy: 'LAP', mode }) as const),
]

test('whatever vaults do, what waits is what they would still pass on, and nothing is unexplained', () => {
  fc.assert(
    fc.property(relinkedHistory, (history) => {
      const [report] = royaltyReport(history, { policy: 'LRP' }).tokens
      expect(report?.totals.waiting).toBe(history.left)
      for (const { unexplained, policy, rounding } of report?.pairs ?? []) {
        expect([unexplained, policy]).toEqual([0n, 0n])
        expect(Math.abs(Number(rounding))).toBeLessThan(history.incomes.length * 10 + 100)
      }
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('links that all stood before the first payment are never a cause', () => {
  fc.assert(
    fc.property(settledHistory, (history) => {
      const [report] = royaltyReport(history, { policy: 'LRP' }).tokens
      expect(report?.pairs.filter(({ relinked }) => relinked !== 0n)).toEqual([])
      // One floor a settling loses less than one unit, and so does every floor below it.
      const settlings = BigInt(history.royalties.length + history.incomes.length + 10)
      for (const { rounding } of report?.pairs ?? []) {
        expect(rounding > -settlings && rounding < settlings * 10n).toBe(true)
      }
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('every level of every reading sums to the same owed, paid and causes', () => {
  fc.assert(
    fc.property(relinkedHistory, fc.constantFrom(...READINGS), (history, reading) => {
      const [report] = royaltyReport(history, reading).tokens
      if (report === undefined) return
      const { totals, pairs, assets, accounts } = report
      for (const name of Object.keys(totals) as (keyof typeof totals)[]) {
        for (const level of [pairs, assets, accounts]) {
          expect(sum(level.map((row) => row[name]))).toBe(totals[name])
        }
      }
      expect(totals.paid).toBe(sum(history.royalties.map(({ amount }) => amount)))
      expect(report.kept + report.dust).toBe(sum(history.incomes.map(({ amount }) => amount)))
    }),
    { seed: SEED, numRuns: 100 },
  )
})

test('leaving out bounds that no revenue lies beyond changes nothing but where is rounded', () => {
  fc.assert(
    fc.property(relinkedHistory, fc.constantFrom(...READINGS), (any, reading) => {
      // Whole percents of so round amounts leave nothing to round on at most four steps up.
      const history = {
        ...any,
        links: any.links.map((link) => ({ ...link, shareE8: link.shareE8 - (link.shareE8 % 1e6) })),
        incomes: any.incomes.map((row) => ({ ...row, amount: row.amount * 100n ** 4n })),
      }
      expect(owedByLinks(history, TOKEN, reading)).toMatchObject(owedPlainly(history, reading))
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('a royalty that the rule does not give is unexplained', () => {
  const paid = {
    block: 1,
    blockHash: '0x',
    token: TOKEN,
    assets: [],
    links: [],
    incomes: [],
    saleCount: 0,
    royalties: [{ order: 9, childId: TOKEN, parentId: TOKEN, amount: 5n }],
    claims: [],
  } as const
  expect(royaltyReport(paid, { policy: 'LRP' }).tokens[0]?.totals).toMatchObject({
    difference: -5n,
    unexplained: -5n,
  })
  expect(royaltyReport({ ...paid, token: undefined }, { policy: 'LRP' }).tokens).toEqual([])
})

/** The library's own answer, link by link with all bounds. */
function owedPlainly({ assets, links, incomes }: RoyaltyHistory, reading: ShareReading) {
  const { owed, dust } = owedRoyalties(
    assets,
    links.map(({ childId, parentId, shareE8, linked, ended }) => ({
      childId,
      parentId,
      policy: reading.policy,
      shareE8,
      linked,
      fromBlock: linked,
      ...(ended === undefined ? {} : { toBlock: ended }),
    })),
    incomes.map(({ order, assetId, amount }) => ({
      token: TOKEN,
      assetId,
      usageBlock: order,
      amount,
    })),
    { lapMode: reading.policy === 'LAP' ? reading.mode : 'path' },
  )
  return {
    rows: owed.map(({ link, amount }) => ({
      token: TOKEN,
      fromId: link.childId,
      toId: link.parentId,
      amount,
    })),
    dust: sum(dust.map(({ amount }) => amount)),
  }
}
