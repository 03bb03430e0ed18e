import { type Hex, SHARE_WHOLE_E8, divFloor, sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sampleAccount, sampleId } from '../epoch/sample-snapshot.ts'
import { at } from '../graph/at.ts'
import {
  arbitraryLinks,
  arbitraryRevenue,
  sampleAssets,
  sampleLinks,
} from './arbitrary-royalties.ts'
import { RoyaltyRowError, dueOnReceived, owedAgainstPaid, owedRows } from './owed-against-paid.ts'
import { type Revenue, owedRoyalties } from './owed-royalties.ts'
import { royaltyFlow } from './royalty-flow.ts'
import { RoyaltyAssetError, type RoyaltyGraph, buildRoyaltyGraph } from './royalty-graph.ts'

const SEED = 20_260_822
const TOKEN = sampleAccount(0x70)
const OTHER_TOKEN = sampleAccount(0x71)
const nobody = () => undefined

function pay(fromNumber: number, toNumber: number, amount: bigint, token: Hex = TOKEN) {
  return { token, fromId: sampleId(fromNumber), toId: sampleId(toNumber), amount }
}

test('every level of the report sums to the same totals', () => {
  const row = fc.record({
    token: fc.constantFrom(TOKEN, OTHER_TOKEN),
    fromId: fc.integer({ min: 1, max: 4 }).map(sampleId),
    toId: fc.integer({ min: 1, max: 4 }).map(sampleId),
    amount: fc.bigInt(0n, 1n << 96n),
  })
  fc.assert(
    fc.property(fc.array(row), fc.array(row), (owed, paid) => {
      const accountOf = (id: Hex) => (id === sampleId(1) ? undefined : sampleAccount(0xa1))
      const { pairs, assets, accounts, totals } = owedAgainstPaid(owed, paid, accountOf)
      for (const level of [pairs, assets, accounts, totals]) {
        expect(sum(level.map((one) => one.owed))).toBe(sum(owed.map((one) => one.amount)))
        expect(sum(level.map((one) => one.paid))).toBe(sum(paid.map((one) => one.amount)))
        expect(level.every((one) => one.owed - one.paid === one.difference)).toBe(true)
      }
      const again = owedAgainstPaid(owed.toReversed(), paid.toReversed(), accountOf)
      expect(again).toEqual({ pairs, assets, accounts, totals })
    }),
    { seed: SEED, numRuns: 60 },
  )
})

test('a contract that passes royalties on payment by payment owes only what it rounded away', () => {
  const payment = arbitraryRevenue().map((amounts) => amounts.map((amount) => divFloor(amount, 4n)))
  const payments = fc.array(payment, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(arbitraryLinks(['LRP']), payments, (links, list) => {
      const graph = buildRoyaltyGraph(sampleAssets(9), links, { lapMode: 'path' })
      const revenue = graph.assetIds.map((_, place) => sum(list.map((one) => at(one, place))))
      const paid = list.flatMap((one) => settleUpwards(graph, one).rows)
      const owed = owedRows(graph, TOKEN, royaltyFlow(graph, revenue))
      const bound = BigInt(list.length * links.length)
      for (const { difference } of owedAgainstPaid(owed, paid, nobody).pairs) {
        expect(difference >= 0n && difference <= bound).toBe(true)
      }
    }),
    { seed: SEED, numRuns: 60 },
  )
})

test('one payment settled from the top to the root is exactly what the graph owes', () => {
  fc.assert(
    fc.property(arbitraryLinks(['LRP']), arbitraryRevenue(), (links, revenue) => {
      const graph = buildRoyaltyGraph(sampleAssets(9), links, { lapMode: 'path' })
      const flow = royaltyFlow(graph, revenue)
      const vault = settleUpwards(graph, revenue)
      expect(vault.claimable).toEqual(flow.kept)
      const report = owedAgainstPaid(owedRows(graph, TOKEN, flow), vault.rows, nobody)
      expect(report.pairs.filter((row) => row.difference !== 0n)).toEqual([])
    }),
    { seed: SEED, numRuns: 60 },
  )
})

test('a pair that only one side knows is listed with what the other lacks', () => {
  const report = owedAgainstPaid(
    [pay(3, 2, 100n), pay(2, 1, 10n), pay(2, 1, 5n)],
    [pay(3, 2, 90n), pay(3, 1, 7n)],
    (id) => (id === sampleId(1) ? sampleAccount(0xa1) : undefined),
  )
  const shown = report.pairs.map((row) => [row.owed, row.paid, row.difference])
  expect(shown).toEqual([
    [15n, 0n, 15n],
    [0n, 7n, -7n],
    [100n, 90n, 10n],
  ])
  expect(report.accounts).toEqual([
    { token: TOKEN, account: sampleAccount(0xa1), owed: 15n, paid: 7n, difference: 8n },
    { token: TOKEN, account: undefined, owed: 100n, paid: 90n, difference: 10n },
  ])
  expect(report.totals).toEqual([{ token: TOKEN, owed: 115n, paid: 97n, difference: 18n }])
  expect(() => owedAgainstPaid([], [pay(1, 2, -1n)], nobody)).toThrow(RoyaltyRowError)
})

