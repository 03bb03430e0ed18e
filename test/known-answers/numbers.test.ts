import {
  type LapMode,
  type RoyaltyLink,
  type RoyaltyPolicy,
  anyOfEachGroupGame,
  buildGraph,
  buildRoyaltyGraph,
  flow,
  keyPointGame,
  largestRemainder,
  roleBlockGame,
  royaltyFlow,
} from '@foggara/gpu-analytics'
import type { Hex } from '@foggara/schema'
import { expect, test } from 'vitest'

/** R is registered first, then A, then B and C, and D last; every link is 10 %. */
const DIAMOND = [
  ['A', 'R'],
  ['B', 'A'],
  ['C', 'A'],
  ['D', 'B'],
  ['D', 'C'],
] as const
const NAMES = ['R', 'A', 'B', 'C', 'D'] as const
type Name = (typeof NAMES)[number]

function idOf(name: Name): Hex {
  return `0x${'0'.repeat(63)}${NAMES.indexOf(name) + 1}`
}

function diamond(policy: RoyaltyPolicy, lapMode: LapMode) {
  const assets = NAMES.map((name, registered) => ({ id: idOf(name), registered }))
  const links = DIAMOND.map(([child, parent]): RoyaltyLink => ({
    childId: idOf(child),
    parentId: idOf(parent),
    policy,
    shareE8: 10_000_000,
    linked: NAMES.indexOf(child),
  }))
  const graph = buildRoyaltyGraph(assets, links, { lapMode })
  const revenue = graph.assetIds.map((id) => (id === idOf('D') ? 100n : 0n))
  const { kept } = royaltyFlow(graph, revenue)
  const percent = Object.fromEntries(
    NAMES.map((name) => [name, kept[graph.assetIds.indexOf(idOf(name))]]),
  )
  return { percent, stack: graph.lapStacks.at(-1) }
}

test('a diamond of 10 % links owes by path R 20, A 20, B 10, C 10, a stack of 60', () => {
  expect(diamond('LAP', 'path')).toEqual({
    percent: { R: 20n, A: 20n, B: 10n, C: 10n, D: 40n },
    stack: 60_000_000n,
  })
})

test('counted once per edge, the same diamond owes R 10 and its stack is 50', () => {
  const { percent, stack } = diamond('LAP', 'edge')
  expect([percent['R'], stack]).toEqual([10n, 50_000_000n])
})

test('relative shares of the diamond come to R 0.2, A 1.8, B 9 and C 9 of 100 that D takes in', async () => {
  const rows = DIAMOND.map(([from, to]) => ({ from, to, weight: 10n }))
  const { keptById } = await flow(buildGraph(rows), {
    inflow: new Map([['D', 100_000n]]),
    keepFingers: { restOf: 100n },
    stepCountMax: 9,
  })
  expect(Object.fromEntries(keptById)).toEqual({
    A: 1_800n,
    B: 9_000n,
    C: 9_000n,
    D: 80_000n,
    R: 200n,
  })
})

/** Fractions of a receipt worth 1, over the game's denominator. */
function fractions(shares: { readonly numerators: readonly bigint[] }, denominator: bigint) {
  return shares.numerators.map((numerator) => Number(numerator) / Number(denominator))
}

test.each([
  [
    [1, 3],
    [3 / 4, 1 / 12],
  ],
  [
    [2, 3],
    [3 / 10, 2 / 15],
  ],
  [
    [1, 1, 3],
    [9 / 20, 9 / 20, 1 / 30],
  ],
])('one of each of groups of %j: a member of each group gets %j', (sizes, expected) => {
  const assets = sizes.flatMap((size, group) =>
    Array.from({ length: size }, (_, member) => `${group}-${member}`),
  )
  const game = anyOfEachGroupGame((asset) => asset.slice(0, asset.indexOf('-')))
  const found = fractions(game.sharesOf({ assets, worth: 1n }), game.denominator)
  const each = sizes.flatMap((size, group) => Array.from({ length: size }, () => expected[group]))
  for (const [place, share] of found.entries()) expect(share).toBeCloseTo(each[place] ?? 0, 12)
})

test('the maximum of 3, 7, 7, 12 and 20 divides as 3/5, 8/5, 8/5, 41/10 and 121/10', () => {
  const game = keyPointGame()
  const assets = ['a', 'b', 'c', 'd', 'e']
  const shares = game.sharesOf({ assets, keyPoints: [[3n, 7n, 7n, 12n, 20n]] })
  expect(fractions(shares, game.denominator)).toEqual([3 / 5, 8 / 5, 8 / 5, 41 / 10, 121 / 10])
})

test("Owen's value of blocks of 1, 3 and 2 is 1/3, three times 1/9 and twice 1/6", () => {
  const game = roleBlockGame((asset) => asset.slice(0, 1))
  const shares = game.sharesOf({ assets: ['a0', 'b0', 'b1', 'b2', 'c0', 'c1'], worth: 1n })
  expect(fractions(shares, game.denominator)).toEqual([1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 6, 1 / 6])
})

test("Hamilton's method gives left-over units to the largest remainders, ties to the lower id", () => {
  const claims = ['a', 'b', 'c'].map((id) => ({ id, weight: 1n }))
  expect(largestRemainder(100n, claims)).toEqual([34n, 33n, 33n])
  expect(largestRemainder(100n, claims.toReversed())).toEqual([33n, 33n, 34n])
})
