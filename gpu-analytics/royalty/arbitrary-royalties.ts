import type { Hex } from '@foggara/schema'
import fc from 'fast-check'

import { sampleId } from '../epoch/sample-snapshot.ts'
import type { RoyaltyAsset, RoyaltyLink } from './royalty-link.ts'

/** Links for tests and examples: `[child, parent, percent]` by number, each child linking at once. */
export function sampleLinks(
  policy: RoyaltyLink['policy'],
  rows: readonly (readonly [child: number, parent: number, percent: number])[],
): RoyaltyLink[] {
  return rows.map(([child, parent, percent]) => ({
    childId: sampleId(child),
    parentId: sampleId(parent),
    policy,
    shareE8: percent * 1_000_000,
    linked: child,
  }))
}

/** Assets for tests and examples, numbered from 1 in the order of registration. */
export function sampleAssets(count: number): RoyaltyAsset[] {
  return Array.from({ length: count }, (_, index) => ({
    id: sampleId(index + 1),
    registered: index + 1,
  }))
}

/** `count` diamonds on top of each other, each link of `percent`: the root is 1, the top the last. */
export function stackedDiamonds(
  policy: RoyaltyLink['policy'],
  count: number,
  percent: number,
): { readonly assets: RoyaltyAsset[]; readonly links: RoyaltyLink[]; readonly top: Hex } {
  const rows = Array.from({ length: count }, (_, index) => {
    const bottom = 3 * index + 1
    return [
      [bottom + 1, bottom, percent],
      [bottom + 2, bottom, percent],
      [bottom + 3, bottom + 1, percent],
      [bottom + 3, bottom + 2, percent],
    ] as const
  }).flat()
  return {
    assets: sampleAssets(3 * count + 1),
    links: sampleLinks(policy, rows),
    top: sampleId(3 * count + 1),
  }
}

/** Random acyclic links among a few assets, of one policy or mixed, some with a share of 0. */
export function arbitraryLinks(
  policies: readonly RoyaltyLink['policy'][],
  assetCount = 9,
): fc.Arbitrary<RoyaltyLink[]> {
  const link = fc
    .record({
      child: fc.integer({ min: 2, max: assetCount }),
      parent: fc.integer({ min: 1, max: assetCount - 1 }),
      policy: fc.constantFrom(...policies),
      shareE8: fc.constantFrom(0, 1, 333_333, 1_000_000, 2_500_001, 12_345_678, 40_000_000),
      linked: fc.integer({ min: 0, max: 6 }),
      label: fc.constantFrom('', 'a', 'b'),
    })
    .filter(({ child, parent }) => parent < child)
    .map(({ child, parent, ...rest }) => ({
      childId: sampleId(child),
      parentId: sampleId(parent),
      ...rest,
    }))
  return fc.uniqueArray(link, {
    selector: (one) => [one.childId, one.parentId, one.linked, one.label].join(),
    maxLength: 18,
  })
}

/** One random amount per asset, small ones and nothing at all included. */
export function arbitraryRevenue(assetCount = 9): fc.Arbitrary<bigint[]> {
  const amount = fc.oneof(fc.constant(0n), fc.bigInt(0n, 9n), fc.bigInt(0n, (1n << 96n) - 1n))
  return fc.array(amount, { minLength: assetCount, maxLength: assetCount })
}
