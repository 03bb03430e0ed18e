import { type GraphLink, acyclicLinks, assignLayers, byText } from './layers.ts'
import { type LayeredGraph, linkKey, orderLayers } from './order.ts'

/** Sizes of the drawing. Unit: CSS pixels. */
export type LayoutSizes = {
  readonly nodeWidth: number
  readonly nodeHeight: number
  readonly columnGap: number
  readonly rowGap: number
}

export type Point = { readonly x: number; readonly y: number }

/** Where everything is drawn: nodes by their top left corner, links as points from left to right. */
export type Layout = {
  readonly width: number
  readonly height: number
  readonly nodes: ReadonlyMap<string, Point>
  /** Through these points runs the link of that name; a link turned around to break a cycle is drawn reversed. */
  readonly links: readonly { readonly link: GraphLink; readonly points: readonly Point[] }[]
}

const ALIGN_PASS_COUNT = 6

/**
 * Lays a graph out in columns from left to right: longest-path layers around `focus`, barycentre
 * order, rows aligned with their neighbours by least squares. Deterministic: it depends on the ids
 * and links alone, not on their order.
 */
export function layOut(
  ids: readonly string[],
  links: readonly GraphLink[],
  focus: string,
  sizes: LayoutSizes,
): Layout {
  const sorted = [...new Set(ids)].toSorted(byText)
  const acyclic = acyclicLinks(sorted, links)
  const graph = orderLayers(assignLayers(sorted, acyclic, focus), acyclic)
  const centres = alignRows(graph, new Set(sorted), sizes)
  const columnWidth = sizes.nodeWidth + sizes.columnGap
  const xOf = new Map(
    graph.rows.flatMap((row, layer) => row.map((id) => [id, layer * columnWidth])),
  )
  const place = (id: string): Point => ({ x: xOf.get(id) ?? 0, y: centres.get(id) ?? 0 })
  const nodes = new Map(
    sorted.map((id) => [id, { x: place(id).x, y: place(id).y - sizes.nodeHeight / 2 }]),
  )
  return {
    width: Math.max(0, graph.rows.length * columnWidth - sizes.columnGap),
    height: Math.max(0, ...sorted.map((id) => place(id).y + sizes.nodeHeight / 2)),
    nodes,
    links: acyclic.map((link) => {
      const start = place(link.from)
      const passing = (graph.routes.get(linkKey(link)) ?? []).map(place)
      return {
        link,
        points: [
          { x: start.x + sizes.nodeWidth, y: start.y },
          ...passing.flatMap(({ x, y }) => [
            { x, y },
            { x: x + sizes.nodeWidth, y },
          ]),
          place(link.to),
        ],
      }
    }),
  }
}

/** An SVG path through the points, leaving and arriving horizontally. */
export function smoothPath(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let before = first
  let path = `M${round(first.x)} ${round(first.y)}`
  for (const point of rest) {
    const middle = round((before.x + point.x) / 2)
    path +=
      before.y === point.y
        ? `H${round(point.x)}`
        : `C${middle} ${round(before.y)} ${middle} ${round(point.y)} ${round(point.x)} ${round(point.y)}`
    before = point
  }
  return path
}

/** The vertical centre of every node and stand-in; the topmost node begins at 0. */
function alignRows(
  graph: LayeredGraph,
  real: ReadonlySet<string>,
  sizes: LayoutSizes,
): ReadonlyMap<string, number> {
  const extent = (id: string): number => (real.has(id) ? sizes.nodeHeight : 4)
  const near = new Map<string, string[]>()
  for (const { from, to } of graph.segments) {
    near.set(from, [...(near.get(from) ?? []), to])
    near.set(to, [...(near.get(to) ?? []), from])
  }
  const centres = new Map<string, number>()
  for (const row of graph.rows) {
    for (const [index, y] of spread(
      row,
      row.map(() => 0),
      extent,
      sizes.rowGap,
    ).entries()) {
      centres.set(row[index] ?? '', y)
    }
  }
  for (let pass = 0; pass < ALIGN_PASS_COUNT; pass += 1) {
    const rows = pass % 2 === 0 ? graph.rows : graph.rows.toReversed()
    for (const row of rows) {
      const wanted = row.map((id) => {
        const others = near.get(id) ?? []
        const sum = others.reduce((all, other) => all + (centres.get(other) ?? 0), 0)
        return others.length === 0 ? (centres.get(id) ?? 0) : sum / others.length
      })
      for (const [index, y] of spread(row, wanted, extent, sizes.rowGap).entries()) {
        centres.set(row[index] ?? '', y)
      }
    }
  }
  const top = Math.min(...[...centres].map(([id, y]) => y - extent(id) / 2))
  return new Map([...centres].map(([id, y]) => [id, y - top]))
}

/**
 * The centres nearest to the wanted ones (least squares) that keep the order and the gaps: isotonic
 * regression by pooling neighbours that would overlap.
 */
function spread(
  row: readonly string[],
  wanted: readonly number[],
  extent: (id: string) => number,
  gap: number,
): readonly number[] {
  const offsets: number[] = []
  for (const [index, id] of row.entries()) {
    const previous = row[index - 1]
    const step = previous === undefined ? 0 : (extent(previous) + extent(id)) / 2 + gap
    offsets.push((offsets[index - 1] ?? 0) + step)
  }
  const pools: { sum: number; count: number }[] = []
  for (const [index, y] of wanted.entries()) {
    let pool = { sum: y - (offsets[index] ?? 0), count: 1 }
    let above = pools.at(-1)
    while (above !== undefined && above.sum / above.count >= pool.sum / pool.count) {
      pool = { sum: pool.sum + above.sum, count: pool.count + above.count }
      pools.pop()
      above = pools.at(-1)
    }
    pools.push(pool)
  }
  const bases = pools.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count))
  return offsets.map((offset, index) => offset + (bases[index] ?? 0))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
