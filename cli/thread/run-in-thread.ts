import { Worker } from 'node:worker_threads'

import { FatalError } from '@foggara/schema'

import type { Context, OptionValues } from '../command.ts'
import { type SentError, errorOf } from './thread-message.ts'

/** What runs in a thread: a module's function, by the name under which `command-thread.ts` knows it. */
export type ThreadTask = {
  readonly task: 'score files' | 'generate graph'
  readonly options: OptionValues
}

/** What the thread is started with. */
export type ThreadStart = ThreadTask & Pick<Context, 'directory' | 'environment'>

/** What the thread says. */
export type ThreadReply =
  | { readonly type: 'print' | 'warn'; readonly line: string }
  | { readonly type: 'end'; readonly code: number }
  | { readonly type: 'error'; readonly error: SentError }

/** So long a thread may take to end by itself. */
const STOP_MS_MAX = 2_000

/**
 * Runs a part of a command that computes without pause in a thread, so that Ctrl-C is heard at any
 * moment and memory that runs out is an error instead of the end of the process.
 *
 * @throws {ThreadStoppedError | MemoryExhaustedError} and what the task raises.
 */
export async function runInThread(task: ThreadTask, context: Context): Promise<number> {
  const { directory, environment, stopped } = context
  const start: ThreadStart = { ...task, directory, environment }
  const worker = new Worker(new URL('./command-thread.ts', import.meta.url), { workerData: start })
  const ended = Promise.withResolvers<number>()
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    worker.postMessage('stop')
    timer = setTimeout(() => ended.reject(new ThreadStoppedError()), STOP_MS_MAX)
  }
  worker.on('message', (reply: ThreadReply) => {
    if (reply.type === 'end') ended.resolve(reply.code)
    else if (reply.type === 'error') ended.reject(errorOf(reply.error))
    else context[reply.type](reply.line)
  })
  worker.on('error', (error) =>
    ended.reject(isMemoryError(error) ? new MemoryExhaustedError(error) : error),
  )
  worker.on('exit', (code) => ended.reject(new Error(`the thread ended with code ${code}`)))
  stopped.addEventListener('abort', stop)
  if (stopped.aborted) stop()
  try {
    return await ended.promise
  } finally {
    clearTimeout(timer)
    stopped.removeEventListener('abort', stop)
    await worker.terminate()
  }
}

function isMemoryError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
}

/** A thread that was asked to stop was ended in the middle of its work. */
export class ThreadStoppedError extends FatalError {
  constructor() {
    super('RUN_ABORTED', 'expected the run to end, found it stopped in the middle')
  }
}

/** The input takes more memory than a thread may have. */
export class MemoryExhaustedError extends FatalError {
  constructor(cause: unknown) {
    super('MEMORY_EXHAUSTED', 'expected the input to fit the memory, found it too large', {
      cause,
      hint: 'Edges of any size: foggara graph build --edges FILE --out FOLDER, then foggara score --graph FOLDER',
    })
  }
}
