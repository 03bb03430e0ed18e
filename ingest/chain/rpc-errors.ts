import { FatalError, type FoggaraError, type Hex, RetryableError } from '@foggara/schema'

import { type RpcVerdict, verdictOf } from './rpc-verdict.ts'

/** A URL as messages may show it: credentials, path and query often hold keys. */
export function redactUrl(text: string): string {
  if (!URL.canParse(text)) return '(no URL)'
  const url = new URL(text)
  return `${url.protocol}//${url.host}${url.pathname === '/' && url.search === '' ? '' : '/…'}`
}

/** The error of an HTTP status that is no success. */
export function httpError(shownUrl: string, status: number, text: string): FoggaraError {
  const verdict = verdictOf({ status, error: jsonErrorOf(text), text })
  if (verdict.type === 'refused') {
    return new RpcKeyRefusedError(shownUrl, `HTTP ${status}`)
  }
  const known = errorOfVerdict(shownUrl, verdict)
  return known ?? new RpcUnreachableError(shownUrl, `HTTP ${status}`)
}

/** The error of a JSON-RPC error object. */
export function callError(shownUrl: string, method: string, error: unknown): FoggaraError {
  const verdict = verdictOf({ error })
  const text = messageOf(error)
  if (verdict.type === 'refused') return new RpcKeyRefusedError(shownUrl, text)
  return (
    errorOfVerdict(shownUrl, verdict) ?? new RpcCallFailedError(shownUrl, method, text, verdict)
  )
}

function errorOfVerdict(shownUrl: string, verdict: RpcVerdict): FoggaraError | undefined {
  const { type } = verdict
  if (type === 'rate-limited' || type === 'quota-used-up') {
    return new RpcRateLimitedError(shownUrl, type)
  }
  if (type === 'too-many-calls') return new RpcBatchTooLargeError(shownUrl, verdict.limit)
  const isRange =
    type === 'too-many-blocks' || type === 'too-many-logs' || type === 'too-many-filters'
  return isRange ? new RpcRangeTooLargeError(shownUrl, verdict) : undefined
}

/** Errors of a status often carry a JSON-RPC error all the same. */
function jsonErrorOf(text: string): unknown {
  try {
    const answer: unknown = JSON.parse(text)
    const first: unknown = Array.isArray(answer) ? answer[0] : answer
    return typeof first === 'object' && first !== null && 'error' in first ? first.error : undefined
  } catch {
    return undefined
  }
}

function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) {
    return String(error.message).slice(0, 200)
  }
  return JSON.stringify(error).slice(0, 200)
}

/** The endpoint does not answer. */
export class RpcUnreachableError extends RetryableError {
  constructor(shownUrl: string, cause: unknown) {
    const found = typeof cause === 'string' ? cause : networkReason(cause)
    super('RPC_UNREACHABLE', `${shownUrl}: expected an answer, found ${found}`, {
      cause,
      hint: 'Check that the chain runs and that FOGGARA_RPC_URL or the config names it.',
    })
  }
}

function networkReason(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return 'a broken connection'
}

/** The endpoint asks for fewer calls, or for money. */
export class RpcRateLimitedError extends RetryableError {
  readonly limit: 'rate-limited' | 'quota-used-up'

  constructor(shownUrl: string, limit: 'rate-limited' | 'quota-used-up') {
    const found = limit === 'rate-limited' ? 'a rate limit' : 'a quota that is used up'
    super('RPC_RATE_LIMITED', `${shownUrl}: expected an answer, found ${found}`)
    this.limit = limit
  }
}

/** What of a request was too much. */
export type RangeVerdict = Extract<
  RpcVerdict,
  { readonly type: 'too-many-blocks' | 'too-many-logs' | 'too-many-filters' }
>

/** The endpoint does not answer for so many blocks, logs or addresses at once: ask for fewer. */
export class RpcRangeTooLargeError extends RetryableError {
  readonly verdict: RangeVerdict

  constructor(shownUrl: string, verdict: RangeVerdict) {
    super('RPC_RANGE_TOO_LARGE', `${shownUrl}: expected logs, found a limit of the range`)
    this.verdict = verdict
  }
}

