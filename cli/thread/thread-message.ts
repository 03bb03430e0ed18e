import { FatalError, FoggaraError, RetryableError } from '@foggara/schema'

import { UsageError } from '../arguments.ts'

/** An error as plain data: what a thread cannot send is its class. */
export type SentError = {
  readonly kind: 'usage' | 'fatal' | 'retryable' | 'defect'
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly stack: string | undefined
}

/** What an error says, to be sent to another thread. */
export function describeError(error: unknown): SentError {
  const stack = error instanceof Error ? error.stack : undefined
  if (!(error instanceof FoggaraError)) {
    const message = error instanceof Error ? error.message : String(error)
    return { kind: 'defect', code: '', message, hint: undefined, stack }
  }
  const { code, message, hint } = error
  const kind = error.retryable ? 'retryable' : error instanceof UsageError ? 'usage' : 'fatal'
  return { kind, code, message, hint, stack }
}

/** The error that another thread described: with its code, and the stack from there. */
export function errorOf(sent: SentError): Error {
  const error = created(sent)
  if (sent.stack !== undefined) error.stack = sent.stack
  return error
}

function created({ kind, code, message, hint }: SentError): Error {
  const options = hint === undefined ? {} : { hint }
  switch (kind) {
    case 'usage':
      return new UsageError(code, message, options)
    case 'fatal':
      return new FatalError(code, message, options)
    case 'retryable':
      return new RetryableError(code, message, options)
    case 'defect':
      return new Error(message)
  }
}
