import { SCORE_MASS, divFloor } from '@foggara/schema'

import { iterationCountMax } from '../check-problem.ts'
import type { RankProblem, RankStop } from '../engine.ts'
import { writeControl } from './control-block.ts'
import type { EdgeClasses } from './edge-classes.ts'
import type { RankOrder } from './rank-order.ts'
import { WasmLayout } from './wasm-memory.ts'

/** Sources, and rows, whose 64-bit words fit a cache of 1 MiB, with room for what streams past. */
export const HOT_COUNT = 98_304
/** Edges that a thread takes at a time, about 0.1 ms; and rows. */
export const CHUNK_EDGE_COUNT = 131_072
export const CHUNK_ROW_COUNT = 8192
/** What the kernels count up to, and more than any step. */
const COUNT_MAX = 0xffff_ffff
const DELTA_BOUND = 1n << 63n

/**
 * Makes room for a problem and says where, in the control block.
 *
 * @throws {GraphTooLargeError | WasmUnavailableError}
 */
export function layOutRank(
  problem: RankProblem,
  order: RankOrder,
  classes: EdgeClasses,
  threadCount: number,
) {
  const { graph, weights, teleport } = problem
  const { hotRowCount } = classes
  const pullCount = total(classes.pullCounts)
  const rowCount = order.rows.length
  const pushCount = total(classes.pushCounts)
  const coldCount = total(classes.coldCounts)
  const mantissaOf = weights === 'equal' ? 0 : 1
  const layout = new WasmLayout()
  const words = {
    threadCount,
    isWeighted: weights !== 'equal',
    isPersonalised: teleport !== 'uniform',
    nodeCount: graph.nodeCount,
    rowCount,
    restCount: graph.nodeCount - rowCount,
    restScore: startsUniform(problem) ? uniformScore(graph.nodeCount) : 0n,
    pullRowCount: order.edgeRowCount,
    pullEdgeCount: pullCount,
    pullOffsetsAt: layout.reserve(order.edgeRowCount + 1, 4),
    pullSourcesAt: layout.reserve(pullCount, 4),
    pullMantissasAt: layout.reserve(mantissaOf * pullCount, 4),
    firstRow: 0,
    pushSourceCount: classes.pushCounts.length,
    pushEdgeCount: pushCount,
    pushOffsetsAt: layout.reserve(classes.pushCounts.length + 1, 4),
    pushRowsAt: layout.reserve(pushCount, 4),
    pushMantissasAt: layout.reserve(mantissaOf * pushCount, 4),
    firstPushed: classes.hotCount,
    hotRowCount,
    pushedAt: layout.reserve(threadCount > 1 ? threadCount * hotRowCount : 0, 8),
    coldRowsAt: layout.reserve(coldCount, 4),
    coldSourcesAt: layout.reserve(coldCount, 4),
    coldMantissasAt: layout.reserve(mantissaOf * coldCount, 4),
    coldPartCount: coldCount === 0 ? 0 : classes.partEnds.length,
    coldPartsAt: layout.reserve(classes.partEnds.length + 1, 4),
    sentAt: layout.reserve(order.sourceCount, 8),
    incomingAt: layout.reserve(rowCount, 8),
    scoresAt: layout.reserve(rowCount, 8),
    passThroughAt: layout.reserve(rowCount, 4),
    outDegreesAt: layout.reserve(rowCount, 4),
    shiftsAt: layout.reserve(mantissaOf * rowCount, 1),
    teleportAt: layout.reserve(teleport === 'uniform' ? 0 : rowCount, 8),
    slotsAt: order.slotsAreRows ? 0 : layout.reserve(rowCount, 4),
    ...stopWords(problem.stop),
    chunkEdgeCount: chunkOf(pullCount + pushCount, threadCount, CHUNK_EDGE_COUNT),
    chunkRowCount: chunkOf(rowCount, threadCount, CHUNK_ROW_COUNT),
  }
  const memory = layout.allocate(threadCount > 1)
  writeControl(memory, words)
  return { memory, words }
}

/** A rank problem's places in the kernels' memory. */
export type RankLayout = ReturnType<typeof layOutRank>

/** How many of `count` a thread takes at a time: enough to be worth it, few enough to share fairly. */
export function chunkOf(count: number, threadCount: number, largest: number): number {
  return Math.min(largest, Math.max(1, Math.ceil(count / threadCount / 8)))
}

/** The stop rule for the kernels. */
export function stopWords(stop: RankStop) {
  const countMax = Math.min(iterationCountMax(stop), COUNT_MAX)
  if (stop.type === 'count' || stop.deltaMax < 0n) {
    return { iterationCountMax: countMax, stopsByDelta: false, deltaMax: 0n }
  }
  const deltaMax = stop.deltaMax < DELTA_BOUND ? stop.deltaMax : DELTA_BOUND
  return { iterationCountMax: countMax, stopsByDelta: true, deltaMax }
}

/** True when every node starts with the same score. */
export function startsUniform(problem: Pick<RankProblem, 'start' | 'teleport'>): boolean {
  return problem.start === 'uniform' || problem.teleport === 'uniform'
}

/** The score that all nodes start with then. */
export function uniformScore(nodeCount: number): bigint {
  return divFloor(SCORE_MASS, BigInt(nodeCount))
}

function total(counts: Uint32Array): number {
  let found = 0
  for (const count of counts) found += count
  return found
}
