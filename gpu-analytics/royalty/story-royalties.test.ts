import { sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sampleId } from '../epoch/sample-snapshot.ts'
import { at } from '../graph/at.ts'
import {
  arbitraryLinks,
  arbitraryRevenue,
  sampleAssets,
  sampleLinks,
} from './arbitrary-royalties.ts'
import { lapRatesOf, royaltyFlow } from './royalty-flow.ts'
import { type RoyaltyGraph, buildRoyaltyGraph } from './royalty-graph.ts'
import {
  StoryPaymentError,
  lrpStackOf,
  storyLapTransfer,
  storyLrpRatesOf,
  storyLrpTransfer,
  storyPayment,
} from './story-royalties.ts'

const SEED = 20_260_823
const CHAIN = [
  [2, 1, 10],
  [3, 2, 10],
] as const

function graphOf(policy: 'LAP' | 'LRP', rows: Parameters<typeof sampleLinks>[1], count: number) {
  return buildRoyaltyGraph(sampleAssets(count), sampleLinks(policy, rows), { lapMode: 'path' })
}

/** What everybody can claim after the payments, and what is stuck in the policies' contracts. */
function storyChain(
  graph: RoyaltyGraph,
  payments: readonly (readonly [place: number, amount: bigint])[],
) {
  const vaults = graph.assetIds.map(() => 0n)
  const accounted = graph.assetIds.map(() => 0n)
  let held = 0n
  for (const [place, amount] of payments) {
    const paid = storyPayment(amount, {
      feeE8: 0n,
      lapStackE8: at(graph.lapStacks, place),
      lrpStackE8: lrpStackOf(graph, at(graph.assetIds, place)),
    })
    vaults[place] = at(vaults, place) + paid.vault
    accounted[place] = at(accounted, place) + amount
    held += paid.absolute + paid.relative
  }
  for (const [place, id] of graph.assetIds.entries()) {
    const revenue = at(accounted, place)
    const transfers = [
      ...[...lapRatesOf(graph, id)].map(
        ([ancestor, rate]) => [ancestor, storyLapTransfer(revenue, rate, 0n)] as const,
      ),
      ...[...storyLrpRatesOf(graph, id)].map(
        ([ancestor, rate]) =>
          [ancestor, storyLrpTransfer(revenue, rate, lrpStackOf(graph, ancestor), 0n)] as const,
      ),
    ]
    for (const [ancestor, amount] of transfers) {
      const to = graph.assetIds.indexOf(ancestor)
      vaults[to] = at(vaults, to) + amount
      held -= amount
    }
  }
  return { vaults, held }
}

test("absolute shares give what Story's chain paid in its own test: 990 and 210", () => {
  const payments = [
    [0, 100n],
    [1, 100n],
    [1, 1000n],
  ] as const
  expect(storyChain(graphOf('LAP', CHAIN, 3), payments)).toEqual({
    vaults: [210n, 990n, 0n],
    held: 0n,
  })
})

test("relative shares give what Story's chain paid in its own test: 900, 180 and 120", () => {
  const payments = [
    [0, 100n],
    [1, 100n],
    [2, 1000n],
  ] as const
  expect(storyChain(graphOf('LRP', CHAIN, 3), payments)).toEqual({
    vaults: [120n, 180n, 900n],
    held: 0n,
  })
})

test('relative shares are rounded down link by link on the scale of a hundred million', () => {
  const links = [9_999_999, 1_234_567, 7_777_777, 3_333_333].map((shareE8, index) => ({
    ...at(sampleLinks('LRP', [[5 - index, 4 - index, 0]]), 0),
    shareE8,
  }))
  const graph = buildRoyaltyGraph(sampleAssets(5), links, { lapMode: 'path' })
  expect(storyLrpRatesOf(graph, sampleId(5)).get(sampleId(1))).toBe(320n)
})

test('three parents of 10, 15 and 20 % stack to 45 %, and the first gets its tenth', () => {
  const graph = graphOf(
    'LAP',
    [
      [4, 1, 10],
      [4, 2, 15],
      [4, 3, 20],
    ],
    4,
  )
  expect(graph.lapStacks.at(-1)).toBe(45_000_000n)
  expect(storyChain(graph, [[3, 100_000_000n]]).vaults).toEqual([
    10_000_000n,
    15_000_000n,
    20_000_000n,
    55_000_000n,
  ])
})

test('payment by payment the chain is off by single units, and never pays more than it has', () => {
  fc.assert(
    fc.property(arbitraryLinks(['LAP']), arbitraryRevenue(), (links, revenue) => {
      const graph = buildRoyaltyGraph(sampleAssets(9), links, { lapMode: 'path' })
      const { vaults, held } = storyChain(graph, [...revenue.entries()])
      expect(sum(vaults) + held).toBe(sum(revenue))
      const { kept } = royaltyFlow(graph, revenue)
      const bound = BigInt(2 * (links.length + revenue.length) + 81)
      for (const [place, amount] of kept.entries()) {
        const difference = at(vaults, place) - amount
        expect(difference <= bound && difference >= -bound).toBe(true)
      }
    }),
    { seed: SEED, numRuns: 80 },
  )
})

test('the rounding of relative shares leaves a remainder in the contract that the flow does not', () => {
  const graph = buildRoyaltyGraph(
    sampleAssets(3),
    sampleLinks('LRP', CHAIN).map((link) => ({ ...link, shareE8: 3_333_333 })),
    { lapMode: 'path' },
  )
  const revenue = [0n, 0n, 10n ** 21n]
  expect(storyChain(graph, [[2, 10n ** 21n]]).held).toBeGreaterThan(0n)
  expect(royaltyFlow(graph, revenue).dust).toBe(0n)
})

test('the fee comes first, and a payment whose fee rounds to nothing is refused', () => {
  const shares = { feeE8: 1_000_000n, lapStackE8: 10_000_000n, lrpStackE8: 20_000_000n }
  expect(storyPayment(1_000n, shares)).toEqual({
    fee: 10n,
    absolute: 99n,
    relative: 198n,
    vault: 693n,
  })
  expect(() => storyPayment(99n, shares)).toThrow(StoryPaymentError)
  expect(() => storyPayment(-1n, shares)).toThrow(StoryPaymentError)
  expect(() => storyPayment(1_000n, { ...shares, lapStackE8: 90_000_000n })).toThrow(/at most 1e8/)
})
