import { Worker } from 'node:worker_threads'

import { type Execution, RunAbortedError } from '@foggara/gpu-analytics'
import { type EpochResult, RetryableError, type Snapshot } from '@foggara/schema'

import type { EngineSettings } from '../engine/open-engine.ts'
import { type SentError, errorOf } from '../thread/thread-message.ts'

/** Computes epochs in a thread of its own, so that whoever serves requests is not held up. */
export type EpochComputer = AsyncDisposable & {
  readonly compute: (snapshot: Snapshot) => Promise<ComputedEpoch>
}

/** An epoch with what the engine says about how it computed rank and flow. */
export type ComputedEpoch = {
  readonly result: EpochResult
  readonly executions: readonly Execution[]
}

/** What the thread answers to a snapshot. */
export type WorkerAnswer =
  | ({ readonly type: 'result' } & ComputedEpoch)
  | { readonly type: 'error'; readonly error: SentError }

/**
 * Makes a computer of epochs, one at a time; its thread starts with the first and stays.
 *
 * `compute` raises what `computeEpoch` raises, RunAbortedError when `stopped` aborts, and
 * EpochThreadError when the thread dies.
 */
export function createEpochComputer(settings: EngineSettings, stopped: AbortSignal): EpochComputer {
  let worker: Worker | undefined
  const end = async (): Promise<void> => {
    const ending = worker
    worker = undefined
    await ending?.terminate()
  }
  const compute = async (snapshot: Snapshot): Promise<ComputedEpoch> => {
    if (stopped.aborted) throw new RunAbortedError('nothing', stopped.reason)
    const running = (worker ??= startThread(settings))
    const answer = Promise.withResolvers<WorkerAnswer>()
    const fail = (cause: unknown): void => answer.reject(new EpochThreadError(cause))
    const exited = (): void => answer.reject(new EpochThreadError('its end'))
    const abort = (): void => {
      answer.reject(new RunAbortedError(`epoch ${snapshot.epoch} was begun`, stopped.reason))
    }
    running.once('message', answer.resolve).once('error', fail).once('exit', exited)
    stopped.addEventListener('abort', abort)
    try {
      running.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      running.postMessage(snapshot)
      return resultOf(await answer.promise)
    } catch (error) {
      if (error instanceof EpochThreadError || stopped.aborted) await end()
      throw error
    } finally {
      running.unref()
      stopped.removeEventListener('abort', abort)
      running.off('message', answer.resolve).off('error', fail).off('exit', exited)
    }
  }
  return { compute, [Symbol.asyncDispose]: end }
}

function startThread(settings: EngineSettings): Worker {
  const worker = new Worker(new URL('./epoch-worker.ts', import.meta.url), { workerData: settings })
  // What it fails with while idle shows at the next epoch.
  worker.on('error', () => undefined)
  return worker
}

function resultOf(answer: WorkerAnswer): ComputedEpoch {
  if (answer.type === 'error') throw errorOf(answer.error)
  return { result: answer.result, executions: answer.executions }
}

/** The thread that computes epochs died. */
export class EpochThreadError extends RetryableError {
  constructor(cause: unknown) {
    const found = cause instanceof Error ? cause.message : String(cause)
    super('EPOCH_THREAD_ENDED', `expected the engine's thread to answer, found ${found}`, {
      cause,
      hint: 'The epoch is computed again; if this stays, give the process more memory.',
    })
  }
}
