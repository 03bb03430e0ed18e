import type { IncomingMessage } from 'node:http'

import { FoggaraError, type Rate, openRateLimit } from '@foggara/schema'
import type { FastifyInstance, FastifyReply } from 'fastify'

import { type BodyLimits, BodyRefusedError, readBody, readSharedBody } from './read-body.ts'
import { framesOf } from './receipt-frames.ts'
import { type BodyItem, LinesTooManyError, linesOf, submitItems } from './receipt-lines.ts'

/** What became of a receipt, or of a signed batch as a whole. */
export type ReceiptOutcome = {
  /**
   * accepted: stored now. late: so it is, and it counts in a later epoch than that of its usage.
   * duplicate: stored before. quarantined: kept until a fact that it names arrives. rejected: it never
   * counts, for the reason that the code names.
   */
  readonly status: 'accepted' | 'late' | 'duplicate' | 'quarantined' | 'rejected'
  readonly digest: string | undefined
  readonly code: string
  readonly message: string
}

/** Takes receipts that come over HTTP; raises a retryable error where nothing was stored. */
export type ReceiptIntake = {
  readonly accept: (text: Uint8Array) => Promise<ReceiptOutcome>
  readonly acceptBatch: (bytes: Uint8Array) => Promise<ReceiptOutcome>
}

/** How much a sender may send and how slowly; the defaults are in docs/receipts.md. */
export type ReceiptLimits = {
  /** By address, in bytes; every request counts as at least {@link REQUEST_BYTES_MIN}. */
  readonly rate: Rate
  readonly idleMsMax: number
  readonly totalMsMax: number
}

const LIMITS: ReceiptLimits = {
  rate: { burst: 256 * 1024 * 1024, perSecond: 64 * 1024 * 1024 },
  idleMsMax: 10_000,
  totalMsMax: 120_000,
}

/** What a request costs its sender even if it is empty: it has to be answered. */
const REQUEST_BYTES_MIN = 1_024
/** A receipt is at most 16 ids and a few numbers. */
const RECEIPT_BYTES_MAX = 16 * 1024
const LINES_BYTES_MAX = 16 * 1024 * 1024
const BATCH_BYTES_MAX = 4 * 1024 * 1024

const STATUS_CODES: Readonly<Record<ReceiptOutcome['status'], number>> = {
  accepted: 202,
  late: 202,
  quarantined: 202,
  duplicate: 200,
  rejected: 400,
}

/** Refusals that have a status of their own. */
const CODES: Readonly<Record<string, number>> = {
  NONCE_REUSED: 409,
  SEQUENCE_REUSED: 409,
  PREVIOUS_MISMATCH: 409,
  RECEIPT_TOO_LARGE: 413,
  BATCH_TOO_LARGE: 413,
}

/**
 * Serves `POST /receipts`: one signed receipt (`application/json`), a stream of them
 * (`application/x-ndjson`), a signed batch (`application/vnd.foggara.receipt-batch`) or several of them
 * (`application/vnd.foggara.receipt-batches`). An answer of 2xx comes when what it says is on disk.
 */
