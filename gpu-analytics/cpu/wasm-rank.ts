import { SCORE_MASS, invariant } from '@foggara/schema'

import { checkRankProblem, iterationCountMax } from '../check-problem.ts'
import type { RankProblem, RankResult, RankStop, RunOptions } from '../engine.ts'
import { readControl } from './control-block.ts'
import { classifyEdges } from './edge-classes.ts'
import { openRunner, spreadOver } from './kernel-runner.ts'
import { copyLongs, fillRank } from './rank-fill.ts'
import { type RankLayout, layOutRank } from './rank-layout.ts'
import { type RankOrder, rankOrder } from './rank-order.ts'
import { sumLongs } from './sum-longs.ts'
import type { ThreadPlatform } from './threads/thread-platform.ts'

/** What an engine was made with. */
export type WasmSettings = {
  readonly platform: ThreadPlatform
  /** Undefined: as many as are worth their start. */
  readonly threads: number | undefined
  /** How many sources, and rows, are taken to stay in the cache. */
  readonly hotCount: number
}

/**
 * `rank` on the WASM kernels: the bits of the reference.
 *
 * @throws {RankProblemError | GraphTooLargeError | WasmUnavailableError}
 * @throws {RunAbortedError | WorkerLostError}
 */
export async function rankOnWasm(
  { platform, threads, hotCount }: WasmSettings,
  problem: RankProblem,
  { signal, onProgress }: RunOptions = {},
): Promise<RankResult> {
  checkRankProblem(problem)
  if (problem.graph.nodeCount === 0) return rankWithoutNodes(problem.stop)

  const edgeCount = problem.graph.sources.length
  const countMax = iterationCountMax(problem.stop)
  const spread = spreadOver(platform, threads, { edgeCount, countMax })
  const order = rankOrder(problem)
  const { threadCount } = spread
  const classes = await classifyEdges(problem, order, { hotCount, threadCount }, signal)
  const layout = layOutRank(problem, order, classes, threadCount)
  const onCount = (count: number): void => onProgress?.({ count, countMax, edgeCount })
  const opening = openRunner({
    platform,
    spread,
    memory: layout.memory,
    edgeCount,
    signal,
    onCount,
  })
  opening.catch(() => undefined)
  try {
    await fillRank(problem, order, classes, layout, signal)
    const runner = await opening
    runner.here.begin()
    const returned = await runner.run('iterate', countMax)
    invariant(returned !== 2, 'expected no more mass to arrive than was sent')
    return {
      ...readResult(problem, order, layout),
      execution: { engine: 'wasm', notes: runner.notes },
    }
  } finally {
    await opening.then(
      (runner) => runner.end(),
      () => undefined,
    )
  }
}

function readResult(
  problem: RankProblem,
  order: RankOrder,
  { memory, words }: RankLayout,
): Omit<RankResult, 'execution'> {
  const { nodeCount } = problem.graph
  const scoreOfRows = memory.longs(words.scoresAt, order.rows.length)
  const restScore = readControl(memory, 'restScore')
  const scores = new BigUint64Array(nodeCount)
  if (restScore !== 0n) scores.fill(restScore)
  copyLongs(scoreOfRows, scores, order.rows, 'scatter')
  const dust = SCORE_MASS - sumLongs(scores)
  invariant(dust >= 0n, 'expected the scores to stay within the mass')
  const iterationCount = Number(readControl(memory, 'iterationCount'))
  return { scores, dust, iterationCount, delta: readControl(memory, 'delta') }
}

/** Without nodes nothing is sent: the first step is 0, whatever the stop rule. */
export function rankWithoutNodes(stop: RankStop): RankResult {
  const iterationCount =
    stop.type === 'count' ? stop.iterationCount : Math.min(1, stop.iterationCountMax)
  const execution = { engine: 'wasm', notes: [] } as const
  return { scores: new BigUint64Array(0), dust: SCORE_MASS, iterationCount, delta: 0n, execution }
}
