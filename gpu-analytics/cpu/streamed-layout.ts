import type { EdgeSlab } from '../graph/edge-slab.ts'
import { resetChunks, writeControl } from './control-block.ts'
import { CHUNK_EDGE_COUNT, CHUNK_ROW_COUNT, chunkOf, stopWords } from './rank-layout.ts'
import { startsUniform, uniformScore } from './rank-layout.ts'
import type { PieceLimits, SlabPiece } from './slab-pieces.ts'
import type { StreamedRankProblem } from './streamed-problem.ts'
import { WasmLayout, type WasmMemory } from './wasm-memory.ts'

/** A place for one piece of a slab; there are two, so that one is filled while the other is used. */
export type PieceBuffer = {
  readonly offsetsAt: number
  readonly sourcesAt: number
  readonly mantissasAt: number
}

/** Where the nodes of a streamed problem lie, and two pieces of its edges. */
export type StreamedLayout = {
  readonly memory: WasmMemory
  readonly scoresAt: number
  readonly buffers: readonly [PieceBuffer, PieceBuffer]
}

/**
 * Makes room for the nodes of a problem and for two pieces of edges, and copies the nodes.
 *
 * @throws {GraphTooLargeError | WasmUnavailableError}
 */
export function layOutStreamed(
  problem: StreamedRankProblem,
  limits: PieceLimits,
  threadCount: number,
): StreamedLayout {
  const { nodeCount, shifts, teleport } = problem
  const layout = new WasmLayout()
  const words = {
    threadCount,
    isWeighted: shifts !== 'equal',
    isPersonalised: teleport !== 'uniform',
    nodeCount,
    rowCount: nodeCount,
    sentAt: layout.reserve(nodeCount, 8),
    incomingAt: layout.reserve(nodeCount, 8),
    scoresAt: layout.reserve(nodeCount, 8),
    passThroughAt: layout.reserve(nodeCount, 4),
    outDegreesAt: layout.reserve(nodeCount, 4),
    shiftsAt: layout.reserve(shifts === 'equal' ? 0 : nodeCount, 1),
    teleportAt: layout.reserve(teleport === 'uniform' ? 0 : nodeCount, 8),
    ...stopWords(problem.stop),
    chunkRowCount: chunkOf(nodeCount, threadCount, CHUNK_ROW_COUNT),
  }
  const buffers = [
    reservePiece(layout, limits, shifts !== 'equal'),
    reservePiece(layout, limits, shifts !== 'equal'),
  ] as const
  const memory = layout.allocate(threadCount > 1)
  writeControl(memory, words)
  memory.write(words.passThroughAt, problem.passThroughQ32)
  memory.write(words.outDegreesAt, problem.outDegrees)
  if (shifts !== 'equal') memory.write(words.shiftsAt, shifts)
  if (teleport !== 'uniform') memory.write(words.teleportAt, teleport)
  const scores = memory.longs(words.scoresAt, nodeCount)
  if (startsUniform(problem)) scores.fill(uniformScore(nodeCount))
  else if (teleport !== 'uniform') scores.set(teleport)
  return { memory, scoresAt: words.scoresAt, buffers }
}

/** Copies a piece to its buffer; the kernels may use the other one meanwhile. */
export function writePiece(
  memory: WasmMemory,
  buffer: PieceBuffer,
  slab: EdgeSlab,
  { slabRow, rowCount, begin, end }: SlabPiece,
): void {
  const offsets = memory.words(buffer.offsetsAt, rowCount + 1)
  for (let row = 0; row <= rowCount; row++) {
    const offset = slab.inOffsets[slabRow + row] ?? 0
    offsets[row] = Math.min(Math.max(offset, begin), end) - begin
  }
  memory.write(buffer.sourcesAt, slab.sources.subarray(begin, end))
  if (slab.mantissas !== undefined && buffer.mantissasAt !== 0) {
    memory.write(buffer.mantissasAt, slab.mantissas.subarray(begin, end))
  }
}

/** Points the kernels to a piece; none of them may run meanwhile. */
export function selectPiece(
  memory: WasmMemory,
  buffer: PieceBuffer,
  { firstRow, rowCount, begin, end }: SlabPiece,
  threadCount: number,
): void {
  resetChunks(memory)
  writeControl(memory, {
    firstRow,
    pullRowCount: rowCount,
    pullEdgeCount: end - begin,
    pullOffsetsAt: buffer.offsetsAt,
    pullSourcesAt: buffer.sourcesAt,
    pullMantissasAt: buffer.mantissasAt,
    chunkEdgeCount: chunkOf(end - begin, threadCount, CHUNK_EDGE_COUNT),
  })
}

function reservePiece(layout: WasmLayout, limits: PieceLimits, isWeighted: boolean): PieceBuffer {
  return {
    offsetsAt: layout.reserve(limits.rowCount + 1, 4),
    sourcesAt: layout.reserve(limits.edgeCount, 4),
    mantissasAt: isWeighted ? layout.reserve(limits.edgeCount, 4) : 0,
  }
}
