import { FatalError, type Hex, compareIds } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { cycleGroupsOf } from '../graph/cycles.ts'
import { buildLineage } from '../graph/lineage.ts'
import { type PlacedLink, admitLinks } from './admit-links.ts'
import type { LapMode, OutLink } from './lap-reach.ts'
import {
  type LinkRefusal,
  type RefusedLink,
  type RoyaltyAsset,
  type RoyaltyLink,
  checkLinks,
} from './royalty-link.ts'

/** The most ancestors that an asset may have where each is looked at by itself (`edge` and `max`). */
export const LAP_ANCESTOR_COUNT_MAX = 1024

/** Who owes whom which share, without anything that could run in a circle or owe more than all. */
export type RoyaltyGraph = {
  readonly lapMode: LapMode
  /** In the order of registration: every parent comes before its children. */
  readonly assetIds: readonly Hex[]
  /** Where each asset stands in `assetIds`. */
  readonly places: ReadonlyMap<string, number>
  /** The links that are used, in canonical order. */
  readonly links: readonly RoyaltyLink[]
  /** Per asset, its links to its parents; their `index` is a place in `links`. */
  readonly outLinks: readonly (readonly OutLink[])[]
  /** Per asset, the absolute share of its revenue that its ancestors have together. */
  readonly lapStacks: readonly bigint[]
  /** The links that are not used, each with the first reason that holds; in canonical order. */
  readonly refused: readonly RefusedLink[]
  /** The assets that owe each other in a circle, group by group. */
  readonly cycleGroups: readonly (readonly string[])[]
}

export type RoyaltyGraphOptions = {
  readonly lapMode: LapMode
  /** Use the links that count at this block; without one, whatever their blocks. */
  readonly usageBlock?: number
  /** Where `lapMode` is not `path`; {@link LAP_ANCESTOR_COUNT_MAX} unless told. */
  readonly ancestorCountMax?: number
}

/**
 * Sorts out which links owe something. The order of assets and links does not matter.
 *
 * @throws {RoyaltyAssetError | RoyaltyLinkError}
 */
export function buildRoyaltyGraph(
  assets: readonly RoyaltyAsset[],
  links: readonly RoyaltyLink[],
  options: RoyaltyGraphOptions,
): RoyaltyGraph {
  const ordered = checkAssets(assets)
  const places = new Map<string, number>(ordered.map((asset, place) => [asset.id, place]))
  const candidates = checkLinks(links).map((link): Candidate => {
    const child = places.get(link.childId) ?? -1
    const parent = places.get(link.parentId) ?? -1
    const isKnown = child >= 0 && parent >= 0
    const reason = isKnown ? ownRefusal(link, options.usageBlock) : 'assetUnknown'
    return { link, child, parent, reason }
  })
  const standing = candidates.filter((one) => one.reason === undefined)
  const isForward = ({ child, parent }: Candidate) =>
    at(ordered, parent).registered < at(ordered, child).registered
  const cycleGroups = standing.every(isForward) ? [] : cyclesOf(standing)
  const groupOf = new Map(
    cycleGroups.flatMap((group, index) => group.map((id) => [id, index] as const)),
  )
  for (const one of standing) {
    const group = groupOf.get(one.link.childId)
    if (group !== undefined && group === groupOf.get(one.link.parentId)) one.reason = 'cycle'
    else if (!isForward(one)) one.reason = 'parentNotEarlier'
  }
  const open = standing.filter((one) => one.reason === undefined)
  const ancestorCountMax = options.ancestorCountMax ?? LAP_ANCESTOR_COUNT_MAX
  const admission = admitLinks(
    ordered.length,
    open.map(placedLink),
    options.lapMode,
    ancestorCountMax,
  )
  for (const [index, reason] of admission.refused) at(open, index).reason = reason
  const used = open.filter((one) => one.reason === undefined)
  const indexOfUsed = new Map(used.map((one, index) => [one, index]))
  const renumbered = ({ index, parent, isAbsolute, rateE8 }: OutLink): OutLink => ({
    index: indexOfUsed.get(at(open, index)) ?? -1,
    parent,
    isAbsolute,
    rateE8,
  })
  return {
    lapMode: options.lapMode,
    assetIds: ordered.map((asset) => asset.id),
    places,
    links: used.map(({ link }) => link),
    outLinks: admission.outLinks.map((list) => list.map(renumbered)),
    lapStacks: admission.lapStacks,
    refused: candidates.flatMap(({ link, reason }) =>
      reason === undefined ? [] : [{ link, reason }],
    ),
    cycleGroups,
  }
}

/**
 * The place of an asset in a royalty graph.
 *
 * @throws {RoyaltyAssetError} when it has none.
 */
export function placeOfAsset(graph: RoyaltyGraph, id: Hex): number {
  const place = graph.places.get(id)
  if (place === undefined) throw new RoyaltyAssetError(`expected a registered asset, found ${id}`)
  return place
}

/** A link on its way through the checks; a place of -1 means that the asset is not registered. */
type Candidate = {
  readonly link: RoyaltyLink
  readonly child: number
  readonly parent: number
  reason: LinkRefusal | undefined
}

function checkAssets(assets: readonly RoyaltyAsset[]): RoyaltyAsset[] {
  const ordered = assets.toSorted((a, b) => a.registered - b.registered || compareIds(a.id, b.id))
  const ids = new Set<string>()
  for (const { id, registered } of ordered) {
    if (!Number.isSafeInteger(registered) || registered < 0) {
      throw new RoyaltyAssetError(`${id}: expected a whole number, found ${registered}`)
    }
    if (ids.has(id)) throw new RoyaltyAssetError(`expected every asset once, found ${id} twice`)
    ids.add(id)
  }
  return ordered
}

/** The reason that a link gives by itself, before any other is looked at. */
function ownRefusal(link: RoyaltyLink, usageBlock: number | undefined): LinkRefusal | undefined {
  if (link.policy === 'EXT') return 'policyExternal'
  if (link.isLicensed === false) return 'unlicensed'
  if (usageBlock !== undefined) {
    if (usageBlock < (link.fromBlock ?? 0)) return 'notYetValid'
    if (link.toBlock !== undefined && usageBlock >= link.toBlock) return 'expired'
  }
  // An absolute link of share 0 still leads up to the shares of the ancestors.
  return link.policy === 'LRP' && link.shareE8 === 0 ? 'noShare' : undefined
}

function cyclesOf(standing: readonly Candidate[]): readonly (readonly string[])[] {
  const parents = Map.groupBy(standing, ({ link }) => link.childId)
  const ids = new Set(standing.flatMap(({ link }) => [link.childId, link.parentId]))
  return cycleGroupsOf(
    buildLineage(
      [...ids].map((id) => ({
        name: id,
        dependencies: (parents.get(id) ?? []).map(({ link }) => link.parentId),
      })),
    ),
  )
}

function placedLink({ link, child, parent }: Candidate, index: number): PlacedLink {
  return {
    index,
    child,
    parent,
    linked: link.linked,
    isAbsolute: link.policy === 'LAP',
    rateE8: BigInt(link.shareE8),
  }
}

/** The assets contradict themselves, or one is named that is none of them. */
export class RoyaltyAssetError extends FatalError {
  constructor(detail: string) {
    super('ROYALTY_ASSET_MALFORMED', detail)
  }
}