export function receiptsRoute(
  app: FastifyInstance,
  intake: ReceiptIntake,
  limits: ReceiptLimits = LIMITS,
): void {
  const rate = openRateLimit(limits.rate, () => performance.now())
  const { idleMsMax, totalMsMax } = limits
  const bodyLimits = (bytesMax: number): BodyLimits => ({ bytesMax, idleMsMax, totalMsMax })
  const single = async (body: IncomingMessage, reply: FastifyReply) => {
    const outcome = await intake.accept(await readBody(body, bodyLimits(RECEIPT_BYTES_MAX)))
    return reply.code(CODES[outcome.code] ?? STATUS_CODES[outcome.status]).send(outcome)
  }
  const batch = async (body: IncomingMessage, reply: FastifyReply) => {
    const limit = bodyLimits(BATCH_BYTES_MAX)
    const length = body.headers['content-length']
    const bytes = await (length === undefined
      ? readBody(body, limit)
      : readSharedBody(body, Number(length), limit))
    const outcome = await intake.acceptBatch(bytes)
    return reply.code(CODES[outcome.code] ?? STATUS_CODES[outcome.status]).send(outcome)
  }
  const several = async (
    body: IncomingMessage,
    reply: FastifyReply,
    items: AsyncIterable<readonly BodyItem[]>,
    accept: (bytes: Uint8Array) => Promise<ReceiptOutcome>,
  ) => {
    const { outcomes, failure } = await submitItems(items, accept)
    const about = failure === undefined ? [] : [{ line: 0, status: 'retry', ...textOf(failure) }]
    const text = [...outcomes, ...about].map((outcome) => `${JSON.stringify(outcome)}\n`).join('')
    const isWhole = outcomes.every(({ status }) => status !== 'rejected' && status !== 'retry')
    const status = failure === undefined ? (isWhole ? 202 : 207) : statusOf(failure)
    if (failure !== undefined) linger(body)
    return reply.code(status).type('application/x-ndjson').send(text)
  }
  const lines = (body: IncomingMessage, reply: FastifyReply) => {
    const items = linesOf(body, bodyLimits(LINES_BYTES_MAX), RECEIPT_BYTES_MAX)
    return several(body, reply, items, intake.accept)
  }
  const batches = (body: IncomingMessage, reply: FastifyReply) => {
    const items = framesOf(body, bodyLimits(LINES_BYTES_MAX), BATCH_BYTES_MAX)
    return several(body, reply, items, intake.acceptBatch)
  }
  const readers = {
    'application/json': { read: single, bytesMax: RECEIPT_BYTES_MAX },
    'application/x-ndjson': { read: lines, bytesMax: LINES_BYTES_MAX },
    'application/vnd.foggara.receipt-batch': { read: batch, bytesMax: BATCH_BYTES_MAX },
    'application/vnd.foggara.receipt-batches': { read: batches, bytesMax: LINES_BYTES_MAX },
  }
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    for (const type of Object.keys(readers)) {
      // The body stays a stream: how much of it is read is decided here.
      scope.addContentTypeParser(type, (_request, body, done) => done(null, body))
    }
    scope.post('/receipts', async (request, reply) => {
      const [type] = (request.headers['content-type'] ?? '').split(';')
      const { read, bytesMax } = readers[(type ?? '').trim().toLowerCase() as keyof typeof readers]
      // A sender that does not say how much it sends is taken to send as much as it may.
      const length = Number(request.headers['content-length'] ?? bytesMax)
      const waitSeconds = rate.take(
        request.ip,
        Math.min(bytesMax, Math.max(length, REQUEST_BYTES_MIN)),
      )
      if (waitSeconds > 0) return tooMany(request.raw, reply, waitSeconds)
      return answering(request.raw, reply, () => read(request.raw, reply))
    })
  })
}

/** Answers what is raised with its code. */
async function answering(
  body: IncomingMessage,
  reply: FastifyReply,
  answer: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await answer()
  } catch (error) {
    if (!(error instanceof FoggaraError)) throw error
    if (error.retryable) reply.header('retry-after', String(waitSecondsOf(error)))
    linger(body)
    return reply.code(statusOf(error)).send({ status: 'retry', ...textOf(error) })
  }
}

/** So long a sender may take to notice an answer that comes before the end of its body. */
const LINGER_MS = 2_000

/**
 * Throws away what still comes of a body, for a while: a connection that is closed on bytes that nobody
 * has read is reset, and the answer on it is lost.
 */
function linger(body: IncomingMessage): void {
  body.resume()
  setTimeout(() => {
    if (!body.complete) body.destroy()
  }, LINGER_MS).unref()
}

function tooMany(body: IncomingMessage, reply: FastifyReply, waitSeconds: number): FastifyReply {
  linger(body)
  const message = `expected less from one address, found more; come again in ${waitSeconds} s`
  reply.header('retry-after', String(waitSeconds))
  return reply.code(429).send({ status: 'retry', code: 'RATE_LIMITED', message })
}

function statusOf(error: FoggaraError): number {
  if (error instanceof BodyRefusedError) return error.status
  if (error instanceof LinesTooManyError) return 413
  if (error.code === 'KEY_RATE_LIMITED') return 429
  return error.retryable ? 503 : 400
}

function waitSecondsOf(error: FoggaraError): number {
  return 'waitSeconds' in error && typeof error.waitSeconds === 'number' ? error.waitSeconds : 1
}

function textOf({ code, message }: FoggaraError): {
  readonly code: string
  readonly message: string
} {
  return { code, message }
}
