import { SHARE_WHOLE_E8, invariant, sum } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { type LapMode, type OutLink, absoluteLinks, lapReach, stackOf } from './lap-reach.ts'

/** A link that is well placed; whether there is room for its share is still open. */
export type PlacedLink = OutLink & { readonly child: number; readonly linked: number }

/** Why there is no room for a link. */
export type NoRoom = 'stackAboveWhole' | 'ancestorsAboveMax'

export type Admission = {
  /** Per asset, its admitted links in link order. */
  readonly outLinks: readonly (readonly OutLink[])[]
  /** Per asset, the absolute share of its revenue that its ancestors have together. */
  readonly lapStacks: readonly bigint[]
  /** Per place of a refused link, why. */
  readonly refused: ReadonlyMap<number, NoRoom>
}

/**
 * Admits links one event after the other, as a chain would: a child's links of one event are refused
 * together when with them the child, or anything that already descends from it, would owe more than
 * the whole. Linear while children link before they have children of their own; otherwise each event
 * also visits the descendants.
 */
export function admitLinks(
  assetCount: number,
  ordered: readonly PlacedLink[],
  mode: LapMode,
  ancestorCountMax: number,
): Admission {
  const state: State = {
    outLinks: Array.from({ length: assetCount }, () => []),
    children: Array.from({ length: assetCount }, () => []),
    lapStacks: Array.from({ length: assetCount }, () => 0n),
    mode,
    ancestorCountMax,
  }
  const refused = new Map<number, NoRoom>()
  for (let first = 0; first < ordered.length;) {
    const { child, linked } = at(ordered, first)
    let end = first + 1
    while (ordered[end]?.child === child && ordered[end]?.linked === linked) end++
    const group = ordered.slice(first, end)
    const reason = admit(state, child, group)
    if (reason !== undefined) for (const link of group) refused.set(link.index, reason)
    first = end
  }
  return { outLinks: state.outLinks, lapStacks: state.lapStacks, refused }
}

type State = {
  readonly outLinks: OutLink[][]
  /** Per asset, the children that owe it an absolute share. */
  readonly children: number[][]
  readonly lapStacks: bigint[]
  readonly mode: LapMode
  readonly ancestorCountMax: number
}

function admit(state: State, child: number, group: readonly PlacedLink[]): NoRoom | undefined {
  const { outLinks, lapStacks } = state
  const before = at(outLinks, child)
  outLinks[child] = [...before, ...group]
  const hasAbsolute = group.some((link) => link.isAbsolute)
  const affected = hasAbsolute ? descendantsOf(state, child) : [child]
  const stacksBefore = affected.map((place) => at(lapStacks, place))
  let reason: NoRoom | undefined
  for (const place of affected) {
    reason = restack(state, place)
    if (reason !== undefined) break
  }
  if (reason === undefined) {
    for (const { parent } of group.filter((link) => link.isAbsolute)) {
      at(state.children, parent).push(child)
    }
    return undefined
  }
  outLinks[child] = before
  for (const [index, place] of affected.entries()) lapStacks[place] = at(stacksBefore, index)
  return reason
}

/** An asset and all that owe it an absolute share, ascending, so parents come before children. */
function descendantsOf(state: State, start: number): number[] {
  const within = new Set([start])
  const open = [start]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    for (const child of at(state.children, place)) {
      if (within.has(child)) continue
      within.add(child)
      open.push(child)
    }
  }
  return [...within].toSorted((a, b) => a - b)
}

function restack(state: State, place: number): NoRoom | undefined {
  const { outLinks, lapStacks, mode, ancestorCountMax } = state
  const linksOf = (asset: number) => at(outLinks, asset)
  if (mode === 'path') {
    lapStacks[place] = sum(
      absoluteLinks(linksOf, place).map((link) => at(lapStacks, link.parent) + link.rateE8),
    )
  } else {
    const reach = lapReach(linksOf, place, mode, ancestorCountMax)
    if (reach === undefined) return 'ancestorsAboveMax'
    lapStacks[place] = stackOf(reach)
  }
  const relative = sum(
    linksOf(place).map((link) => {
      invariant(link.parent < place, 'expected parents before their children')
      return link.isAbsolute ? 0n : link.rateE8
    }),
  )
  return at(lapStacks, place) + relative > SHARE_WHOLE_E8 ? 'stackAboveWhole' : undefined
}
