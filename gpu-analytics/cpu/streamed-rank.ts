import { SCORE_MASS, invariant } from '@foggara/schema'

import { iterationCountMax } from '../check-problem.ts'
import type { RankResult } from '../engine.ts'
import type { EdgeSlab } from '../graph/edge-slab.ts'
import { checkNotAborted } from '../run-aborted.ts'
import { readPartials, resetChunks, resetPartials } from './control-block.ts'
import { type KernelRunner, openRunner, spreadOver } from './kernel-runner.ts'
import { EdgeSlabError, checkSlab, piecesOf } from './slab-pieces.ts'
import { type StreamedLayout, layOutStreamed, selectPiece, writePiece } from './streamed-layout.ts'
import {
  type StreamedRankOptions,
  type StreamedRankProblem,
  checkCheckpoint,
  checkStreamedProblem,
  problemDigestOf,
} from './streamed-problem.ts'
import { sumLongs } from './sum-longs.ts'
import { type WasmSettings, rankWithoutNodes } from './wasm-rank.ts'
import { yieldToOthers } from './yield-to-others.ts'

/** Of a slab in memory at a time: two such pieces are all that the edges take. */
const PIECE_LIMITS = { edgeCount: 4_194_304, rowCount: 1_048_576 } as const

/**
 * `rank` over edges that are read anew for every iteration; only nodes stay in memory, at most 41
 * bytes each. The next slab is read while the kernels follow the edges of the one before. The bits
 * are those of the reference, also when a run goes on from a checkpoint.
 *
 * @throws {RankProblemError | EdgeSlabError | CheckpointMismatchError | GraphTooLargeError}
 * @throws {WasmUnavailableError | RunAbortedError | WorkerLostError}
 */
export async function rankStreamedOnWasm(
  { platform, threads }: WasmSettings,
  problem: StreamedRankProblem,
  options: StreamedRankOptions = {},
): Promise<RankResult> {
  checkStreamedProblem(problem)
  const { nodeCount, edgeCount } = problem
  if (nodeCount === 0) return rankWithoutNodes(problem.stop)
  const { signal } = options
  const countMax = iterationCountMax(problem.stop)
  const spread = spreadOver(platform, threads, { edgeCount, countMax })
  const limits = {
    edgeCount: Math.max(1, Math.min(PIECE_LIMITS.edgeCount, edgeCount)),
    rowCount: Math.max(1, Math.min(PIECE_LIMITS.rowCount, nodeCount)),
  }
  const layout = layOutStreamed(problem, limits, spread.threadCount)
  const onCount = (): void => undefined
  const { memory } = layout
  const runner = await openRunner({ platform, spread, memory, edgeCount, signal, onCount })
  try {
    const stream = { problem, layout, limits, runner, signal }
    const { iterationCount, delta } = await iterate(stream, countMax, options)
    const scores = memory.longs(layout.scoresAt, nodeCount).slice()
    const dust = SCORE_MASS - sumLongs(scores)
    invariant(dust >= 0n, 'expected the scores to stay within the mass')
    const execution = { engine: 'wasm', notes: runner.notes } as const
    return { scores, dust, iterationCount, delta, execution }
  } finally {
    await runner.end()
  }
}

type Stream = {
  readonly problem: StreamedRankProblem
  readonly layout: StreamedLayout
  readonly limits: typeof PIECE_LIMITS | { readonly edgeCount: number; readonly rowCount: number }
  readonly runner: KernelRunner
  readonly signal: AbortSignal | undefined
}