test('who waits for others owes on what arrived, not on what should have', () => {
  const links = sampleLinks('LRP', [
    [2, 1, 50],
    [3, 2, 50],
  ])
  const graph = buildRoyaltyGraph(sampleAssets(3), links, { lapMode: 'path' })
  const revenue = [0n, 0n, 1000n]
  const paid = [pay(3, 2, 200n), pay(2, 1, 60n), pay(3, 2, 999n, OTHER_TOKEN)]
  const owed = owedAgainstPaid(owedRows(graph, TOKEN, royaltyFlow(graph, revenue)), paid, nobody)
  const due = owedAgainstPaid(dueOnReceived(graph, TOKEN, revenue, paid), paid, nobody)
  const ofRoot = (report: typeof owed) => report.pairs.find((row) => row.toId === sampleId(1))
  expect(ofRoot(owed)).toMatchObject({ owed: 250n, paid: 60n, difference: 190n })
  expect(ofRoot(due)).toMatchObject({ owed: 100n, paid: 60n, difference: 40n })
})

test('revenue owes along the links of its own block', () => {
  const links = [
    ...sampleLinks('LRP', [[2, 1, 10]]).map((link) => ({ ...link, toBlock: 50 })),
    ...sampleLinks('LRP', [[2, 1, 20]]).map((link) => ({ ...link, linked: 50, fromBlock: 50 })),
    ...sampleLinks('LRP', [[1, 3, 20]]),
  ]
  const earned = (usageBlock: number, amount: bigint): Revenue => ({
    token: TOKEN,
    assetId: sampleId(2),
    usageBlock,
    amount,
  })
  const revenues = [earned(50, 1000n), earned(7, 600n), earned(49, 400n), earned(99, 1n)]
  const { owed, assets, dust, refused } = owedRoyalties(sampleAssets(3), links, revenues, {
    lapMode: 'path',
  })
  expect(owed).toEqual([
    { token: TOKEN, link: links[0], amount: 100n },
    { token: TOKEN, link: links[1], amount: 200n },
  ])
  expect(assets).toEqual([
    { token: TOKEN, assetId: sampleId(1), revenue: 0n, kept: 300n },
    { token: TOKEN, assetId: sampleId(2), revenue: 2001n, kept: 1701n },
  ])
  expect([dust, refused]).toEqual([
    [{ token: TOKEN, amount: 0n }],
    [{ link: links[2], reason: 'parentNotEarlier' }],
  ])
  const stray = [{ ...earned(1, 1n), assetId: sampleId(9) }]
  expect(() => owedRoyalties(sampleAssets(2), links, stray, { lapMode: 'path' })).toThrow(
    RoyaltyAssetError,
  )
})

test('over many periods and tokens royalties still lose nothing, in any order of the rows', () => {
  const revenue = fc.record({
    token: fc.constantFrom(TOKEN, OTHER_TOKEN),
    assetId: fc.integer({ min: 1, max: 9 }).map(sampleId),
    usageBlock: fc.integer({ min: 0, max: 30 }),
    amount: fc.bigInt(0n, 1n << 64n),
  })
  const blocks = fc.tuple(fc.nat(30), fc.option(fc.nat(30), { nil: undefined }))
  fc.assert(
    fc.property(
      arbitraryLinks(['LRP', 'LAP']),
      fc.array(blocks, { minLength: 18, maxLength: 18 }),
      fc.array(revenue, { maxLength: 12 }),
      (links, validity, revenues) => {
        const dated = links.map((link, index) => {
          const [fromBlock, toBlock] = at(validity, index)
          return { ...link, fromBlock, ...(toBlock === undefined ? {} : { toBlock }) }
        })
        const options = { lapMode: 'path' } as const
        const result = owedRoyalties(sampleAssets(9), dated, revenues, options)
        const keptAndDust = [
          ...result.assets.map(({ kept }) => kept),
          ...result.dust.map(({ amount }) => amount),
        ]
        expect(sum(keptAndDust)).toBe(sum(revenues.map(({ amount }) => amount)))
        expect(
          owedRoyalties(sampleAssets(9), dated.toReversed(), revenues.toReversed(), options),
        ).toEqual(result)
      },
    ),
    { seed: SEED, numRuns: 60 },
  )
})

/** What a vault contract does that settles every asset once, the latest first. */
function settleUpwards(graph: RoyaltyGraph, revenue: readonly bigint[]) {
  const unsettled = [...revenue]
  const claimable = revenue.map(() => 0n)
  const rows: ReturnType<typeof pay>[] = []
  for (const [place, id] of [...graph.assetIds.entries()].toReversed()) {
    let rest = at(unsettled, place)
    for (const link of graph.links.filter(({ childId }) => childId === id)) {
      const part = divFloor(at(unsettled, place) * BigInt(link.shareE8), SHARE_WHOLE_E8)
      const parent = graph.assetIds.indexOf(link.parentId)
      rest -= part
      unsettled[parent] = at(unsettled, parent) + part
      rows.push({ token: TOKEN, fromId: id, toId: link.parentId, amount: part })
    }
    claimable[place] = rest
  }
  return { rows, claimable }
}
