import {
  type LapMode,
  type LinkRefusal,
  type OwedRoyalties,
  type Revenue,
  type RoyaltyLink,
  type RoyaltyRow,
  buildRoyaltyGraph,
  eventOrder,
  owedRoyalties,
} from '@foggara/gpu-analytics'
import type { Hex } from '@foggara/schema'

import { crowdedAssets } from './crowded-assets.ts'
import type { HistoryLink, RoyaltyHistory, VaultIncome } from './royalty-history.ts'

/**
 * How shares are read: relative to what a child takes in, as the contracts pay them, or absolute, of the
 * revenue of every descendant, where several ways up count as the mode says.
 */
export type ShareReading =
  | { readonly policy: 'LRP' }
  | { readonly policy: 'LAP'; readonly mode: LapMode }

/** A link that owes nothing at the pinned block. */
export type RefusedHistoryLink = {
  readonly link: HistoryLink
  readonly reason: LinkRefusal
  /** What it owed before. Unit: token base units. */
  readonly owed: bigint
}

export type OwedByLinks = {
  readonly rows: readonly RoyaltyRow[]
  readonly kept: bigint
  /** What the floors of absolute shares left over. */
  readonly dust: bigint
  /** In the canonical order of links. */
  readonly refused: readonly RefusedHistoryLink[]
  /** How many links owe at the pinned block. */
  readonly standingCount: number
}

/**
 * What all revenue up to the pinned block owes along the links that stood at each payment, and which
 * links owe nothing now. Places of events take the part of blocks, so the order within a block counts.
 *
 * @throws {RoyaltyAssetError | RoyaltyLinkError | AmountOutOfRangeError}
 */
export function owedByLinks(
  history: RoyaltyHistory,
  token: Hex,
  reading: ShareReading,
): OwedByLinks {
  const { assets, incomes } = history
  const lapMode = reading.policy === 'LAP' ? reading.mode : 'path'
  const sources = new Map(history.links.map((link) => [royaltyLinkOf(link, reading), link]))
  const revenues = incomes.map(({ order, assetId, amount }): Revenue => ({
    token,
    assetId,
    usageBlock: order,
    amount,
  }))
  const links = withoutIdleBounds([...sources.keys()], history)
  const result = owedRoyalties(assets, [...links.keys()], revenues, { lapMode })
  const owed = new Map(result.owed.map(({ link, amount }) => [links.get(link), amount]))
  const now = buildRoyaltyGraph(assets, [...sources.keys()], {
    lapMode,
    usageBlock: eventOrder(history.block, LOG_INDEX_MAX),
  })
  return {
    rows: result.owed.map(({ link, amount }) => ({
      token,
      fromId: link.childId,
      toId: link.parentId,
      amount,
    })),
    ...keptAndDust(result),
    refused: now.refused.flatMap(({ link, reason }) => {
      const source = sources.get(link)
      return source === undefined ? [] : [{ link: source, reason, owed: owed.get(link) ?? 0n }]
    }),
    standingCount: now.links.length,
  }
}

const LOG_INDEX_MAX = 2 ** 20 - 1

/** An evaluation is no source of anything: it stays a relative link of share 0 in every reading. */
function royaltyLinkOf(link: HistoryLink, { policy }: ShareReading): RoyaltyLink {
  const { childId, parentId, relation, shareE8, linked, ended } = link
  return {
    childId,
    parentId,
    policy: relation === 'EVALUATED_ON' && shareE8 === 0 ? 'LRP' : policy,
    shareE8,
    linked,
    label: relation,
    fromBlock: linked,
    ...(ended === undefined ? {} : { toBlock: ended }),
  }
}

/**
 * The links that can owe, each with the one it was made from. A bound that no revenue of the child or of
 * a descendant lies beyond decides nothing and is left out: links are mostly made before there is any,
 * every bound that is left costs a pass over the graph, and fewer periods round less often. A link
 * whose state is then wrong at some payment has no revenue below it there, so that neither it nor
 * another link of its child owes. Absolute links keep their bounds where it is crowded: there what an
 * asset owes in all may keep out links of its ancestors.
 */
function withoutIdleBounds(
  links: readonly RoyaltyLink[],
  { assets, incomes }: RoyaltyHistory,
): Map<RoyaltyLink, RoyaltyLink> {
  const owing = links.filter(({ policy, shareE8 }) => policy === 'LAP' || shareE8 > 0)
  const absolute = owing.filter(({ policy }) => policy === 'LAP')
  const crowded = crowdedAssets(assets, absolute)
  const parents = Map.groupBy(owing, ({ childId }) => childId)
  const first = reachedAt(incomes, parents)
  const last = reachedAt(incomes.toReversed(), parents)
  return new Map(
    owing.map((link) => {
      if (link.policy === 'LAP' && crowded.has(link.childId)) return [link, link]
      const { fromBlock = 0, toBlock, ...rest } = link
      const startsWithin = (first.get(link.childId) ?? fromBlock) < fromBlock
      const endsWithin = toBlock !== undefined && (last.get(link.childId) ?? 0) >= toBlock
      const kept = {
        ...rest,
        ...(startsWithin ? { fromBlock } : {}),
        ...(endsWithin ? { toBlock } : {}),
      }
      return [kept, link]
    }),
  )
}

/** Per asset, the place of the first income in the list that reaches it or anything below it. */
function reachedAt(
  incomes: readonly VaultIncome[],
  parents: ReadonlyMap<Hex, readonly RoyaltyLink[]>,
): Map<Hex, number> {
  const reached = new Map<Hex, number>()
  for (const { assetId, order } of incomes) {
    const open = [assetId]
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (reached.has(id)) continue
      reached.set(id, order)
      for (const { parentId } of parents.get(id) ?? []) open.push(parentId)
    }
  }
  return reached
}

function keptAndDust({ assets, dust }: OwedRoyalties): { kept: bigint; dust: bigint } {
  return {
    kept: assets.reduce((total, row) => total + row.kept, 0n),
    dust: dust.reduce((total, row) => total + row.amount, 0n),
  }
}
