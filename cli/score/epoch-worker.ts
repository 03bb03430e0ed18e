import { parentPort, workerData } from 'node:worker_threads'

import { computeEpoch } from '@foggara/gpu-analytics'
import type { Snapshot } from '@foggara/schema'

import { type EngineSettings, openEngine } from '../engine/open-engine.ts'
import { watchEngine } from '../engine/watch-engine.ts'
import { describeError } from '../thread/thread-message.ts'
import type { WorkerAnswer } from './epoch-computer.ts'

// The other side of `epoch-computer.ts`: one snapshot in, one result out, the engine kept between.
const settings = workerData as EngineSettings
const opening = openEngine(settings)
opening.catch(() => undefined)

parentPort?.on('message', (snapshot: Snapshot) => void answer(snapshot))

async function answer(snapshot: Snapshot): Promise<void> {
  const found = await answerTo(snapshot)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  parentPort?.postMessage(found)
}

async function answerTo(snapshot: Snapshot): Promise<WorkerAnswer> {
  try {
    const { engine } = await opening
    const watched = watchEngine(engine)
    const result = await computeEpoch(snapshot, watched.engine)
    return { type: 'result', result, executions: watched.executions }
  } catch (error) {
    return { type: 'error', error: describeError(error) }
  }
}
