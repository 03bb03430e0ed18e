import { FatalError, type FoggaraError, RetryableError } from '@foggara/schema'

/** A URL as messages may show it: credentials, path and query often hold keys. */
export function redactUrl(text: string): string {
  if (!URL.canParse(text)) return '(no URL)'
  const url = new URL(text)
  return `${url.protocol}//${url.host}${url.pathname === '/' && url.search === '' ? '' : '/…'}`
}

/** The error of an HTTP status that is no success. */
export function httpError(shownUrl: string, status: number, text: string): FoggaraError {
  if (status === 401 || status === 403) {
    return new FatalError('RPC_REFUSED', `${shownUrl}: expected an answer, found HTTP ${status}`, {
      hint: 'Check the key of the RPC endpoint.',
    })
  }
  if (status === 429) return new RpcRateLimitedError(shownUrl)
  if (status === 413 || RANGE_TOO_LARGE.test(text)) return new RpcRangeTooLargeError(shownUrl)
  return new RpcUnreachableError(shownUrl, `HTTP ${status}`)
}

/** The error of a JSON-RPC error object. */
export function callError(shownUrl: string, method: string, error: unknown): FoggaraError {
  const text = JSON.stringify(error)
  if (LACKING.test(text)) return new RpcCallFailedError(shownUrl, method, messageOf(error))
  if (RANGE_TOO_LARGE.test(text)) return new RpcRangeTooLargeError(shownUrl)
  if (RATE_LIMITED.test(text)) return new RpcRateLimitedError(shownUrl)
  return new RpcCallFailedError(shownUrl, method, messageOf(error))
}

/** The node does not have, or no longer has, what was asked for: a smaller range would not help. */
const LACKING =
  /beyond current head|header not found|unknown block|height is not available|invalid block height|last accepted block|unfinalized data|pruned history|missing trie node|no backend/iu
/** What providers say when a range holds too many blocks, or too many logs. */
const RANGE_TOO_LARGE = new RegExp(
  [
    String.raw`\brange\b[^.]*(?:too (?:large|wide|big)|exceed|greater|bigger|limit|allowed|max|should work)`,
    String.raw`(?:limited to|up to|exceeds?|max(?:imum)?:?|over|please reduce)\b[^.]*\bra(?:nge|nges)\b`,
    String.raw`ranges over \d+|blocks distance|too many (?:blocks|results|logs)`,
    String.raw`more than \d+ (?:results|logs)|max results|exceeds limit of \d+|narrow your filter`,
    String.raw`response (?:size|is|too)[^.]*(?:exceed|too (?:big|large)|large)|exceeded max limit`,
    String.raw`limit the query to|query must be smaller|requested blocks|maximum allowed is`,
  ].join('|'),
  'iu',
)
const RATE_LIMITED =
  /rate.?limit|too many requests|capacity|throttl|compute units|upgrade your|quota|request (?:count|limit)|limit exceeded|-32005/iu

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

/** The endpoint asks for fewer calls. */
export class RpcRateLimitedError extends RetryableError {
  constructor(shownUrl: string) {
    super('RPC_RATE_LIMITED', `${shownUrl}: expected an answer, found a rate limit`)
  }
}

/** The endpoint does not answer for so many blocks or logs at once: ask for fewer. */
export class RpcRangeTooLargeError extends RetryableError {
  constructor(shownUrl: string) {
    super('RPC_RANGE_TOO_LARGE', `${shownUrl}: expected logs, found a limit of the range`)
  }
}

/** The node answered a call with an error. */
export class RpcCallFailedError extends RetryableError {
  constructor(shownUrl: string, method: string, text: string) {
    super('RPC_CALL_FAILED', `${shownUrl}: expected a result of ${method}, found ${text}`)
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

/** The node left out logs that the contracts themselves have counted. */
export class RpcLogsIncompleteError extends RetryableError {
  constructor(shownUrl: string, contract: string, expected: string, found: string) {
    super('RPC_LOGS_INCOMPLETE', `${shownUrl}: ${contract}: expected ${expected}, found ${found}`, {
      hint: 'Nothing was committed. If it persists, use another RPC provider.',
    })
  }
}
