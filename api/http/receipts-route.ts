import { FoggaraError } from '@foggara/schema'
import type { FastifyInstance } from 'fastify'

/** What became of a receipt that somebody sent. */
export type ReceiptOutcome = {
  /**
   * accepted: stored now. duplicate: the very same receipt was stored before. refused: it does not
   * count, for the reason given. conflict: another receipt took its place (provider and nonce).
   */
  readonly status: 'accepted' | 'duplicate' | 'refused' | 'conflict'
  readonly digest?: string
  /** Why it was refused. */
  readonly code?: string
  readonly message?: string
}

/** Takes receipts that come over HTTP. */
export type ReceiptIntake = { readonly submit: (body: string) => Promise<ReceiptOutcome> }

const STATUS_CODES: Readonly<Record<ReceiptOutcome['status'], number>> = {
  accepted: 202,
  duplicate: 200,
  refused: 400,
  conflict: 409,
}

/** A receipt is at most 16 ids and a few numbers. */
const BODY_BYTES_MAX = 16_384

/** Serves `POST /receipts`: one signed receipt in JSON, answered in JSON. */
export function receiptsRoute(app: FastifyInstance, intake: ReceiptIntake): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'string', bodyLimit: BODY_BYTES_MAX },
      (_request, body, done) => done(null, body),
    )
    scope.post('/receipts', { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
      try {
        const outcome = await intake.submit(String(request.body))
        return await reply.code(STATUS_CODES[outcome.status]).send(outcome)
      } catch (error) {
        if (!(error instanceof FoggaraError)) throw error
        const { code, message, retryable } = error
        const outcome = { status: 'refused', code, message } satisfies ReceiptOutcome
        return reply.code(retryable ? 503 : STATUS_CODES.refused).send(outcome)
      }
    })
  })
}
