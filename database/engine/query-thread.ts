import { Worker } from 'node:worker_threads'

import { ClickHouseException } from './exception.ts'
import type { Counts, FromThread, Job, ThreadSetup, ToThread } from './thread-messages.ts'

/** One thread that runs one statement at a time, so that nothing native blocks the event loop. */
export type QueryThread = {
  /**
   * Runs a job and yields its answer block by block; the next block is computed when it is asked
   * for. Returning early stops the job. Raises {@link ClickHouseException}.
   */
  readonly run: (job: Job) => AsyncGenerator<Uint8Array, Counts, void>
}

/**
 * Starts a query thread.
 *
 * Planning a query runs its scalar subqueries synchronously, for seconds if they are large; on the
 * main thread that would stop every other answer and every cancellation.
 */
export function startQueryThread(setup: ThreadSetup): QueryThread {
  const worker = new Worker(new URL('./query-thread.worker.ts', import.meta.url), {
    workerData: setup,
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  })
  const inbox = new Inbox()
  worker.on('message', (message: FromThread) => inbox.put(message))
  // Raised again on the main thread: the process ends and its supervisor starts it afresh.
  worker.on('error', (error) => {
    throw error
  })
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  const send = (message: ToThread): void => worker.postMessage(message)
  return { run: (job) => runJob(job, inbox, send) }
}

async function* runJob(
  job: Job,
  inbox: Inbox,
  send: (message: ToThread) => void,
): AsyncGenerator<Uint8Array, Counts, void> {
  send({ type: 'run', job })
  let waiting = false
  let running = true
  try {
    while (true) {
      const message = await inbox.take()
      waiting = message.type === 'block' && job.streamed
      running = message.type === 'block'
      if (message.type === 'failed') throw ClickHouseException.parse(message.text)
      if (message.type === 'done') return message.counts
      yield message.bytes
      if (waiting) send({ type: 'more' })
      waiting = false
    }
  } finally {
    if (waiting) send({ type: 'stop' })
    // The thread is free again only after its last message.
    while (running) running = (await inbox.take()).type === 'block'
  }
}

class Inbox {
  readonly #messages: FromThread[] = []
  #wake: (() => void) | undefined

  put(message: FromThread): void {
    this.#messages.push(message)
    this.#wake?.()
  }

  async take(): Promise<FromThread> {
    while (true) {
      const message = this.#messages.shift()
      if (message !== undefined) return message
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
