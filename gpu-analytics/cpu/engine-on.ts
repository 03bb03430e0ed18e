import { RankProblemError } from '../check-problem.ts'
import type { RankEngine } from '../engine.ts'
import { compileForOneThread } from './kernel-module.ts'
import { HOT_COUNT } from './rank-layout.ts'
import type { StreamedRankOptions, StreamedRankProblem } from './streamed-problem.ts'
import { rankStreamedOnWasm } from './streamed-rank.ts'
import type { ThreadPlatform } from './threads/thread-platform.ts'
import { flowOnWasm } from './wasm-flow.ts'
import { rankOnWasm } from './wasm-rank.ts'

export type WasmEngineOptions = {
  /** How many threads a run takes; left out, as many as are worth their start, at most one a processor. */
  readonly threads?: number
  /** How many nodes are taken to fit the cache of a processor; no result depends on it. */
  readonly hotNodeCount?: number
}

/** The WASM engine; besides what every engine does, it ranks graphs whose edges exceed memory. */
export type WasmEngine = RankEngine & {
  /**
   * `rank` over edges that are read anew for every iteration; only nodes stay in memory.
   *
   * @throws {RankProblemError | EdgeSlabError | CheckpointMismatchError | GraphTooLargeError}
   * @throws {WasmUnavailableError | RunAbortedError | WorkerLostError}
   */
  readonly rankStreamed: (
    problem: StreamedRankProblem,
    options?: StreamedRankOptions,
  ) => ReturnType<RankEngine['rank']>
}

/**
 * A WASM engine on the threads of a platform.
 *
 * @throws {RankProblemError} when an option is not a positive whole number.
 * @throws {WasmUnavailableError}
 */
export async function wasmEngineOn(
  platform: ThreadPlatform,
  options: WasmEngineOptions,
): Promise<WasmEngine> {
  await compileForOneThread()
  const hotCount = positive('hotNodeCount', options.hotNodeCount ?? HOT_COUNT)
  const { threads } = options
  if (threads !== undefined) positive('threads', threads)
  const settings = { platform, threads, hotCount }
  return {
    name: 'wasm',
    rank: (problem, runOptions) => rankOnWasm(settings, problem, runOptions),
    flow: (problem, runOptions) => flowOnWasm(settings, problem, runOptions),
    rankStreamed: (problem, runOptions) => rankStreamedOnWasm(settings, problem, runOptions),
  }
}

function positive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RankProblemError(`${name}: expected a whole number of at least 1, found ${value}`)
}
