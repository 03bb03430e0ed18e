import { SHARE_WHOLE_E8 } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sampleId } from '../epoch/sample-snapshot.ts'
import { at } from '../graph/at.ts'
import {
  arbitraryLinks,
  sampleAssets,
  sampleLinks,
  stackedDiamonds,
} from './arbitrary-royalties.ts'
import { LAP_MODES } from './lap-reach.ts'
import { RoyaltyAssetError, buildRoyaltyGraph, placeOfAsset } from './royalty-graph.ts'
import { EventOrderError, RoyaltyLinkError, eventOrder } from './royalty-link.ts'
import { lrpStackOf } from './story-royalties.ts'

const SEED = 20_260_820

test('the order of assets and links changes nothing', () => {
  fc.assert(
    fc.property(
      arbitraryLinks(['LRP', 'LAP']),
      fc.constantFrom(...LAP_MODES),
      fc.infiniteStream(fc.nat()),
      (links, lapMode, keys) => {
        const shuffled = links
          .map((link) => ({ link, key: at([...keys.take(1)], 0) }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ link }) => link)
        const graph = buildRoyaltyGraph(sampleAssets(9), links, { lapMode })
        const other = buildRoyaltyGraph(sampleAssets(9).toReversed(), shuffled, { lapMode })
        expect(other).toEqual(graph)
      },
    ),
    { seed: SEED, numRuns: 60 },
  )
})

test('every link is used or refused, and nobody owes more than the whole', () => {
  fc.assert(
    fc.property(
      arbitraryLinks(['LRP', 'LAP', 'EXT']),
      fc.constantFrom(...LAP_MODES),
      (links, lapMode) => {
        const graph = buildRoyaltyGraph(sampleAssets(9), links, { lapMode })
        expect(graph.links.length + graph.refused.length).toBe(links.length)
        for (const [place, id] of graph.assetIds.entries()) {
          const stack = at(graph.lapStacks, place) + lrpStackOf(graph, id)
          expect(stack <= SHARE_WHOLE_E8).toBe(true)
          for (const { index, parent } of at(graph.outLinks, place)) {
            expect(parent).toBeLessThan(place)
            expect(at(graph.links, index).childId).toBe(id)
            expect(at(graph.links, index).parentId).toBe(at(graph.assetIds, parent))
          }
        }
      },
    ),
    { seed: SEED, numRuns: 60 },
  )
})

test('five stacked diamonds of 1 % would stack to 124 %, so the last links are refused', () => {
  const { assets, links, top } = stackedDiamonds('LAP', 5, 1)
  const graph = buildRoyaltyGraph(assets, links, { lapMode: 'path' })
  expect(graph.refused.map(({ link, reason }) => [link.childId, reason])).toEqual([
    [top, 'stackAboveWhole'],
    [top, 'stackAboveWhole'],
  ])
  const stacks = [4, 7, 10, 13].map((number) => at(graph.lapStacks, number - 1))
  expect(stacks).toEqual([4_000_000n, 12_000_000n, 28_000_000n, 60_000_000n])
  const whole = buildRoyaltyGraph(assets, links, { lapMode: 'edge' })
  expect(whole.refused).toEqual([])
  expect(whole.lapStacks.at(-1)).toBe(20_000_000n)
})

test('links of one event are refused together, those of an earlier event stay', () => {
  const { assets, links, top } = stackedDiamonds('LAP', 5, 1)
  const apart = links.map((link, index) => ({ ...link, linked: index }))
  const graph = buildRoyaltyGraph(assets, apart, { lapMode: 'path' })
  expect(graph.refused.map(({ link }) => link)).toEqual([apart.at(-1)])
  expect(at(graph.lapStacks, placeOfAsset(graph, top))).toBe(62_000_000n)
})

test('a later link is refused when it would make what descends from its child owe too much', () => {
  const links = [
    ...sampleLinks('LAP', [
      [3, 2, 30],
      [4, 3, 60],
    ]),
    { ...at(sampleLinks('LAP', [[2, 1, 20]]), 0), linked: 9 },
  ]
  for (const lapMode of LAP_MODES) {
    const graph = buildRoyaltyGraph(sampleAssets(4), links, { lapMode })
    expect(graph.refused).toEqual([{ link: at(links, 2), reason: 'stackAboveWhole' }])
    expect(graph.lapStacks).toEqual([0n, 0n, 30_000_000n, 90_000_000n])
  }
})

