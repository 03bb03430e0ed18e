import { type Hex, checkAmount, compareIds } from '@foggara/schema'

import { at } from '../graph/at.ts'
import type { LapMode } from './lap-reach.ts'
import { royaltyFlow } from './royalty-flow.ts'
import { type RoyaltyGraph, buildRoyaltyGraph, placeOfAsset } from './royalty-graph.ts'
import {
  type RefusedLink,
  type RoyaltyAsset,
  type RoyaltyLink,
  compareLinks,
} from './royalty-link.ts'

/** What an asset took in at a block, after fees and without royalties. Unit: token base units. */
export type Revenue = {
  readonly token: Hex
  readonly assetId: Hex
  readonly usageBlock: number
  readonly amount: bigint
}

/** What is owed along one link. */
export type OwedRoyalty = {
  readonly token: Hex
  readonly link: RoyaltyLink
  readonly amount: bigint
}

export type OwedRoyalties = {
  /** Positive amounts, ascending by token, then in the canonical order of the links. */
  readonly owed: readonly OwedRoyalty[]
  /** Assets with revenue or royalties, ascending by token, then by id. */
  readonly assets: readonly {
    readonly token: Hex
    readonly assetId: Hex
    readonly revenue: bigint
    readonly kept: bigint
  }[]
  /** What the floors of absolute shares left over, ascending by token. */
  readonly dust: readonly { readonly token: Hex; readonly amount: bigint }[]
  /** Links that no period with revenue used, with the reason of the last; in canonical order. */
  readonly refused: readonly RefusedLink[]
}

/**
 * The royalties on revenue at many blocks: each amount owes along the links that counted at its
 * usage block, so a link that ended or began later changes nothing about it. Amounts of one period
 * between two changes of the links are computed together; the cost is one pass per period and token.
 *
 * @throws {RoyaltyAssetError | RoyaltyLinkError | AmountOutOfRangeError}
 */
export function owedRoyalties(
  assets: readonly RoyaltyAsset[],
  links: readonly RoyaltyLink[],
  revenues: readonly Revenue[],
  options: { readonly lapMode: LapMode; readonly ancestorCountMax?: number },
): OwedRoyalties {
  const changes = [
    ...new Set(links.flatMap((link) => [link.fromBlock ?? 0, link.toBlock ?? 0])),
  ].toSorted((a, b) => a - b)
  const periods = [...Map.groupBy(revenues, (row) => periodOf(changes, row.usageBlock))]
  const ledgers = new Map<Hex, Ledger>()
  const used = new Set<RoyaltyLink>()
  const reasons = new Map<RoyaltyLink, RefusedLink>()
  for (const [, rows] of periods.toSorted(([a], [b]) => a - b)) {
    const { usageBlock } = at(rows, 0)
    const graph = buildRoyaltyGraph(assets, links, { ...options, usageBlock })
    for (const link of graph.links) used.add(link)
    for (const refused of graph.refused) reasons.set(refused.link, refused)
    for (const [token, ofToken] of Map.groupBy(rows, (row) => row.token)) {
      const ledger = ledgers.get(token) ?? { owed: new Map(), assets: new Map(), dust: 0n }
      ledgers.set(token, ledger)
      book(ledger, graph, revenueByPlace(graph, ofToken))
    }
  }
  const tokens = [...ledgers].toSorted(([a], [b]) => compareIds(a, b))
  return {
    owed: tokens.flatMap(([token, ledger]) =>
      [...ledger.owed]
        .toSorted(([a], [b]) => compareLinks(a, b))
        .map(([link, amount]) => ({ token, link, amount })),
    ),
    assets: tokens.flatMap(([token, ledger]) =>
      [...ledger.assets]
        .toSorted(([a], [b]) => compareIds(a, b))
        .map(([assetId, row]) => ({ token, assetId, ...row })),
    ),
    dust: tokens.map(([token, ledger]) => ({ token, amount: ledger.dust })),
    refused: links
      .filter((link) => !used.has(link))
      .toSorted(compareLinks)
      .flatMap((link) => reasons.get(link) ?? []),
  }
}

/** What all periods together come to in one token. */
type Ledger = {
  readonly owed: Map<RoyaltyLink, bigint>
  readonly assets: Map<Hex, { revenue: bigint; kept: bigint }>
  dust: bigint
}

function book(ledger: Ledger, graph: RoyaltyGraph, revenue: readonly bigint[]): void {
  const flow = royaltyFlow(graph, revenue)
  for (const [index, amount] of flow.amounts.entries()) {
    const link = at(graph.links, index)
    if (amount > 0n) ledger.owed.set(link, (ledger.owed.get(link) ?? 0n) + amount)
  }
  for (const [place, kept] of flow.kept.entries()) {
    const own = at(revenue, place)
    if (own === 0n && kept === 0n) continue
    const id = at(graph.assetIds, place)
    const before = ledger.assets.get(id) ?? { revenue: 0n, kept: 0n }
    ledger.assets.set(id, { revenue: before.revenue + own, kept: before.kept + kept })
  }
  ledger.dust += flow.dust
}

/** How many changes of the links are behind a block: the same number means the same links. */
function periodOf(changes: readonly number[], block: number): number {
  let low = 0
  let high = changes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (at(changes, middle) <= block) low = middle + 1
    else high = middle
  }
  return low
}

function revenueByPlace(graph: RoyaltyGraph, rows: readonly Revenue[]): bigint[] {
  const revenue = graph.assetIds.map(() => 0n)
  for (const { assetId, amount } of rows) {
    const place = placeOfAsset(graph, assetId)
    revenue[place] = at(revenue, place) + checkAmount(amount, `revenue of ${assetId}`)
  }
  return revenue
}
