import { type GraphLink, byText } from './layers.ts'

const SWEEP_COUNT_MAX = 12

/** Nodes of each layer from top to bottom; a link that skips layers passes through stand-ins. */
export type LayeredGraph = {
  readonly rows: readonly (readonly string[])[]
  /** Links between neighbouring layers only. */
  readonly segments: readonly GraphLink[]
  /** The stand-ins of each link, by `from to`, left to right. */
  readonly routes: ReadonlyMap<string, readonly string[]>
}

/** The name of a link, by which its route is found. */
export function linkKey(link: GraphLink): string {
  return `${link.from} ${link.to}`
}

/**
 * Orders the nodes of every layer so that few links cross: barycentre sweeps in both directions, of
 * which the best is kept. Ties are broken by id, so the same graph always gives the same picture.
 */
export function orderLayers(
  layers: ReadonlyMap<string, number>,
  links: readonly GraphLink[],
): LayeredGraph {
  const { rows, segments, routes } = withStandIns(layers, links)
  const left = neighbours(segments, (link) => [link.to, link.from])
  const right = neighbours(segments, (link) => [link.from, link.to])
  let current = rows
  let best = rows
  let fewest = crossingCount(rows, segments)
  for (let sweep = 0; sweep < SWEEP_COUNT_MAX && fewest > 0; sweep += 1) {
    current = sweep % 2 === 0 ? sweepRight(current, left) : sweepLeft(current, right)
    const count = crossingCount(current, segments)
    if (count < fewest) {
      fewest = count
      best = current
    }
  }
  return { rows: best, segments, routes }
}

/** How many pairs of links between neighbouring layers cross. */
export function crossingCount(
  rows: readonly (readonly string[])[],
  segments: readonly GraphLink[],
): number {
  const places = new Map<string, number>()
  const layerOf = new Map<string, number>()
  for (const [layer, row] of rows.entries()) {
    for (const [index, id] of row.entries()) {
      places.set(id, index)
      layerOf.set(id, layer)
    }
  }
  const byLayer = Map.groupBy(segments, (link) => layerOf.get(link.from) ?? 0)
  let count = 0
  for (const group of byLayer.values()) {
    const ends = group.map(
      (link) => [places.get(link.from) ?? 0, places.get(link.to) ?? 0] as const,
    )
    for (const [index, [from, to]] of ends.entries()) {
      for (const [otherFrom, otherTo] of ends.slice(index + 1)) {
        if ((from - otherFrom) * (to - otherTo) < 0) count += 1
      }
    }
  }
  return count
}

function withStandIns(
  layers: ReadonlyMap<string, number>,
  links: readonly GraphLink[],
): LayeredGraph {
  const rows: string[][] = Array.from({ length: Math.max(-1, ...layers.values()) + 1 }, () => [])
  for (const [id, layer] of layers) rows[layer]?.push(id)
  for (const row of rows) row.sort(byText)
  const segments: GraphLink[] = []
  const routes = new Map<string, readonly string[]>()
  for (const link of links) {
    const first = (layers.get(link.from) ?? 0) + 1
    const last = layers.get(link.to) ?? 0
    const route: string[] = []
    let from = link.from
    for (let layer = first; layer < last; layer += 1) {
      const standIn = `${linkKey(link)} ${layer}`
      rows[layer]?.push(standIn)
      route.push(standIn)
      segments.push({ from, to: standIn })
      from = standIn
    }
    segments.push({ from, to: link.to })
    routes.set(linkKey(link), route)
  }
  return { rows, segments, routes }
}

function sweepRight(
  rows: readonly (readonly string[])[],
  left: ReadonlyMap<string, readonly string[]>,
): readonly (readonly string[])[] {
  const result: (readonly string[])[] = []
  for (const [layer, row] of rows.entries()) {
    const previous = result[layer - 1]
    result.push(previous === undefined ? row : byBarycentre(row, previous, left))
  }
  return result
}

function sweepLeft(
  rows: readonly (readonly string[])[],
  right: ReadonlyMap<string, readonly string[]>,
): readonly (readonly string[])[] {
  return sweepRight(rows.toReversed(), right).toReversed()
}

function byBarycentre(
  row: readonly string[],
  fixed: readonly string[],
  neighboursOf: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const places = new Map(fixed.map((id, index) => [id, index]))
  const weights = new Map(
    row.map((id, index) => {
      const near = neighboursOf.get(id) ?? []
      const sum = near.reduce((all, other) => all + (places.get(other) ?? 0), 0)
      return [id, near.length === 0 ? index : sum / near.length]
    }),
  )
  return row.toSorted((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0) || byText(a, b))
}

function neighbours(
  segments: readonly GraphLink[],
  ends: (link: GraphLink) => readonly [string, string],
): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, string[]>()
  for (const link of segments) {
    const [of, other] = ends(link)
    const list = result.get(of)
    if (list === undefined) result.set(of, [other])
    else list.push(other)
  }
  return result
}