test('a whole circle is refused and named, and so is a link to a later registration', () => {
  const links = sampleLinks('LRP', [
    [2, 1, 10],
    [1, 3, 10],
    [3, 2, 10],
    [3, 1, 10],
    [4, 2, 10],
    [4, 5, 10],
  ])
  const graph = buildRoyaltyGraph(sampleAssets(5), links, { lapMode: 'path' })
  expect(graph.cycleGroups).toEqual([[sampleId(1), sampleId(2), sampleId(3)]])
  expect(graph.refused.map(({ reason }) => reason)).toEqual([
    'cycle',
    'cycle',
    'cycle',
    'cycle',
    'parentNotEarlier',
  ])
  expect(graph.links).toEqual([links[4]])
})

test('a link is refused with the first reason that it gives by itself', () => {
  const link = at(sampleLinks('LRP', [[2, 1, 10]]), 0)
  const links = [
    { ...link, label: 'a', parentId: sampleId(99) },
    { ...link, label: 'b', policy: 'EXT' as const },
    { ...link, label: 'c', isLicensed: false },
    { ...link, label: 'd', fromBlock: 8 },
    { ...link, label: 'e', toBlock: 7 },
    { ...link, label: 'f', shareE8: 0 },
    { ...link, label: 'g', fromBlock: 7, toBlock: 8 },
  ]
  const graph = buildRoyaltyGraph(sampleAssets(2), links, { lapMode: 'path', usageBlock: 7 })
  expect(graph.links.map(({ label }) => label)).toEqual(['g'])
  expect(graph.refused.map(({ link: { label }, reason }) => [label, reason])).toEqual([
    ['b', 'policyExternal'],
    ['c', 'unlicensed'],
    ['d', 'notYetValid'],
    ['e', 'expired'],
    ['f', 'noShare'],
    ['a', 'assetUnknown'],
  ])
})

test('an asset has at most so many ancestors where each is looked at by itself', () => {
  const links = sampleLinks('LAP', [
    [2, 1, 1],
    [3, 2, 1],
    [4, 3, 1],
  ])
  const options = { lapMode: 'max', ancestorCountMax: 2 } as const
  const graph = buildRoyaltyGraph(sampleAssets(4), links, options)
  expect(graph.refused).toEqual([{ link: links[2], reason: 'ancestorsAboveMax' }])
  expect(buildRoyaltyGraph(sampleAssets(4), links, { lapMode: 'path' }).refused).toEqual([])
})

test.each([
  ['a share above the whole', { shareE8: 100_000_001 }, 'expected a share of 0 to 1e8'],
  ['a share with decimals', { shareE8: 0.5 }, 'expected a share of 0 to 1e8'],
  ['a share that is no number', { shareE8: Number.NaN }, 'expected a share of 0 to 1e8'],
  ['a negative event', { linked: -1 }, 'expected whole numbers'],
])('%s is no link', (_, change, message) => {
  const links = sampleLinks('LRP', [[2, 1, 10]]).map((link) => ({ ...link, ...change }))
  const build = () => buildRoyaltyGraph(sampleAssets(2), links, { lapMode: 'path' })
  expect(build).toThrow(RoyaltyLinkError)
  expect(build).toThrow(message)
})

test('events are in the order of their blocks, then of their logs', () => {
  const orders = [
    eventOrder(7, 0),
    eventOrder(7, 2 ** 20 - 1),
    eventOrder(8, 0),
    eventOrder(2 ** 33 - 1, 5),
  ]
  expect(orders.toSorted((a, b) => a - b)).toEqual(orders)
  expect(orders.every(Number.isSafeInteger)).toBe(true)
  for (const [block, log] of [
    [2 ** 33, 0],
    [0, 2 ** 20],
    [-1, 0],
    [0.5, 0],
  ] as const) {
    expect(() => eventOrder(block, log)).toThrow(EventOrderError)
  }
})

test('a link or an asset that comes twice is refused', () => {
  const links = sampleLinks('LRP', [
    [2, 1, 10],
    [2, 1, 10],
  ])
  expect(() => buildRoyaltyGraph(sampleAssets(2), links, { lapMode: 'path' })).toThrow(
    RoyaltyLinkError,
  )
  const twice = [...sampleAssets(2), ...sampleAssets(1)]
  expect(() => buildRoyaltyGraph(twice, [], { lapMode: 'path' })).toThrow(RoyaltyAssetError)
})
