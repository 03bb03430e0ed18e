import { Worker } from 'node:worker_threads'

import { type Deployment, RetryableError } from '@foggara/schema'

import type { Refused } from '../parse-receipt.ts'
import type { Stamp } from './encode-block.ts'
import type { VerifiedBatch } from './verify-batch.ts'
import type { VerifiedReceipt } from './verify-text.ts'
import type { VerifyJob, VerifyReply } from './verify-thread.ts'

/** Threads that decode, hash and recover, so that signatures never hold up an answer. */
export type VerifyPool = {
  /** One result per text, in order. Raises `VERIFIER_LOST` when a thread ends. */
  readonly verifyTexts: (
    texts: readonly Uint8Array[],
  ) => Promise<readonly (VerifiedReceipt | Refused)[]>
  /** As {@link VerifyPool.verifyTexts}, for one signed batch. */
  readonly verifyBatch: (bytes: Uint8Array, stamp: Stamp) => Promise<VerifiedBatch | Refused>
}

/** Texts of one job: enough to pay for the messages, few enough to share them out. */
const TEXTS_PER_JOB = 32

/** Prepares a pool; its threads start with the first job and never keep the process alive. */
export function openVerifyPool(deployment: Deployment, threadCount: number): VerifyPool {
  const threads = Array.from({ length: threadCount }, () => new VerifyThread(deployment))
  const run = (job: VerifyJob): Promise<VerifyReply> => {
    const [idlest] = threads.toSorted((one, other) => one.jobCount - other.jobCount)
    return idlest === undefined ? Promise.reject(new VerifierLostError('none')) : idlest.run(job)
  }
  return {
    verifyTexts: async (texts) => {
      const starts = Array.from(
        { length: Math.ceil(texts.length / TEXTS_PER_JOB) },
        (_, index) => index * TEXTS_PER_JOB,
      )
      const replies = await Promise.all(
        starts.map((start) =>
          run({ type: 'texts', texts: texts.slice(start, start + TEXTS_PER_JOB) }),
        ),
      )
      return replies.flatMap((reply) => (reply.type === 'texts' ? reply.items : []))
    },
    verifyBatch: async (bytes, stamp) => {
      const reply = await run({ type: 'batch', bytes, stamp })
      if (reply.type !== 'batch') throw new VerifierLostError('an answer to another job')
      return reply.item
    },
  }
}

class VerifyThread {
  readonly #deployment: Deployment
  #worker: Worker | undefined
  #pending: PromiseWithResolvers<VerifyReply>[] = []

  constructor(deployment: Deployment) {
    this.#deployment = deployment
  }

  get jobCount(): number {
    return this.#pending.length
  }

  run(job: VerifyJob): Promise<VerifyReply> {
    this.#worker ??= this.#start()
    const answer = Promise.withResolvers<VerifyReply>()
    this.#pending.push(answer)
    this.#worker.ref()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    this.#worker.postMessage(job)
    return answer.promise
  }

  #start(): Worker {
    const worker = new Worker(new URL('./verify-thread.ts', import.meta.url), {
      workerData: this.#deployment,
    })
    worker.on('message', (reply: VerifyReply) => {
      this.#pending.shift()?.resolve(reply)
      if (this.#pending.length === 0) worker.unref()
    })
    worker.on('error', (error: unknown) => this.#lose(worker, String(error)))
    worker.on('exit', (code) => this.#lose(worker, `code ${code}`))
    return worker
  }

  #lose(worker: Worker, cause: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    const lost = this.#pending
    this.#pending = []
    for (const { reject } of lost) reject(new VerifierLostError(cause))
  }
}

/** A thread that verified signatures ended; nothing of its receipts was stored. */
export class VerifierLostError extends RetryableError {
  constructor(found: string) {
    super('VERIFIER_LOST', `expected a thread to verify signatures, found ${found}`, {
      hint: 'Send the receipts again in a moment.',
    })
  }
}
