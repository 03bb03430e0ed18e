import type { RankProblem } from '../engine.ts'
import { at } from '../graph/at.ts'
import { type EdgeClasses, type NodeRange, nodeRanges, partOf } from './edge-classes.ts'
import { type RankLayout, startsUniform, uniformScore } from './rank-layout.ts'
import type { RankOrder } from './rank-order.ts'
import { BLOCK_BITS, sortByBlock, sortWithinBlocks } from './sort-edges.ts'

const NONE = new Uint32Array(0)

/**
 * Copies a problem to its places, in the order of the run. Lets others run between parts.
 *
 * @throws {RunAbortedError}
 */
export async function fillRank(
  problem: RankProblem,
  order: RankOrder,
  classes: EdgeClasses,
  layout: RankLayout,
  signal: AbortSignal | undefined,
): Promise<void> {
  fillNodes(problem, order, layout)
  const places = placesOf(problem, order, classes, layout)
  for await (const range of nodeRanges(problem, signal)) fillEdges(problem, order, places, range)
  fillParts(classes, layout)
  const { pushSources, pushRows, pushMantissas, pushOffsets, cold } = places
  sortWithinBlocks(pushSources, [pushRows, pushMantissas], pushOffsets)
  sortByBlock(cold.rows, [cold.sources, cold.mantissas], classes.coldCounts, order.edgeRowCount)
}

/** Copies one 64-bit word per index of `from`, without a bigint each. */
export function copyLongs(
  from: BigUint64Array,
  to: BigUint64Array,
  indexes: Uint32Array,
  direction: 'gather' | 'scatter',
): void {
  const source = new Uint32Array(from.buffer, from.byteOffset, from.length * 2)
  const target = new Uint32Array(to.buffer, to.byteOffset, to.length * 2)
  for (const [index, place] of indexes.entries()) {
    const [read, write] = direction === 'gather' ? [place, index] : [index, place]
    target[2 * write] = source[2 * read] ?? 0
    target[2 * write + 1] = source[2 * read + 1] ?? 0
  }
}

function fillNodes(problem: RankProblem, { rows, slots }: RankOrder, layout: RankLayout): void {
  const { memory, words } = layout
  const { graph, weights, teleport } = problem
  const passThrough = memory.words(words.passThroughAt, rows.length)
  const outDegrees = memory.words(words.outDegreesAt, rows.length)
  for (let row = 0; row < rows.length; row++) {
    const node = rows[row] ?? 0
    passThrough[row] = problem.passThroughQ32[node] ?? 0
    outDegrees[row] = graph.outDegrees[node] ?? 0
  }
  if (weights !== 'equal') {
    const shifts = memory.bytes(words.shiftsAt, rows.length)
    for (let row = 0; row < rows.length; row++) shifts[row] = weights.shifts[rows[row] ?? 0] ?? 0
  }
  if (words.slotsAt !== 0) {
    const slotOfRow = memory.words(words.slotsAt, rows.length)
    for (let row = 0; row < rows.length; row++) slotOfRow[row] = slots[rows[row] ?? 0] ?? 0
  }
  if (teleport !== 'uniform') {
    copyLongs(teleport, memory.longs(words.teleportAt, rows.length), rows, 'gather')
  }
  const scores = memory.longs(words.scoresAt, rows.length)
  if (startsUniform(problem)) scores.fill(uniformScore(graph.nodeCount))
  else if (teleport !== 'uniform') copyLongs(teleport, scores, rows, 'gather')
}

/** Where edges go, and where the next one of each group goes. */
type Places = {
  readonly classes: EdgeClasses
  readonly mantissas: Uint32Array
  readonly pullSources: Uint32Array
  readonly pullMantissas: Uint32Array
  readonly pushRows: Uint32Array
  readonly pushMantissas: Uint32Array
  /** Per edge to push its source; needed only until they are sorted. */
  readonly pushSources: Uint32Array
  readonly cold: {
    readonly rows: Uint32Array
    readonly sources: Uint32Array
    readonly mantissas: Uint32Array
  }
  readonly pullOffsets: Uint32Array
  readonly pushOffsets: Uint32Array
  /** Per block of cold sources, and per tile, where its next edge goes. */
  readonly pushNext: Uint32Array
  readonly coldNext: Uint32Array
}

