import { RetryableError } from '@foggara/schema'

import type { KernelMemory, KernelModule } from './instantiate.ts'
import type { ThreadCommand, ThreadReply } from './serve-thread.ts'
import type { Thread, ThreadPlatform } from './thread-platform.ts'

/** Threads over one memory that run kernels together. */
export type ThreadTeam = {
  /**
   * Runs a kernel on all threads; answers with what it returned on the first.
   *
   * @throws {WorkerLostError}
   */
  readonly run: (command: ThreadCommand, countMax: number) => Promise<number>
  /** Ends all threads at once, whatever they do. */
  readonly end: () => Promise<void>
}

export type TeamOptions = {
  readonly module: KernelModule
  readonly memory: KernelMemory
  readonly threadCount: number
  readonly onProgress: (count: number) => void
}

/**
 * Starts a team; it must be ended by the caller.
 *
 * @throws {WorkerLostError} when a thread does not start.
 */
export async function startTeam(
  platform: ThreadPlatform,
  { module, memory, threadCount, onProgress }: TeamOptions,
): Promise<ThreadTeam> {
  const threads: Thread[] = []
  const lost = deferred<never>()
  lost.promise.catch(() => undefined)
  let turn = deferredTurn(threadCount)

  // What a listener of the caller throws ends the run, as it does without threads.
  const tell = (count: number): void => {
    try {
      onProgress(count)
    } catch (cause) {
      lost.reject(cause)
    }
  }
  const listen = (index: number, reply: ThreadReply): void => {
    if (reply.type === 'progress') tell(reply.count)
    else if (reply.type === 'failed') lost.reject(new WorkerLostError(reply.message))
    else turn.answer(index, reply.type === 'done' ? reply.returned : 0)
  }
  const end = async (): Promise<void> => {
    lost.reject(new WorkerLostError('the team has ended'))
    await Promise.all(threads.map((thread) => thread.end()))
  }
  try {
    for (let index = 0; index < threadCount; index++) {
      const thread = platform.start({
        onReply: (reply) => listen(index, reply),
        onLost: (cause) => lost.reject(new WorkerLostError(cause)),
      })
      threads.push(thread)
      thread.post({ type: 'start', thread: index, module, memory })
    }
    await Promise.race([turn.promise, lost.promise])
  } catch (cause) {
    await end()
    throw cause instanceof WorkerLostError ? cause : new WorkerLostError(cause)
  }
  return {
    end,
    run: (command, countMax) => {
      turn = deferredTurn(threadCount)
      for (const thread of threads) thread.post({ type: 'run', command, countMax })
      return Promise.race([turn.promise, lost.promise])
    },
  }
}

type Turn = {
  readonly promise: Promise<number>
  readonly answer: (thread: number, returned: number) => void
}

/** Settles once every thread has answered, with the answer of the first. */
function deferredTurn(threadCount: number): Turn {
  const { promise, resolve } = deferred<number>()
  let missing = threadCount
  let first = 0
  return {
    promise,
    answer: (thread, returned) => {
      if (thread === 0) first = returned
      missing--
      if (missing === 0) resolve(first)
    },
  }
}

type Deferred<T> = {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (cause: unknown) => void
}

/** `Promise.withResolvers`, which older browsers lack. */
function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined
  let reject: (cause: unknown) => void = () => undefined
  const promise = new Promise<T>((settle, fail) => {
    resolve = settle
    reject = fail
  })
  return { promise, resolve, reject }
}

/** A thread has ended before its work; the same run may succeed with fewer threads. */
export class WorkerLostError extends RetryableError {
  constructor(cause: unknown) {
    const found = cause instanceof Error ? cause.message : String(cause)
    super('WORKER_LOST', `expected every thread to end its work, found one lost: ${found}`, {
      cause,
      hint: 'Run again, with `threads: 1` if it happens again.',
    })
  }
}
