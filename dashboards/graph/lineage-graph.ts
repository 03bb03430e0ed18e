import { byText } from './layers.ts'
import type { GraphAsset, GraphEdge } from './provenance-graph.tsx'

/** A lineage in one direction, as the API answers it. */
export type LineageAnswer = {
  readonly isTruncated: boolean
  readonly nodes: readonly {
    readonly assetId: string
    readonly depth: number
    readonly asset: {
      readonly name: string
      readonly kind: string | null
      readonly isDisputed: boolean
    } | null
  }[]
  readonly edges: readonly (GraphEdge & { readonly fromBlock: number })[]
}

/** What is drawn of a lineage, and how much more there is. */
export type LineageGraph = {
  readonly assets: readonly GraphAsset[]
  readonly edges: readonly GraphEdge[]
  /** Assets that are in the table but not drawn. */
  readonly hiddenCount: number
}

/**
 * Joins what lies upstream and downstream into one graph of at most `assetCountMax` assets: the
 * nearest first, then by id. Edges to what is not drawn are left out.
 */
export function lineageGraph(
  upstream: LineageAnswer,
  downstream: LineageAnswer,
  assetCountMax: number,
): LineageGraph {
  const byId = new Map<string, { readonly depth: number; readonly asset: GraphAsset }>()
  for (const node of [...upstream.nodes, ...downstream.nodes]) {
    const known = byId.get(node.assetId)
    if (known !== undefined && known.depth <= node.depth) continue
    byId.set(node.assetId, { depth: node.depth, asset: graphAsset(node) })
  }
  const nearest = [...byId.values()].toSorted(
    (a, b) => a.depth - b.depth || byText(a.asset.assetId, b.asset.assetId),
  )
  const assets = nearest.slice(0, assetCountMax).map(({ asset }) => asset)
  const drawn = new Set(assets.map(({ assetId }) => assetId))
  const edges = lineageEdges(upstream, downstream).filter(
    ({ childId, parentId }) => drawn.has(childId) && drawn.has(parentId),
  )
  return { assets, edges, hiddenCount: nearest.length - assets.length }
}

/** The edges of both directions, each once, nearest to their start first. */
export function lineageEdges<Edge extends GraphEdge & { readonly fromBlock: number }>(
  upstream: { readonly edges: readonly Edge[] },
  downstream: { readonly edges: readonly Edge[] },
): readonly Edge[] {
  const byKey = new Map(
    [...upstream.edges, ...downstream.edges].map((edge) => [
      [edge.childId, edge.parentId, edge.relation, edge.fromBlock].join(' '),
      edge,
    ]),
  )
  return [...byKey.values()]
}

function graphAsset({ assetId, asset }: LineageAnswer['nodes'][number]): GraphAsset {
  return {
    assetId,
    name: asset?.name ?? '',
    kind: asset?.kind ?? null,
    isDisputed: asset?.isDisputed ?? false,
  }
}
