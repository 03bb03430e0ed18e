import { SCORE_MASS, divFloor } from '@foggara/schema'

import { iterationCountMax } from '../check-problem.ts'
import type { RankProblem, RankStop } from '../engine.ts'
import { writeControl } from './control-block.ts'
import type { RankOrder } from './rank-order.ts'
import { WasmLayout } from './wasm-memory.ts'

/**
 * Sources, and rows, whose 64-bit words fit a cache of 1 MiB. Edges from other sources to such rows
 * are pushed, all others pulled: then nearly every access is to one of the two.
 */
export const HOT_COUNT = 131_072
/** Edges that a thread takes at a time, about 0.1 ms; and rows. */
export const CHUNK_EDGE_COUNT = 131_072
export const CHUNK_ROW_COUNT = 8192
/** What the kernels count up to, and more than any step. */
const COUNT_MAX = 0xffff_ffff
const DELTA_BOUND = 1n << 63n

export type RankLayoutOptions = {
  readonly threadCount: number
  readonly hotCount: number
}

/**
 * Makes room for a problem and says where, in the control block.
 *
 * @throws {GraphTooLargeError | WasmUnavailableError}
 */
export function layOutRank(
  problem: RankProblem,
  order: RankOrder,
  { threadCount, hotCount }: RankLayoutOptions,
) {
  const { graph, weights, teleport, stop } = problem
  const edgeCount = graph.sources.length
  const rowCount = order.rows.length
  const isWeighted = weights !== 'equal'
  const pushSourceCount = Math.max(0, order.sourceCount - hotCount)
  const hotRowCount = pushSourceCount === 0 ? 0 : Math.min(hotCount, order.edgeRowCount)
  const layout = new WasmLayout()
  const sourcesAt = layout.reserve(edgeCount, 4)
  const mantissasAt = layout.reserve(isWeighted ? edgeCount : 0, 4)
  const words = {
    threadCount,
    isWeighted,
    isPersonalised: teleport !== 'uniform',
    nodeCount: graph.nodeCount,
    rowCount,
    restCount: graph.nodeCount - rowCount,
    restScore: startsUniform(problem) ? uniformScore(graph.nodeCount) : 0n,
    pullRowCount: order.edgeRowCount,
    pullEdgeCount: 0,
    pullOffsetsAt: layout.reserve(order.edgeRowCount + 1, 4),
    pullSourcesAt: sourcesAt,
    pullMantissasAt: mantissasAt,
    firstRow: 0,
    pushSourceCount,
    pushEdgeCount: 0,
    pushOffsetsAt: layout.reserve(pushSourceCount + 1, 4),
    pushRowsAt: 0,
    pushMantissasAt: 0,
    firstPushed: hotCount,
    hotRowCount,
    pushedAt: layout.reserve(threadCount > 1 ? threadCount * hotRowCount : 0, 8),
    sentAt: layout.reserve(order.sourceCount, 8),
    incomingAt: layout.reserve(rowCount, 8),
    scoresAt: layout.reserve(rowCount, 8),
    passThroughAt: layout.reserve(rowCount, 4),
    outDegreesAt: layout.reserve(rowCount, 4),
    shiftsAt: layout.reserve(isWeighted ? rowCount : 0, 1),
    teleportAt: layout.reserve(teleport === 'uniform' ? 0 : rowCount, 8),
    slotsAt: order.slotsAreRows ? 0 : layout.reserve(rowCount, 4),
    ...stopWords(stop),
    chunkEdgeCount: chunkOf(edgeCount, threadCount, CHUNK_EDGE_COUNT),
    chunkRowCount: chunkOf(rowCount, threadCount, CHUNK_ROW_COUNT),
  }
  const memory = layout.allocate(threadCount > 1)
  writeControl(memory, words)
  return { memory, words }
}

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

/** A rank problem's places in the kernels' memory. */
export type RankLayout = ReturnType<typeof layOutRank>