function placesOf(
  { graph, weights }: RankProblem,
  { edgeRowCount }: RankOrder,
  classes: EdgeClasses,
  { memory, words }: RankLayout,
): Places {
  const { pullEdgeCount, pushEdgeCount } = words
  const coldCount = graph.sources.length - pullEdgeCount - pushEdgeCount
  const isWeighted = weights !== 'equal'
  const mantissasAt = (address: number, count: number): Uint32Array =>
    isWeighted ? memory.words(address, count) : NONE
  const pullOffsets = memory.words(words.pullOffsetsAt, edgeRowCount + 1)
  const pushOffsets = memory.words(words.pushOffsetsAt, classes.pushCounts.length + 1)
  accumulate(classes.pullCounts, pullOffsets)
  accumulate(classes.pushCounts, pushOffsets)
  return {
    classes,
    mantissas: isWeighted ? weights.mantissas : NONE,
    pullSources: memory.words(words.pullSourcesAt, pullEdgeCount),
    pullMantissas: mantissasAt(words.pullMantissasAt, pullEdgeCount),
    pushRows: memory.words(words.pushRowsAt, pushEdgeCount),
    pushMantissas: mantissasAt(words.pushMantissasAt, pushEdgeCount),
    cold: {
      rows: memory.words(words.coldRowsAt, coldCount),
      sources: memory.words(words.coldSourcesAt, coldCount),
      mantissas: mantissasAt(words.coldMantissasAt, coldCount),
    },
    pushSources: new Uint32Array(pushEdgeCount),
    pullOffsets,
    pushOffsets,
    pushNext: pushOffsets.filter((_, source) => source % (1 << BLOCK_BITS) === 0),
    coldNext: accumulate(classes.coldCounts),
  }
}

/** Copies the edges into these nodes to their classes. */
function fillEdges(
  { graph: { inOffsets, sources } }: RankProblem,
  { rowOf, slots }: RankOrder,
  places: Places,
  { begin, end }: NodeRange,
): void {
  const { classes, mantissas, pullSources, pullMantissas, pushRows, pushMantissas } = places
  const { pushSources, cold, pullOffsets, pushNext, coldNext } = places
  const { hotRowCount, tileCount, tileSize } = classes
  const hotCount = tileCount === 0 ? 0xffff_ffff : classes.hotCount
  const isWeighted = mantissas.length > 0
  let edge = inOffsets[begin] ?? 0
  for (let node = begin; node < end; node++) {
    const last = inOffsets[node + 1] ?? 0
    if (edge === last) continue
    const row = rowOf[node] ?? 0
    const isHot = row < hotRowCount
    const firstTile = isHot ? 0 : partOf(classes, row) * tileCount
    let pull = pullOffsets[row] ?? 0
    for (; edge < last; edge++) {
      const slot = slots[sources[edge] ?? 0] ?? 0
      if (slot < hotCount) {
        pullSources[pull] = slot
        if (isWeighted) pullMantissas[pull] = mantissas[edge] ?? 0
        pull++
      } else if (isHot) {
        const source = slot - hotCount
        const place = pushNext[source >>> BLOCK_BITS] ?? 0
        pushNext[source >>> BLOCK_BITS] = place + 1
        pushSources[place] = source
        pushRows[place] = row
        if (isWeighted) pushMantissas[place] = mantissas[edge] ?? 0
      } else {
        const tile = firstTile + Math.floor((slot - hotCount) / tileSize)
        const place = coldNext[tile] ?? 0
        coldNext[tile] = place + 1
        cold.rows[place] = row
        cold.sources[place] = slot
        if (isWeighted) cold.mantissas[place] = mantissas[edge] ?? 0
      }
    }
  }
}

/** Where each part of the cold edges begins and ends. */
function fillParts(classes: EdgeClasses, { memory, words }: RankLayout): void {
  const { coldCounts, tileCount, partEnds } = classes
  const parts = memory.words(words.coldPartsAt, partEnds.length + 1)
  let next = 0
  for (let tile = 0; tile < coldCounts.length; tile++) {
    next += at(coldCounts, tile)
    parts[Math.floor(tile / tileCount) + 1] = next
  }
}

/** Where each group begins and the last one ends, given how many there are of each. */
function accumulate(
  counts: Uint32Array,
  offsets: Uint32Array = new Uint32Array(counts.length + 1),
): Uint32Array {
  let next = 0
  offsets[0] = 0
  for (let index = 0; index < counts.length; index++) {
    next += counts[index] ?? 0
    offsets[index + 1] = next
  }
  return offsets
}
