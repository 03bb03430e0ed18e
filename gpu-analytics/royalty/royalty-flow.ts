import {
  FatalError,
  type Hex,
  SHARE_WHOLE_E8,
  checkAmount,
  invariant,
  mulDivFloor,
  sum,
} from '@foggara/schema'

import { at } from '../graph/at.ts'
import { type LinkCount, absoluteLinks, lapReach } from './lap-reach.ts'
import { type RoyaltyGraph, placeOfAsset } from './royalty-graph.ts'

/** What revenue owes along the links, to the last unit. Unit: token base units. */
export type RoyaltyFlow = {
  /** Per link of the graph, what the parent receives along it. */
  readonly amounts: readonly bigint[]
  /** Per asset, what stays with it of its revenue and of what it receives. */
  readonly kept: readonly bigint[]
  /** What the floors of absolute shares left over; relative shares leave nothing. */
  readonly dust: bigint
}

/**
 * The royalties on one period's revenue, one pass over the links from the latest asset to the first.
 *
 * Absolute shares come off an asset's own revenue, relative ones off that and off what children pass
 * up relatively. `sum(kept) + dust = sum(revenue)`, and nothing kept is negative: with a stack `s`
 * and relative shares `r` of at most the whole together, `ceil(V·s) + floor((V + P)·r) <= V + P`.
 *
 * @throws {RoyaltyRevenueError | AmountOutOfRangeError} for revenue that is not one amount per asset.
 */
export function royaltyFlow(graph: RoyaltyGraph, revenue: readonly bigint[]): RoyaltyFlow {
  checkRevenue(graph, revenue)
  const amounts = graph.links.map(() => 0n)
  const kept = revenue.map(() => 0n)
  const bases = lapBases(graph, revenue)
  const passed = [...revenue]
  let charged = 0n
  let owed = 0n
  for (let child = graph.assetIds.length - 1; child >= 0; child--) {
    const own = at(revenue, child)
    const stack = at(graph.lapStacks, child)
    const afterStack = mulDivFloor(own, SHARE_WHOLE_E8 - stack, SHARE_WHOLE_E8)
    charged += own - afterStack
    kept[child] = at(kept, child) + at(passed, child) - own + afterStack
    for (const { index, parent, isAbsolute, rateE8 } of at(graph.outLinks, child)) {
      const base = isAbsolute ? at(bases, index) : at(passed, child)
      const amount = mulDivFloor(base, rateE8, SHARE_WHOLE_E8)
      amounts[index] = amount
      if (isAbsolute) {
        owed += amount
        kept[parent] = at(kept, parent) + amount
      } else {
        kept[child] = at(kept, child) - amount
        passed[parent] = at(passed, parent) + amount
      }
    }
  }
  const dust = charged - owed
  invariant(dust >= 0n, `expected what is owed to be charged, found ${-dust} more`)
  invariant(sum(kept) + dust === sum(revenue), 'expected royalties to lose nothing')
  return { amounts, kept, dust }
}

/**
 * Per link of the graph, the revenue that its absolute share is of; 0 for relative links. With `path`
 * a link whose parent owes nothing further and that has no share itself counts no paths, so no base
 * exceeds the revenue times 1e8.
 */
export function lapBases(graph: RoyaltyGraph, revenue: readonly bigint[]): bigint[] {
  const bases = graph.links.map(() => 0n)
  if (graph.lapMode === 'path') {
    const reached = [...revenue]
    for (let child = reached.length - 1; child >= 0; child--) {
      const base = at(reached, child)
      for (const { index, parent, rateE8 } of absoluteLinks(linksOf(graph), child)) {
        bases[index] = base
        if (rateE8 === 0n && at(graph.lapStacks, parent) === 0n) continue
        reached[parent] = at(reached, parent) + base
      }
    }
    return bases
  }
  for (const [place, amount] of revenue.entries()) {
    if (amount === 0n || at(graph.lapStacks, place) === 0n) continue
    for (const { link, count } of reachOf(graph, place)) {
      bases[link.index] = at(bases, link.index) + amount * count
    }
  }
  return bases
}

/**
 * What part of an asset's revenue each ancestor has absolutely, parts per hundred million; ancestors
 * without a part are left out. Their sum is the asset's stack.
 *
 * @throws {RoyaltyAssetError} when the asset is not in the graph.
 */
export function lapRatesOf(graph: RoyaltyGraph, assetId: Hex): ReadonlyMap<Hex, bigint> {
  const rates = new Map<Hex, bigint>()
  for (const { link, count } of reachOf(graph, placeOfAsset(graph, assetId))) {
    const ancestor = at(graph.assetIds, link.parent)
    if (link.rateE8 === 0n) continue
    rates.set(ancestor, (rates.get(ancestor) ?? 0n) + count * link.rateE8)
  }
  return rates
}

/** Raises an error unless revenue is one amount per asset of the graph, each within range. */
export function checkRevenue(graph: RoyaltyGraph, revenue: readonly bigint[]): void {
  if (revenue.length !== graph.assetIds.length) {
    throw new RoyaltyRevenueError(
      `expected one amount per asset (${graph.assetIds.length}), found ${revenue.length}`,
    )
  }
  for (const [place, amount] of revenue.entries()) {
    checkAmount(amount, `revenue of ${at(graph.assetIds, place)}`)
  }
}

function reachOf(graph: RoyaltyGraph, place: number): readonly LinkCount[] {
  const reach = lapReach(linksOf(graph), place, graph.lapMode, graph.assetIds.length)
  invariant(reach !== undefined, 'expected a graph to have admitted its reaches')
  return reach
}

function linksOf(graph: RoyaltyGraph) {
  return (place: number) => at(graph.outLinks, place)
}

/** Revenue does not fit its royalty graph. */
export class RoyaltyRevenueError extends FatalError {
  constructor(detail: string) {
    super('ROYALTY_REVENUE_MALFORMED', detail)
  }
}
