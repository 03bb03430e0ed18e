import { AmountOutOfRangeError, SHARE_WHOLE_E8, compareIds, divFloor, sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sampleId } from '../epoch/sample-snapshot.ts'
import { at } from '../graph/at.ts'
import {
  arbitraryLinks,
  arbitraryRevenue,
  sampleAssets,
  sampleLinks,
  stackedDiamonds,
} from './arbitrary-royalties.ts'
import { LAP_MODES, type LapMode } from './lap-reach.ts'
import { RoyaltyRevenueError, lapRatesOf, royaltyFlow } from './royalty-flow.ts'
import { type RoyaltyGraph, buildRoyaltyGraph } from './royalty-graph.ts'

const SEED = 20_260_821
// Root 1; 2 is its child; 3 and 4 are children of 2; 5 is the child of both. Every link is 10 %.
const DIAMOND = [
  [2, 1, 10],
  [3, 2, 10],
  [4, 2, 10],
  [5, 3, 10],
  [5, 4, 10],
] as const

test('royalties lose nothing, whatever the policies', () => {
  fc.assert(
    fc.property(
      arbitraryLinks(['LRP', 'LAP']),
      arbitraryRevenue(),
      fc.constantFrom(...LAP_MODES),
      (links, revenue, lapMode) => {
        const graph = buildRoyaltyGraph(sampleAssets(9), links, { lapMode })
        const { amounts, kept, dust } = royaltyFlow(graph, revenue)
        expect(sum(kept) + dust).toBe(sum(revenue))
        expect([...amounts, ...kept, dust].every((amount) => amount >= 0n)).toBe(true)
        expect(dust <= BigInt(links.length + revenue.length)).toBe(true)
      },
    ),
    { seed: SEED, numRuns: 200 },
  )
})

test('relative royalties are kept to the last unit', () => {
  fc.assert(
    fc.property(arbitraryLinks(['LRP']), arbitraryRevenue(), (links, revenue) => {
      const graph = buildRoyaltyGraph(sampleAssets(9), links, { lapMode: 'path' })
      const { amounts, kept, dust } = royaltyFlow(graph, revenue)
      expect([dust, sum(kept)]).toEqual([0n, sum(revenue)])
      const inflow = revenue.map(
        (own, place) =>
          own +
          sum(
            graph.links.map((link, index) =>
              link.parentId === sampleId(place + 1) ? at(amounts, index) : 0n,
            ),
          ),
      )
      for (const [index, link] of graph.links.entries()) {
        const child = Number(BigInt(link.childId)) - 1
        expect(at(amounts, index)).toBe(
          divFloor(at(inflow, child) * BigInt(link.shareE8), SHARE_WHOLE_E8),
        )
      }
    }),
    { seed: SEED, numRuns: 100 },
  )
})

test('the pass over the links is the sum over all pairs, by each mode’s own definition', () => {
  fc.assert(
    fc.property(
      arbitraryLinks(['LAP']),
      arbitraryRevenue(),
      fc.constantFrom(...LAP_MODES),
      (links, revenue, lapMode) => {
        const graph = buildRoyaltyGraph(sampleAssets(9), links, { lapMode })
        const { amounts } = royaltyFlow(graph, revenue)
        const exact = graph.links.map(() => 0n)
        for (const [place, id] of graph.assetIds.entries()) {
          const counts = definedCounts(graph, id, lapMode)
          const rates = new Map<string, bigint>()
          for (const [index, count] of counts) {
            const { parentId, shareE8 } = at(graph.links, index)
            exact[index] = at(exact, index) + at(revenue, place) * count * BigInt(shareE8)
            const rate = (rates.get(parentId) ?? 0n) + count * BigInt(shareE8)
            if (rate > 0n) rates.set(parentId, rate)
          }
          expect(new Map(lapRatesOf(graph, id))).toEqual(rates)
          expect(at(graph.lapStacks, place)).toBe(sum(rates.values()))
        }
        expect(amounts).toEqual(exact.map((amount) => divFloor(amount, SHARE_WHOLE_E8)))
      },
    ),
    { seed: SEED, numRuns: 200 },
  )
})