async function iterate(
  stream: Stream,
  countMax: number,
  options: StreamedRankOptions,
): Promise<{ iterationCount: number; delta: bigint }> {
  const { problem, layout, runner, signal } = stream
  const { stop, edgeCount, nodeCount } = problem
  const { memory, scoresAt } = layout
  const { resumeFrom, onCheckpoint, onProgress } = options
  const needsDigest = resumeFrom !== undefined || onCheckpoint !== undefined
  const problemDigest = needsDigest ? problemDigestOf(problem) : ''
  let iterationCount = 0
  let delta = 0n
  if (resumeFrom !== undefined) {
    checkCheckpoint(resumeFrom, problemDigest, nodeCount)
    memory.longs(scoresAt, nodeCount).set(resumeFrom.scores)
    iterationCount = resumeFrom.iterationCount
    delta = resumeFrom.delta
  }
  const hasSettled = (): boolean =>
    stop.type === 'delta' && iterationCount > 0 && delta <= stop.deltaMax
  runner.here.begin()
  while (iterationCount < countMax && !hasSettled()) {
    // Slabs that are at hand would leave the event loop no turn.
    await yieldToOthers()
    checkNotAborted(signal, `${iterationCount} iterations`)
    delta = await iterateOnce(stream)
    iterationCount++
    onProgress?.({ count: iterationCount, countMax, edgeCount })
    if (onCheckpoint !== undefined && iterationCount % (options.checkpointEvery ?? 1) === 0) {
      const scores = memory.longs(scoresAt, nodeCount).slice()
      await onCheckpoint({ iterationCount, delta, scores, problemDigest })
    }
  }
  return { iterationCount, delta }
}

/** Follows all edges once, then applies what arrived; returns the L1 step. */
async function iterateOnce(stream: Stream): Promise<bigint> {
  const { problem, layout, runner } = stream
  const { memory } = layout
  resetPartials(memory, runner.threadCount)
  const found = await followSlabs(stream)
  if (found !== problem.edgeCount) {
    throw new EdgeSlabError(`${problem.edgeCount} edges in all`, `${found}`)
  }
  const { arrived } = readPartials(memory, runner.threadCount)
  invariant(arrived <= SCORE_MASS, 'expected no more mass to arrive than was sent')
  resetChunks(memory)
  await runner.run('applySlabs', 1)
  return readPartials(memory, runner.threadCount).step
}

/** Returns how many edges there were. */
async function followSlabs(stream: Stream): Promise<number> {
  const { problem, signal } = stream
  const slabs = problem.slabs()[Symbol.asyncIterator]()
  const isWeighted = problem.shifts !== 'equal'
  let edgeCount = 0
  let lastRow = 0
  let running: Promise<unknown> = Promise.resolve()
  let isFirst = true
  try {
    let next = slabs.next()
    while (true) {
      const { value: slab, done } = await next
      if (done === true) break
      next = slabs.next()
      next.catch(() => undefined)
      checkNotAborted(signal, 'a part of an iteration')
      checkSlab(slab, { nodeCount: problem.nodeCount, isWeighted, lastRow })
      lastRow = slab.firstRow + Math.max(0, slab.inOffsets.length - 2)
      edgeCount += slab.sources.length
      for (const pull of pullsOf(stream, slab)) {
        const start = pull(isFirst ? 0 : 1)
        isFirst = !isFirst
        await running
        running = start()
        running.catch(() => undefined)
      }
    }
    await running
    return edgeCount
  } finally {
    await running.catch(() => undefined)
    await slabs.return?.()
  }
}

/** Per piece of a slab: what copies it to a buffer, and then gives what pulls along its edges. */
function* pullsOf(
  { problem, layout, limits, runner }: Stream,
  slab: EdgeSlab,
): Generator<(buffer: 0 | 1) => () => Promise<unknown>> {
  const { memory, buffers } = layout
  for (const piece of piecesOf(slab, limits)) {
    yield (index) => {
      const buffer = buffers[index]
      writePiece(memory, buffer, slab, piece)
      const largest = runner.here.largestSource(buffer.sourcesAt, piece.end - piece.begin) >>> 0
      if (largest >= problem.nodeCount) {
        throw new EdgeSlabError(`sources below ${problem.nodeCount}`, `${largest}`)
      }
      return () => {
        selectPiece(memory, buffer, piece, runner.threadCount)
        return runner.run('pullSlab', 1)
      }
    }
  }
}
