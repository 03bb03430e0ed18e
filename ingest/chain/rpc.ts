import { FoggaraError } from '@foggara/schema'

import {
  RpcRefusedError,
  RpcResponseInvalidError,
  RpcUnreachableError,
  callError,
  httpError,
  redactUrl,
} from './rpc-errors.ts'

/** One JSON-RPC call. */
export type RpcCall = { readonly method: string; readonly params: readonly unknown[] }

/** How to reach a chain. */
export type RpcOptions = {
  readonly url: string
  readonly sleep: (durationMs: number) => Promise<void>
  readonly signal: AbortSignal
  /** Longest wait for one HTTP answer; 20,000 by default. */
  readonly timeoutMs?: number
  /** Most calls in one HTTP request; 100 by default. */
  readonly batchCallsMax?: number
  /** How often a failure of the surroundings is met before it is raised; 3 by default. */
  readonly attemptsMax?: number
}

/** A JSON-RPC endpoint. Results are unchecked JSON: each caller decodes what it asked for. */
export type Rpc = {
  /** The endpoint without credentials, for messages. */
  readonly shownUrl: string
  readonly call: (method: string, params: readonly unknown[]) => Promise<unknown>
  /**
   * Sends calls together and returns their results in order. Raises the first call's error; see
   * {@link batchSettled} for answers one by one.
   */
  readonly batch: (calls: readonly RpcCall[]) => Promise<readonly unknown[]>
  /** As `batch`, but a call that the node answers with an error yields that error. */
  readonly batchSettled: (calls: readonly RpcCall[]) => Promise<readonly RpcOutcome[]>
}

/** A call's result, or the error object that the node answered with. */
export type RpcOutcome =
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'error'; readonly error: FoggaraError }

/** The largest answer that is read. Unit: bytes. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024
const RETRY_MS_MIN = 100

/**
 * Opens a JSON-RPC endpoint over HTTP.
 *
 * Failures of the surroundings are met a few times with growing pauses. Raises `RPC_UNREACHABLE`,
 * `RPC_RATE_LIMITED`, `RPC_REFUSED`, `RPC_RESPONSE_INVALID`, `RPC_RANGE_TOO_LARGE` and
 * `RPC_CALL_FAILED`; no message holds a path, a query or a password of the URL.
 */
export function openRpc(options: RpcOptions): Rpc {
  const batchCallsMax = options.batchCallsMax ?? 100
  const batchSettled = async (calls: readonly RpcCall[]): Promise<readonly RpcOutcome[]> => {
    const outcomes: RpcOutcome[] = []
    for (let start = 0; start < calls.length; start += batchCallsMax) {
      const part = await send(options, calls.slice(start, start + batchCallsMax))
      for (const outcome of part) outcomes.push(outcome)
    }
    return outcomes
  }
  const batch = async (calls: readonly RpcCall[]): Promise<readonly unknown[]> =>
    (await batchSettled(calls)).map(resultOf)
  return {
    shownUrl: redactUrl(options.url),
    batch,
    batchSettled,
    call: async (method, params) => (await batch([{ method, params }]))[0],
  }
}

function resultOf(outcome: RpcOutcome): unknown {
  if (outcome.type === 'error') throw outcome.error
  return outcome.result
}

async function send(
  options: RpcOptions,
  calls: readonly RpcCall[],
): Promise<readonly RpcOutcome[]> {
  const attemptsMax = options.attemptsMax ?? 3
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendOnce(options, calls)
    } catch (error) {
      const retryable = error instanceof FoggaraError && error.retryable
      if (!retryable || attempt >= attemptsMax || options.signal.aborted) throw error
      await options.sleep(RETRY_MS_MIN * 4 ** (attempt - 1))
    }
  }
}

async function sendOnce(
  options: RpcOptions,
  calls: readonly RpcCall[],
): Promise<readonly RpcOutcome[]> {
  const requests = calls.map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params }))
  const text = await post(options, JSON.stringify(requests.length === 1 ? requests[0] : requests))
  const shownUrl = redactUrl(options.url)
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (error) {
    throw new RpcResponseInvalidError(shownUrl, 'JSON', text.slice(0, 60), error)
  }
  const answers: readonly unknown[] = Array.isArray(answer) ? answer : [answer]
  if (!Array.isArray(answer) && requests.length > 1 && errorOf(answer) !== undefined) {
    throw callError(shownUrl, calls[0]?.method ?? 'batch', errorOf(answer))
  }
  const byId = new Map(answers.map((item) => [idOf(item), item]))
  return calls.map(({ method }, id) => {
    const item = byId.get(id)
    const error = errorOf(item)
    if (error !== undefined) return { type: 'error', error: callError(shownUrl, method, error) }
    if (typeof item !== 'object' || item === null || !('result' in item)) {
      throw new RpcResponseInvalidError(shownUrl, `an answer to ${method} (${id})`, 'none')
    }
    return { type: 'result', result: item.result }
  })
}

async function post(options: RpcOptions, body: string): Promise<string> {
  const shownUrl = redactUrl(options.url)
  const { url, headers } = splitCredentials(options.url)
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 20_000)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal: AbortSignal.any([timeout, options.signal]),
    })
    const text = await readBounded(response, shownUrl)
    if (response.ok) return text
    throw httpError(shownUrl, response.status, text)
  } catch (error) {
    if (error instanceof FoggaraError) throw error
    throw new RpcUnreachableError(shownUrl, timeout.aborted ? 'no answer in time' : error)
  }
}

async function readBounded(response: Response, shownUrl: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let byteLength = 0
  for await (const chunk of response.body ?? []) {
    const bytes: Uint8Array = chunk
    byteLength += bytes.length
    if (byteLength > ANSWER_BYTES_MAX) {
      const expected = `an answer of at most ${ANSWER_BYTES_MAX} bytes`
      throw new RpcResponseInvalidError(shownUrl, expected, 'a larger one')
    }
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** `fetch` refuses user and password inside a URL: they travel as a header. */
function splitCredentials(text: string): { url: string; headers: Record<string, string> } {
  if (!URL.canParse(text) || !/^https?:/u.test(text)) throw new RpcRefusedError(text)
  const url = new URL(text)
  if (url.username === '' && url.password === '') return { url: url.href, headers: {} }
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  url.username = ''
  url.password = ''
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  return { url: url.href, headers: { authorization } }
}

function idOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined
}

function errorOf(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || !('error' in item)) return undefined
  return item.error ?? undefined
}
