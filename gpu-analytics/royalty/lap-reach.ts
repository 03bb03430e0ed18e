import { at } from '../graph/at.ts'

/**
 * How often an absolute share counts when there are several ways up to it: once per path (as Story's
 * chain does), each link once, or each ancestor once at its best share.
 */
export const LAP_MODES = ['path', 'edge', 'max'] as const
export type LapMode = (typeof LAP_MODES)[number]

/** An admissible link as its child sees it. */
export type OutLink = {
  /** Its place among the links of the graph. */
  readonly index: number
  /** The parent's place among the assets. */
  readonly parent: number
  readonly isAbsolute: boolean
  /** Parts per hundred million. */
  readonly rateE8: bigint
}

/** The links of each asset to its parents, all of which have lower places. */
export type OutLinks = (place: number) => readonly OutLink[]

/** How many times a link counts for one asset's revenue. */
export type LinkCount = { readonly link: OutLink; readonly count: bigint }

/**
 * The absolute links that the revenue of the asset at `place` is owed along, with how many times each
 * counts; descending by child. Undefined when there are more than `ancestorCountMax` ancestors.
 */
export function lapReach(
  outLinks: OutLinks,
  place: number,
  mode: LapMode,
  ancestorCountMax: number,
): readonly LinkCount[] | undefined {
  const within = reachable(outLinks, place, ancestorCountMax)
  if (within === undefined) return undefined
  const descending = [...within].toSorted((a, b) => b - a)
  switch (mode) {
    case 'path':
      return pathCounts(outLinks, place, descending)
    case 'edge':
      return descending
        .flatMap((child) => absoluteLinks(outLinks, child))
        .map((link) => ({ link, count: 1n }))
    case 'max':
      return bestLinks(descending.flatMap((child) => absoluteLinks(outLinks, child)))
  }
}

/** The links of an asset that absolute shares go along. */
export function absoluteLinks(outLinks: OutLinks, place: number): readonly OutLink[] {
  return outLinks(place).filter((link) => link.isAbsolute)
}

function reachable(
  outLinks: OutLinks,
  start: number,
  ancestorCountMax: number,
): Set<number> | undefined {
  const within = new Set([start])
  const open = [start]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    for (const { parent } of absoluteLinks(outLinks, place)) {
      if (within.has(parent)) continue
      if (within.size > ancestorCountMax) return undefined
      within.add(parent)
      open.push(parent)
    }
  }
  return within
}

function pathCounts(outLinks: OutLinks, start: number, descending: readonly number[]): LinkCount[] {
  const paths = new Map([[start, 1n]])
  return descending.flatMap((child) => {
    const count = paths.get(child) ?? 0n
    return absoluteLinks(outLinks, child).map((link) => {
      paths.set(link.parent, (paths.get(link.parent) ?? 0n) + count)
      return { link, count }
    })
  })
}

/** Each parent's best link; of equal ones that of the latest child, then the first in link order. */
function bestLinks(links: readonly OutLink[]): LinkCount[] {
  const best = new Map<number, OutLink>()
  for (const link of links) {
    const known = best.get(link.parent)
    if (known === undefined || link.rateE8 > known.rateE8) best.set(link.parent, link)
  }
  return links.filter((link) => best.get(link.parent) === link).map((link) => ({ link, count: 1n }))
}

/** The sum of a reach's shares: what part of its revenue an asset owes in all. */
export function stackOf(reach: readonly LinkCount[]): bigint {
  let stack = 0n
  for (const index of reach.keys()) {
    const { link, count } = at(reach, index)
    stack += count * link.rateE8
  }
  return stack
}