/** The endpoint takes fewer calls in one request only. */
export class RpcBatchTooLargeError extends RetryableError {
  readonly callsMax: number | undefined

  constructor(shownUrl: string, callsMax: number | undefined) {
    super('RPC_BATCH_TOO_LARGE', `${shownUrl}: expected answers, found a limit of the batch`)
    this.callsMax = callsMax
  }
}

/** The node answered a call with an error. */
export class RpcCallFailedError extends RetryableError {
  readonly verdict: RpcVerdict

  constructor(shownUrl: string, method: string, text: string, verdict: RpcVerdict) {
    super('RPC_CALL_FAILED', `${shownUrl}: expected a result of ${method}, found ${text}`)
    this.verdict = verdict
  }
}

/** The endpoint does not take the key, or the key may not do this. */
export class RpcKeyRefusedError extends FatalError {
  constructor(shownUrl: string, found: string) {
    super('RPC_REFUSED', `${shownUrl}: expected an answer, found ${found}`, {
      hint: 'Check the key of the RPC endpoint.',
    })
  }
}

/** The answer is no JSON-RPC, or a result does not have the documented shape. */
export class RpcResponseInvalidError extends RetryableError {
  constructor(shownUrl: string, expected: string, found: string, cause?: unknown) {
    super('RPC_RESPONSE_INVALID', `${shownUrl}: expected ${expected}, found ${found}`, { cause })
  }
}

/** The configured address is no HTTP URL. */
export class RpcRefusedError extends FatalError {
  constructor(text: string) {
    super('RPC_URL_INVALID', `expected an http or https URL of a chain, found ${redactUrl(text)}`)
  }
}

/** The node serves another chain than the deployment is on. */
export class RpcWrongChainError extends FatalError {
  constructor(shownUrl: string, expected: number, found: number) {
    super('RPC_WRONG_CHAIN', `${shownUrl}: expected chain id ${expected}, found ${found}`, {
      hint: 'Point the config at the chain the contracts are deployed on.',
    })
  }
}

/** The node's answers contradict each other: blocks, logs or bloom filters do not agree. */
export class RpcInconsistentError extends RetryableError {
  constructor(shownUrl: string, expected: string, found: string) {
    super('RPC_INCONSISTENT', `${shownUrl}: expected ${expected}, found ${found}`, {
      hint: 'A load balancer may mix nodes, or the chain was reorganised meanwhile.',
    })
  }
}

/** The node has thrown the blocks away that are asked for, or their logs. */
export class RpcHistoryMissingError extends RetryableError {
  constructor(shownUrl: string, fromBlock: number, cause: FoggaraError) {
    super(
      'RPC_HISTORY_MISSING',
      `${shownUrl}: expected logs from block ${fromBlock} on, found ${cause.message.slice(0, 200)}`,
      { cause, hint: 'Add an RPC provider that keeps history, or index from a later block on.' },
    )
  }
}

/** A header does not hash to the hash that it says: one of its fields is made up, or lost. */
export class RpcHeaderWrongError extends RetryableError {
  constructor(shownUrl: string, block: number, said: Hex, found: Hex | undefined) {
    const hashed = found ?? 'a header that lacks a field'
    super(
      'RPC_HEADER_WRONG',
      `${shownUrl}: expected block ${block} to hash to ${said}, found ${hashed}`,
      { hint: 'Nothing was stored. If it persists, use another RPC provider.' },
    )
  }
}

/** The node lacks a block that another request has shown: it lags behind. */
export class RpcBlockMissingError extends RetryableError {
  constructor(shownUrl: string, block: number) {
    super('RPC_BLOCK_MISSING', `${shownUrl}: expected block ${block}, found none`, {
      hint: 'A load balancer may mix nodes, or the chain was reorganised meanwhile.',
    })
  }
}

/** The node left out logs that the contracts themselves have counted. */
export class RpcLogsIncompleteError extends RetryableError {
  constructor(shownUrl: string, contract: string, expected: string, found: string) {
    super('RPC_LOGS_INCOMPLETE', `${shownUrl}: ${contract}: expected ${expected}, found ${found}`, {
      hint: 'Nothing was committed. If it persists, use another RPC provider.',
    })
  }
}
