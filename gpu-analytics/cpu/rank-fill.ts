import type { RankProblem } from '../engine.ts'
import { type EdgeClasses, eachRow } from './edge-classes.ts'
import { type RankLayout, startsUniform, uniformScore } from './rank-layout.ts'
import type { RankOrder } from './rank-order.ts'

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
  fillOffsets(classes, layout)
  await fillEdges(problem, order, classes, layout, signal)
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

/** Copies each edge to its class. */
async function fillEdges(
  problem: RankProblem,
  order: RankOrder,
  classes: EdgeClasses,
  layout: RankLayout,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { memory, words } = layout
  const { sources } = problem.graph
  const { slots } = order
  const mantissas = problem.weights === 'equal' ? undefined : problem.weights.mantissas
  const pull = placesFor(layout, classes.pullCount, 'pull')
  const push = placesFor(layout, words.pushEdgeCount, 'push')
  const cold = placesFor(layout, sources.length - classes.pullCount - words.pushEdgeCount, 'cold')
  const offsets = memory.words(words.pullOffsetsAt, order.edgeRowCount + 1)
  const { hotCount, hotRowCount, tileCount, tileSize, partEnds } = classes
  const pushNext = placesOf(classes.pushCounts)
  const coldNext = placesOf(classes.coldCounts)
  let pulled = 0
  let part = 0
  await eachRow(problem, order, signal, (row, begin, end) => {
    while (row >= (partEnds[part] ?? Infinity)) part++
    for (let edge = begin; edge < end; edge++) {
      const slot = slots[sources[edge] ?? 0] ?? 0
      if (slot < hotCount || tileCount === 0) {
        pull.ends[pulled] = slot
        if (mantissas !== undefined) pull.mantissas[pulled] = mantissas[edge] ?? 0
        pulled++
      } else if (row < hotRowCount) {
        const place = pushNext[slot - hotCount] ?? 0
        pushNext[slot - hotCount] = place + 1
        push.ends[place] = row
        if (mantissas !== undefined) push.mantissas[place] = mantissas[edge] ?? 0
      } else {
        const tile = part * tileCount + Math.floor((slot - hotCount) / tileSize)
        const place = coldNext[tile] ?? 0
        coldNext[tile] = place + 1
        cold.ends[place] = row
        cold.sources[place] = slot
        if (mantissas !== undefined) cold.mantissas[place] = mantissas[edge] ?? 0
      }
    }
    offsets[row + 1] = pulled
  })
}

/** Where the edges of a class go: the end that it stores, and mantissas. */
function placesFor(
  { memory, words }: RankLayout,
  count: number,
  edgeClass: 'pull' | 'push' | 'cold',
): { ends: Uint32Array; sources: Uint32Array; mantissas: Uint32Array } {
  const places = {
    pull: [words.pullSourcesAt, words.pullSourcesAt, words.pullMantissasAt],
    push: [words.pushRowsAt, words.pushRowsAt, words.pushMantissasAt],
    cold: [words.coldRowsAt, words.coldSourcesAt, words.coldMantissasAt],
  } as const
  const [endsAt, sourcesAt, mantissasAt] = places[edgeClass]
  return {
    ends: memory.words(endsAt, count),
    sources: memory.words(sourcesAt, count),
    mantissas: memory.words(mantissasAt, words.isWeighted ? count : 0),
  }
}

/** Where each source of pushed edges, and each part of cold ones, begins and ends. */
function fillOffsets(classes: EdgeClasses, { memory, words }: RankLayout): void {
  const { pushCounts, coldCounts, tileCount, partEnds } = classes
  const pushOffsets = memory.words(words.pushOffsetsAt, pushCounts.length + 1)
  let next = 0
  for (let source = 0; source < pushCounts.length; source++) {
    next += pushCounts[source] ?? 0
    pushOffsets[source + 1] = next
  }
  const parts = memory.words(words.coldPartsAt, partEnds.length + 1)
  next = 0
  for (let tile = 0; tile < coldCounts.length; tile++) {
    next += coldCounts[tile] ?? 0
    parts[Math.floor(tile / tileCount) + 1] = next
  }
}

/** Where each group begins, given how many there are of each. */
function placesOf(counts: Uint32Array): Uint32Array {
  const places = new Uint32Array(counts.length)
  let next = 0
  for (let index = 0; index < counts.length; index++) {
    places[index] = next
    next += counts[index] ?? 0
  }
  return places
}
