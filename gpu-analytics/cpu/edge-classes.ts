import type { RankProblem } from '../engine.ts'
import { at } from '../graph/at.ts'
import { checkNotAborted } from '../run-aborted.ts'
import type { RankOrder } from './rank-order.ts'
import { yieldToOthers } from './yield-to-others.ts'

/** Sources of a tile of cold edges, in units of hot ones: their words fit a larger cache. */
const TILE_HOT_COUNTS = 2
/** Edges that are looked at before others may run. */
const TURN_EDGE_COUNT = 4_000_000

/**
 * How edges are followed. Edges from hot sources are pulled, other edges to hot rows are pushed, and
 * what remains, from cold sources to cold rows, is scattered in tiles: then nearly every access is
 * to a part of memory that stays in the cache.
 */
export type EdgeClasses = {
  /** Sources of slots below it are hot. */
  readonly hotCount: number
  readonly hotRowCount: number
  /** Per row its edges to pull. */
  readonly pullCounts: Uint32Array
  /** Per cold source, its edges to hot rows. */
  readonly pushCounts: Uint32Array
  /** Per part and tile, its cold edges. */
  readonly coldCounts: Uint32Array
  readonly tileCount: number
  /** Cold sources of a tile. */
  readonly tileSize: number
  /** Per part, the row that it ends before. */
  readonly partEnds: readonly number[]
}

/**
 * Counts the edges of each class; cold ones in as many parts as there are threads.
 *
 * @throws {RunAbortedError}
 */
export async function classifyEdges(
  problem: RankProblem,
  order: RankOrder,
  { hotCount, threadCount }: { readonly hotCount: number; readonly threadCount: number },
  signal: AbortSignal | undefined,
): Promise<EdgeClasses> {
  const coldSourceCount = Math.max(0, order.sourceCount - hotCount)
  const hasCold = coldSourceCount > 0
  const degrees = inDegreesOf(problem, order)
  const hotRowCount = hasCold ? Math.min(hotCount, order.edgeRowCount) : 0
  const partEnds = hasCold ? partEndsOf(degrees, hotRowCount, threadCount) : []
  const tileSize = TILE_HOT_COUNTS * hotCount
  const tileCount = Math.ceil(coldSourceCount / tileSize)
  const classes = {
    hotCount,
    hotRowCount,
    pullCounts: hasCold ? new Uint32Array(order.edgeRowCount) : degrees,
    pushCounts: new Uint32Array(coldSourceCount),
    coldCounts: new Uint32Array(partEnds.length * tileCount),
    tileCount,
    tileSize,
    partEnds,
  }
  if (!hasCold) return classes
  for await (const range of nodeRanges(problem, signal)) {
    countEdges(problem, order, classes, range)
  }
  return classes
}

/** Some nodes, so many that others may run between two such ranges. */
export type NodeRange = { readonly begin: number; readonly end: number }

/**
 * All nodes in the order of the graph, whose edges then lie one after the other.
 *
 * @throws {RunAbortedError}
 */
export async function* nodeRanges(
  { graph: { nodeCount, inOffsets } }: RankProblem,
  signal: AbortSignal | undefined,
): AsyncGenerator<NodeRange> {
  let begin = 0
  while (begin < nodeCount) {
    const last = at(inOffsets, begin) + TURN_EDGE_COUNT
    let end = begin + 1
    while (end < nodeCount && at(inOffsets, end + 1) <= last) end++
    yield { begin, end }
    begin = end
    if (begin === nodeCount) return
    await yieldToOthers()
    checkNotAborted(signal, 'no iteration')
  }
}

/** The part that a cold row belongs to. */
export function partOf({ partEnds }: EdgeClasses, row: number): number {
  let part = 0
  while (row >= (partEnds[part] ?? Infinity)) part++
  return part
}

function countEdges(
  { graph: { inOffsets, sources } }: RankProblem,
  { rowOf, slots }: RankOrder,
  classes: EdgeClasses,
  { begin, end }: NodeRange,
): void {
  const { hotCount, hotRowCount, pullCounts, pushCounts, coldCounts, tileSize } = classes
  let edge = inOffsets[begin] ?? 0
  for (let node = begin; node < end; node++) {
    const last = inOffsets[node + 1] ?? 0
    if (edge === last) continue
    const row = rowOf[node] ?? 0
    const isHot = row < hotRowCount
    const firstTile = isHot ? 0 : partOf(classes, row) * classes.tileCount
    let pullCount = 0
    for (; edge < last; edge++) {
      const cold = (slots[sources[edge] ?? 0] ?? 0) - hotCount
      if (cold < 0) pullCount++
      else if (isHot) pushCounts[cold] = (pushCounts[cold] ?? 0) + 1
      else {
        const tile = firstTile + Math.floor(cold / tileSize)
        coldCounts[tile] = (coldCounts[tile] ?? 0) + 1
      }
    }
    pullCounts[row] = pullCount
  }
}

function inDegreesOf(
  { graph: { inOffsets } }: RankProblem,
  { rows, edgeRowCount }: RankOrder,
): Uint32Array {
  const degrees = new Uint32Array(edgeRowCount)
  for (let row = 0; row < edgeRowCount; row++) {
    const node = rows[row] ?? 0
    degrees[row] = (inOffsets[node + 1] ?? 0) - (inOffsets[node] ?? 0)
  }
  return degrees
}

/** Cuts the cold rows so that about as many edges reach each part. */
function partEndsOf(degrees: Uint32Array, hotRowCount: number, partCount: number): number[] {
  let left = 0
  for (let row = hotRowCount; row < degrees.length; row++) left += at(degrees, row)
  const share = left / partCount
  const ends: number[] = []
  let found = 0
  for (let row = hotRowCount; row < degrees.length && ends.length + 1 < partCount; row++) {
    found += at(degrees, row)
    if (found >= share * (ends.length + 1)) ends.push(row + 1)
  }
  while (ends.length < partCount) ends.push(degrees.length)
  return ends
}
