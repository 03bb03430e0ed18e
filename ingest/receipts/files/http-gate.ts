import { FatalError, type Hex, RetryableError } from '@foggara/schema'

import {
  type ReceiptTarget,
  type SentOutcome,
  postBatch,
  postLines,
} from '../../provider/post-receipts.ts'
import type { ReceiptOutcome } from '../intake.ts'
import type { ReceiptGate } from './receipt-gate.ts'

/** Lines of one body; a body takes 10 000 and 16 MiB. */
const LINES_MAX = 2_000
const BODY_BYTES_MAX = 8 * 1024 * 1024
/** Bodies under way at a time: one is verified while another is stored. */
const BODIES_MAX = 2

type Waiting = PromiseWithResolvers<ReceiptOutcome> & { readonly line: Uint8Array }

/** Hands receipts to a service that takes them over HTTP, many with each request. */
export function openHttpGate(target: ReceiptTarget): ReceiptGate {
  let waiting: Waiting[] = []
  let bodyCount = 0
  const send = async (): Promise<void> => {
    bodyCount += 1
    // What is submitted in the same turn goes together.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const group = waiting.slice(0, groupLength(waiting))
      waiting = waiting.slice(group.length)
      try {
        const outcomes = await postLines(
          target,
          group.map(({ line }) => line),
        )
        for (const [index, { resolve, reject }] of group.entries()) {
          const sent = outcomes[index]
          if (sent === undefined) reject(new AnswerIncompleteError(target.url))
          else resolve(outcomeOf(sent))
        }
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    bodyCount -= 1
  }
  return {
    accept: (line) => {
      const answer = Promise.withResolvers<ReceiptOutcome>()
      waiting.push({ ...answer, line })
      const isWorthABody = bodyCount === 0 || waiting.length >= LINES_MAX
      if (bodyCount < BODIES_MAX && isWorthABody) void send()
      return answer.promise
    },
    acceptBatch: async (bytes) => outcomeOf(await postBatch(target, bytes)),
    revisit: () => Promise.resolve(),
  }
}

function groupLength(waiting: readonly Waiting[]): number {
  let byteLength = 0
  for (const [index, { line }] of waiting.entries()) {
    byteLength += line.length + 1
    if (index >= LINES_MAX || (index > 0 && byteLength > BODY_BYTES_MAX)) return index
  }
  return waiting.length
}

const STATUSES = new Set(['accepted', 'late', 'duplicate', 'quarantined', 'rejected', 'retry'])

function outcomeOf({ status, code, message, digest }: SentOutcome): ReceiptOutcome {
  if (!STATUSES.has(status)) throw new NoReceiverError(JSON.stringify({ status, message }))
  if (status === 'retry') throw new RetryableError(code, message)
  return { status, code, message, digest: digest as Hex | undefined }
}

/** A service answered for fewer lines than it was sent. */
export class AnswerIncompleteError extends RetryableError {
  constructor(url: string) {
    super('RECEIPTS_NOT_TAKEN', `expected ${url} to answer for every line, found fewer outcomes`)
  }
}

/** What answers is no service that takes receipts. */
export class NoReceiverError extends FatalError {
  constructor(found: string) {
    super('RECEIPTS_NOT_TAKEN', `expected the outcome of a receipt, found ${found.slice(0, 200)}`, {
      hint: 'Give --to the address of POST /receipts of a running service.',
    })
  }
}
