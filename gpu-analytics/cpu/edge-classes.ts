import type { RankProblem } from '../engine.ts'
import { at } from '../graph/at.ts'
import { checkNotAborted } from '../run-aborted.ts'
import type { RankOrder } from './rank-order.ts'
import { yieldToOthers } from './yield-to-others.ts'

/** Sources of a tile of cold edges: their words fit a large cache. */
const TILE_HOT_COUNTS = 2
/** Edges that are looked at before others may run. */
const TURN_EDGE_COUNT = 4_000_000

/**
 * How edges are followed. Edges from hot sources are pulled, other edges to hot rows are pushed, and
 * what remains, from cold sources to cold rows, is scattered in tiles: then nearly every access is
 * to a part of memory that stays in the cache.
 */
export type EdgeClasses = {
  readonly hotCount: number
  /** No edge is pushed from sources below this slot, nor scattered. */
  readonly hotRowCount: number
  readonly pullCount: number
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

/** Classes without any cold source: every edge is pulled. */
export function allPulled(edgeCount: number, hotCount: number): EdgeClasses {
  const none = new Uint32Array(0)
  return {
    hotCount,
    hotRowCount: 0,
    pullCount: edgeCount,
    pushCounts: none,
    coldCounts: none,
    tileCount: 0,
    tileSize: 1,
    partEnds: [],
  }
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
  const { sources } = problem.graph
  const coldSourceCount = order.sourceCount - hotCount
  if (coldSourceCount <= 0) return allPulled(sources.length, hotCount)

  const { slots } = order
  const hotRowCount = Math.min(hotCount, order.edgeRowCount)
  const tileSize = TILE_HOT_COUNTS * hotCount
  const tileCount = Math.ceil(coldSourceCount / tileSize)
  const partEnds = partEndsOf(problem, order, hotRowCount, threadCount)
  const pushCounts = new Uint32Array(coldSourceCount)
  const coldCounts = new Uint32Array(threadCount * tileCount)
  let pullCount = 0
  let part = 0
  await eachRow(problem, order, signal, (row, begin, end) => {
    while (row >= (partEnds[part] ?? Infinity)) part++
    for (let edge = begin; edge < end; edge++) {
      const cold = (slots[sources[edge] ?? 0] ?? 0) - hotCount
      if (cold < 0) pullCount++
      else if (row < hotRowCount) pushCounts[cold] = (pushCounts[cold] ?? 0) + 1
      else {
        const place = part * tileCount + Math.floor(cold / tileSize)
        coldCounts[place] = (coldCounts[place] ?? 0) + 1
      }
    }
  })
  return {
    hotCount,
    hotRowCount,
    pullCount,
    pushCounts,
    coldCounts,
    tileCount,
    tileSize,
    partEnds,
  }
}

/**
 * Calls back with each row that edges reach and where these lie in the graph; lets others run now and
 * then.
 *
 * @throws {RunAbortedError}
 */
export async function eachRow(
  { graph }: RankProblem,
  { rows, edgeRowCount }: RankOrder,
  signal: AbortSignal | undefined,
  call: (row: number, begin: number, end: number) => void,
): Promise<void> {
  let untilYield = TURN_EDGE_COUNT
  for (let row = 0; row < edgeRowCount; row++) {
    const node = at(rows, row)
    const begin = at(graph.inOffsets, node)
    const end = at(graph.inOffsets, node + 1)
    call(row, begin, end)
    untilYield -= end - begin
    if (untilYield < 0) {
      await yieldToOthers()
      checkNotAborted(signal, 'no iteration')
      untilYield = TURN_EDGE_COUNT
    }
  }
}

/** Cuts the cold rows so that about as many edges reach each part. */
function partEndsOf(
  { graph }: RankProblem,
  { rows, edgeRowCount }: RankOrder,
  hotRowCount: number,
  partCount: number,
): number[] {
  const degreeOf = (row: number): number => {
    const node = at(rows, row)
    return at(graph.inOffsets, node + 1) - at(graph.inOffsets, node)
  }
  let left = 0
  for (let row = hotRowCount; row < edgeRowCount; row++) left += degreeOf(row)
  const ends: number[] = []
  const share = left / partCount
  let found = 0
  for (let row = hotRowCount; row < edgeRowCount; row++) {
    found += degreeOf(row)
    if (found >= share * (ends.length + 1)) ends.push(row + 1)
  }
  while (ends.length < partCount) ends.push(edgeRowCount)
  ends[partCount - 1] = edgeRowCount
  return ends.slice(0, partCount)
}
