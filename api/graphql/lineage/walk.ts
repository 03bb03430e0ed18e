import { buildLineage, cycleGroupsOf } from '@foggara/gpu-analytics'
import { type Relation, compareIds } from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import type { Row } from '../../sql/row.ts'
import { edgesStatement } from './edges-statement.ts'

/** From an asset to what it was made from, or to what was made from it. */
export type LineageDirection = 'UPSTREAM' | 'DOWNSTREAM'

/** What to walk. */
export type LineageSelection = {
  readonly root: string
  readonly direction: LineageDirection
  readonly depth: number
  readonly relations: readonly Relation[] | undefined
  /** Columns of the edges that the answer needs besides their two ends. */
  readonly columns: readonly string[]
}

/** The assets reached from a root, nearest first, and the edges between them. */
export type Lineage = {
  readonly root: string
  readonly direction: LineageDirection
  readonly nodes: readonly LineageNode[]
  readonly edges: readonly Row[]
  /** Sets of assets that lead back to themselves; each ascending, the sets by their first member. */
  readonly cycles: readonly (readonly string[])[]
  /** Whether a limit left something out. */
  readonly isTruncated: boolean
  readonly from: Reader
}

/** An asset of a lineage. */
export type LineageNode = {
  readonly assetId: string
  readonly depth: number
  readonly isInCycle: boolean
  readonly from: Reader
}

/** The deepest walk. */
export const LINEAGE_DEPTH_MAX = 20

/** The most assets of one answer. */
export const LINEAGE_NODE_COUNT_MAX = 2000

/** The most edges of one answer. */
export const LINEAGE_EDGE_COUNT_MAX = 10_000

/**
 * Walks provenance breadth first, one statement per level. Each asset has its least depth; edges that
 * lead back to assets already reached are kept, so that cycles show.
 */
export async function walkLineage(from: Reader, selection: LineageSelection): Promise<Lineage> {
  const depths = new Map<string, number>([[selection.root, 0]])
  const edges: Row[] = []
  const ahead = selection.direction === 'UPSTREAM' ? 'parentId' : 'childId'
  let frontier: readonly string[] = [selection.root]
  let isTruncated = false
  for (let depth = 1; frontier.length > 0; depth += 1) {
    if (depth > selection.depth) {
      isTruncated = true
      break
    }
    const room = LINEAGE_EDGE_COUNT_MAX - edges.length
    const found = await from.rows(edgesStatement(from.pin, selection, frontier, room + 1))
    isTruncated ||= found.length > room
    const next: string[] = []
    for (const edge of found.slice(0, room)) {
      const reached = String(edge[ahead])
      if (!depths.has(reached)) {
        if (depths.size >= LINEAGE_NODE_COUNT_MAX) {
          isTruncated = true
          continue
        }
        depths.set(reached, depth)
        next.push(reached)
      }
      edges.push(edge)
    }
    frontier = next
  }
  return lineageOf(from, selection, depths, edges, isTruncated)
}

function lineageOf(
  from: Reader,
  { root, direction }: LineageSelection,
  depths: ReadonlyMap<string, number>,
  edges: readonly Row[],
  isTruncated: boolean,
): Lineage {
  const cycles = cyclesOf(edges)
  const cyclic = new Set(cycles.flat())
  const nodes = [...depths].map(([assetId, depth]) => ({
    assetId,
    depth,
    isInCycle: cyclic.has(assetId),
    from,
  }))
  return { root, direction, nodes, edges, cycles, isTruncated, from }
}

function cyclesOf(edges: readonly Row[]): readonly (readonly string[])[] {
  const byChild = Map.groupBy(edges, (edge) => String(edge['childId']))
  const records = [...byChild].map(([name, own]) => ({
    name,
    dependencies: own.map((edge) => String(edge['parentId'])),
  }))
  return cycleGroupsOf(buildLineage(records)).map((group) => group.toSorted(compareIds))
}