test.each([
  ['path', [20n, 20n, 10n, 10n], 60n],
  ['edge', [10n, 20n, 10n, 10n], 50n],
  ['max', [10n, 10n, 10n, 10n], 40n],
] as const)(
  'in a diamond of 10 %% absolute shares, %s gives each its own',
  (lapMode, owed, stack) => {
    const graph = buildRoyaltyGraph(sampleAssets(5), sampleLinks('LAP', DIAMOND), { lapMode })
    const rates = lapRatesOf(graph, sampleId(5))
    expect([1, 2, 3, 4].map((number) => rates.get(sampleId(number)))).toEqual(
      owed.map((percent) => percent * 1_000_000n),
    )
    expect(graph.lapStacks.at(-1)).toBe(stack * 1_000_000n)
    const { kept, dust } = royaltyFlow(graph, [0n, 0n, 0n, 0n, 100n])
    expect([...kept, dust]).toEqual([...owed, 100n - stack, 0n])
  },
)

test('in a diamond of 10 % relative shares the root gets a tenth of a tenth of what its child gets', () => {
  const graph = buildRoyaltyGraph(sampleAssets(5), sampleLinks('LRP', DIAMOND), { lapMode: 'path' })
  const { kept, amounts } = royaltyFlow(graph, [0n, 0n, 0n, 0n, 1000n])
  expect(kept).toEqual([2n, 18n, 90n, 90n, 800n])
  expect(amounts).toEqual([2n, 10n, 10n, 100n, 100n])
})

test('with stacked diamonds the root’s share doubles per diamond, by paths', () => {
  const { assets, links, top } = stackedDiamonds('LAP', 4, 1)
  const graph = buildRoyaltyGraph(assets, links, { lapMode: 'path' })
  expect(lapRatesOf(graph, top).get(sampleId(1))).toBe(16_000_000n)
})

test('shares of 0 lead up without counting paths, so sixty diamonds stay within bounds', () => {
  const { assets, links } = stackedDiamonds('LAP', 60, 0)
  const graph = buildRoyaltyGraph(assets, links, { lapMode: 'path' })
  const revenue = assets.map(() => (1n << 96n) - 1n)
  const { kept, dust } = royaltyFlow(graph, revenue)
  expect([kept, dust]).toEqual([revenue, 0n])
})

test('revenue that does not fit the graph is refused', () => {
  const graph = buildRoyaltyGraph(sampleAssets(2), [], { lapMode: 'path' })
  expect(() => royaltyFlow(graph, [1n])).toThrow(RoyaltyRevenueError)
  expect(() => royaltyFlow(graph, [1n, -1n])).toThrow(AmountOutOfRangeError)
  expect(() => royaltyFlow(graph, [1n, 1n << 96n])).toThrow(AmountOutOfRangeError)
})

/** Per link, how often it counts for an asset's revenue: by walking every path, one by one. */
function definedCounts(graph: RoyaltyGraph, id: string, mode: LapMode): Map<number, bigint> {
  const walked = new Map<number, bigint>()
  const walk = (from: string) => {
    for (const [index, link] of graph.links.entries()) {
      if (link.childId !== from) continue
      walked.set(index, (walked.get(index) ?? 0n) + 1n)
      walk(link.parentId)
    }
  }
  walk(id)
  if (mode === 'path') return walked
  if (mode === 'edge') return new Map([...walked.keys()].map((index) => [index, 1n]))
  // Of equally good links the one of the latest child counts, then the first in canonical order.
  const preferred = [...walked.keys()].toSorted((a, b) => {
    const [left, right] = [at(graph.links, a), at(graph.links, b)]
    return right.shareE8 - left.shareE8 || compareIds(right.childId, left.childId) || a - b
  })
  const best = new Map<string, number>()
  for (const index of preferred.toReversed()) best.set(at(graph.links, index).parentId, index)
  return new Map([...best.values()].map((index) => [index, 1n]))
}
