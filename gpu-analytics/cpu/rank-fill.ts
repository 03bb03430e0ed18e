import type { RankProblem } from '../engine.ts'
import { at } from '../graph/at.ts'
import { checkNotAborted } from '../run-aborted.ts'
import { writeControl } from './control-block.ts'
import { type RankLayout, startsUniform, uniformScore } from './rank-layout.ts'
import type { RankOrder } from './rank-order.ts'
import { yieldToOthers } from './yield-to-others.ts'

/** Edges that are copied before others may run. */
const COPY_EDGE_COUNT = 4_000_000

/**
 * Copies a problem to its places, in the order of the run. Lets others run between parts.
 *
 * @throws {RunAbortedError}
 */
export async function fillRank(
  problem: RankProblem,
  order: RankOrder,
  layout: RankLayout,
  signal: AbortSignal | undefined,
): Promise<void> {
  fillNodes(problem, order, layout)
  const pushCounts = await fillPulled(problem, order, layout, signal)
  if (pushCounts.length > 0) await fillPushed(problem, order, layout, pushCounts, signal)
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

/** Copies the edges to pull; counts, per source of the others, those to push. */
async function fillPulled(
  problem: RankProblem,
  { rows, slots, edgeRowCount }: RankOrder,
  { memory, words }: RankLayout,
  signal: AbortSignal | undefined,
): Promise<Uint32Array> {
  const { inOffsets, sources } = problem.graph
  const mantissas = problem.weights === 'equal' ? undefined : problem.weights.mantissas
  const { hotRowCount, firstPushed } = words
  const pushCounts = new Uint32Array(words.pushSourceCount)
  const offsets = memory.words(words.pullOffsetsAt, edgeRowCount + 1)
  const pulled = memory.words(words.pullSourcesAt, sources.length)
  const pulledMantissas =
    mantissas === undefined ? undefined : memory.words(words.pullMantissasAt, sources.length)
  let count = 0
  let untilYield = COPY_EDGE_COUNT
  for (let row = 0; row < edgeRowCount; row++) {
    const node = at(rows, row)
    const end = at(inOffsets, node + 1)
    const isHot = row < hotRowCount
    for (let edge = at(inOffsets, node); edge < end; edge++) {
      const slot = slots[sources[edge] ?? 0] ?? 0
      if (isHot && slot >= firstPushed) {
        pushCounts[slot - firstPushed] = (pushCounts[slot - firstPushed] ?? 0) + 1
        continue
      }
      pulled[count] = slot
      if (pulledMantissas !== undefined) pulledMantissas[count] = mantissas?.[edge] ?? 0
      count++
    }
    offsets[row + 1] = count
    untilYield -= end - at(inOffsets, node)
    if (untilYield < 0) {
      await yieldToOthers()
      checkNotAborted(signal, 'no iteration')
      untilYield = COPY_EDGE_COUNT
    }
  }
  writeControl(memory, { pullEdgeCount: count })
  return pushCounts
}

/** Copies the edges to push behind those to pull, grouped by their sources. */
async function fillPushed(
  problem: RankProblem,
  { rows, slots }: RankOrder,
  { memory, words }: RankLayout,
  pushCounts: Uint32Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { inOffsets, sources } = problem.graph
  const mantissas = problem.weights === 'equal' ? undefined : problem.weights.mantissas
  const { hotRowCount, firstPushed } = words
  const pushEdgeCount = placesOf(
    pushCounts,
    memory.words(words.pushOffsetsAt, pushCounts.length + 1),
  )
  const behind = 4 * (sources.length - pushEdgeCount)
  const pushRowsAt = words.pullSourcesAt + behind
  const pushMantissasAt = words.pullMantissasAt + behind
  const pushed = memory.words(pushRowsAt, pushEdgeCount)
  const pushedMantissas =
    mantissas === undefined ? undefined : memory.words(pushMantissasAt, pushEdgeCount)
  let untilYield = COPY_EDGE_COUNT
  for (let row = 0; row < hotRowCount; row++) {
    const node = at(rows, row)
    const end = at(inOffsets, node + 1)
    for (let edge = at(inOffsets, node); edge < end; edge++) {
      const slot = slots[sources[edge] ?? 0] ?? 0
      if (slot < firstPushed) continue
      const place = pushCounts[slot - firstPushed] ?? 0
      pushCounts[slot - firstPushed] = place + 1
      pushed[place] = row
      if (pushedMantissas !== undefined) pushedMantissas[place] = mantissas?.[edge] ?? 0
    }
    untilYield -= end - at(inOffsets, node)
    if (untilYield < 0) {
      await yieldToOthers()
      checkNotAborted(signal, 'no iteration')
      untilYield = COPY_EDGE_COUNT
    }
  }
  writeControl(memory, { pushEdgeCount, pushRowsAt, pushMantissasAt })
}

/** Makes of counts the places where each begins, also as offsets; returns the sum. */
function placesOf(counts: Uint32Array, offsets: Uint32Array): number {
  let next = 0
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] ?? 0
    counts[index] = next
    next += count
    offsets[index + 1] = next
  }
  return next
}
