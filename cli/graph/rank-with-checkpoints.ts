import type {
  RankCheckpoint,
  RankResult,
  StreamedRankProblem,
  WasmEngine,
} from '@foggara/gpu-analytics'

import type { Context } from '../command.ts'
import { tellProgress } from '../engine/run-progress.ts'
import { readCheckpoint, removeCheckpoint, writeCheckpoint } from './checkpoint-file.ts'

/** Where a run keeps its state. */
export type CheckpointPlace = {
  readonly path: string
  /** Whether to go on from the state that is there. */
  readonly resumes: boolean
  /** At most so much work is done again after a crash. */
  readonly everyMs: number
}

/**
 * Ranks a streamed graph and keeps its state on disk: every few seconds, and when it is stopped. The
 * state goes when the run has ended.
 *
 * @throws {RunAbortedError} with the state kept.
 * @throws {CheckpointMalformedError | CheckpointMismatchError}
 */
export async function rankWithCheckpoints(
  engine: WasmEngine,
  problem: StreamedRankProblem,
  { path, resumes, everyMs }: CheckpointPlace,
  context: Context,
): Promise<RankResult> {
  const former = resumes ? await readCheckpoint(path) : undefined
  if (former !== undefined) context.warn(`rank: goes on after iteration ${former.iterationCount}`)
  else if (resumes) context.warn('rank: found no checkpoint, starts with the first iteration')
  let lastMs = context.nowMs()
  let unwritten: RankCheckpoint | undefined
  try {
    const result = await engine.rankStreamed(problem, {
      signal: context.stopped,
      onProgress: tellProgress(context, 'rank', former?.iterationCount),
      ...(former === undefined ? {} : { resumeFrom: former }),
      onCheckpoint: async (checkpoint) => {
        unwritten = checkpoint
        if (context.nowMs() - lastMs < everyMs) return
        await writeCheckpoint(path, checkpoint)
        unwritten = undefined
        lastMs = context.nowMs()
      },
    })
    await removeCheckpoint(path)
    return result
  } catch (error) {
    if (unwritten !== undefined) await writeCheckpoint(path, unwritten)
    if (context.stopped.aborted) context.warn('rank: kept its state, go on with --resume')
    throw error
  }
}
