import { buildRoyaltyGraph, lapRatesOf, royaltyFlow } from '@foggara/gpu-analytics'
import type { LapMode, RoyaltyLink } from '@foggara/gpu-analytics'
import type { Hex } from '@foggara/schema'
import { expect, test } from 'vitest'

const PERCENT = 1_000_000n

/** Numbers of assets in the order of registration: child, parent and the percent it owes. */
type Row = readonly [child: number, parent: number, percent: number]

const DIAMOND: readonly Row[] = [
  [2, 1, 10],
  [3, 2, 10],
  [4, 2, 10],
  [5, 3, 10],
  [5, 4, 10],
]
const CHAIN: readonly Row[] = [
  [2, 1, 10],
  [3, 2, 10],
]

function idOf(number: number): Hex {
  return `0x${number.toString(16).padStart(64, '0')}`
}

function graphOf(policy: RoyaltyLink['policy'], rows: readonly Row[], lapMode: LapMode = 'path') {
  const count = Math.max(...rows.map(([child]) => child))
  const assets = Array.from({ length: count }, (_, index) => ({
    id: idOf(index + 1),
    registered: index + 1,
  }))
  const links = rows.map(([child, parent, percent]) => ({
    childId: idOf(child),
    parentId: idOf(parent),
    policy,
    shareE8: percent * Number(PERCENT),
    linked: child,
  }))
  return buildRoyaltyGraph(assets, links, { lapMode })
}

// storyprotocol/protocol-core-v1 at 1e80201b, test/hardhat/e2e/royalty: each link cost 100.
test('a real chain paid 990 and 210 for absolute shares', () => {
  expect(royaltyFlow(graphOf('LAP', CHAIN), [100n, 1100n, 0n]).kept).toEqual([210n, 990n, 0n])
})

test('a real chain paid 900, 180 and 120 for relative shares', () => {
  expect(royaltyFlow(graphOf('LRP', CHAIN), [100n, 100n, 1000n]).kept).toEqual([120n, 180n, 900n])
})

test.each([
  ['path', [20n, 20n, 10n, 10n], 60n],
  ['edge', [10n, 20n, 10n, 10n], 50n],
] as const)('Story’s diamond counts a shared grandparent by %s', (lapMode, percents, stack) => {
  const graph = graphOf('LAP', DIAMOND, lapMode)
  const rates = lapRatesOf(graph, idOf(5))
  expect([1, 2, 3, 4].map((number) => rates.get(idOf(number)))).toEqual(
    percents.map((percent) => percent * PERCENT),
  )
  expect(graph.lapStacks.at(-1)).toBe(stack * PERCENT)
})

test('relative shares of the same diamond are 0.2, 2, 10 and 10 percent', () => {
  const { amounts } = royaltyFlow(graphOf('LRP', DIAMOND), [0n, 0n, 0n, 0n, 1000n])
  expect(amounts).toEqual([2n, 10n, 10n, 100n, 100n])
})

test('one percent licences let the root’s part double until nobody can derive any more', () => {
  const rows = Array.from({ length: 5 }, (_, index): Row[] => {
    const bottom = 3 * index + 1
    return [
      [bottom + 1, bottom, 1],
      [bottom + 2, bottom, 1],
      [bottom + 3, bottom + 1, 1],
      [bottom + 3, bottom + 2, 1],
    ]
  }).flat()
  const graph = graphOf('LAP', rows)
  const tops = [4, 7, 10, 13]
  expect(tops.map((top) => graph.lapStacks.at(top - 1))).toEqual(
    [4n, 12n, 28n, 60n].map((percent) => percent * PERCENT),
  )
  expect(tops.map((top) => lapRatesOf(graph, idOf(top)).get(idOf(1)))).toEqual(
    [2n, 4n, 8n, 16n].map((percent) => percent * PERCENT),
  )
  expect(graph.refused.map(({ link, reason }) => [link.childId, reason])).toEqual([
    [idOf(16), 'stackAboveWhole'],
    [idOf(16), 'stackAboveWhole'],
  ])
})
