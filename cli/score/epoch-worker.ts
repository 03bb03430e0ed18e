import { parentPort, workerData } from 'node:worker_threads'

import { type Execution, type RankEngine, computeEpoch } from '@foggara/gpu-analytics'
import { FoggaraError, type Snapshot } from '@foggara/schema'

import { type EngineSettings, openEngine } from '../engine/open-engine.ts'
import type { WorkerAnswer } from './epoch-computer.ts'

// The other side of `epoch-computer.ts`: one snapshot in, one result out, the engine kept between.
const settings = workerData as EngineSettings
const opening = openEngine(settings)
opening.catch(() => undefined)

parentPort?.on('message', (snapshot: Snapshot) => {
  void answerTo(snapshot).then((answer) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    parentPort?.postMessage(answer)
  })
})

async function answerTo(snapshot: Snapshot): Promise<WorkerAnswer> {
  try {
    const { engine } = await opening
    const executions: Execution[] = []
    const result = await computeEpoch(snapshot, watched(engine, executions))
    return { type: 'result', result, executions }
  } catch (error) {
    return { type: 'error', ...describe(error) }
  }
}

/** Keeps what the engine says about how it worked, which an epoch's result has no place for. */
function watched(engine: RankEngine, executions: Execution[]): RankEngine {
  return {
    name: engine.name,
    rank: async (problem, options) => keep(await engine.rank(problem, options)),
    flow: async (problem, options) => keep(await engine.flow(problem, options)),
  }

  function keep<Result extends { readonly execution: Execution }>(result: Result): Result {
    executions.push(result.execution)
    return result
  }
}

function describe(error: unknown) {
  if (error instanceof FoggaraError) {
    const { code, message, hint, retryable } = error
    return { code, message, hint, retryable }
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: undefined, message, hint: undefined, retryable: false }
}
