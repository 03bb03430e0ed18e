import { FoggaraError } from '@foggara/schema'

import { readRpcAnswers } from './rpc-answers.ts'
import {
  RpcBatchTooLargeError,
  RpcResponseInvalidError,
  RpcUnreachableError,
  callError,
  httpError,
  redactUrl,
} from './rpc-errors.ts'
import { ANSWER_BYTES_MAX, AnswerTooLargeError, postJson } from './rpc-http.ts'
import { type RpcSocket, isSocketUrl, openRpcSocket } from './rpc-socket.ts'

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
  /** Waits for a turn and is told how each HTTP request went: rates and costs are counted there. */
  readonly gate?: RpcGate
}

/** What stands between calls and the wire. */
export type RpcGate = {
  /** Resolves when these calls may be sent. */
  readonly enter: (calls: readonly RpcCall[]) => Promise<void>
  /** Hears of each answered request. */
  readonly note: (sentBytes: number, receivedBytes: number, retryAfterMs?: number) => void
  /** Hears when a request that entered is over, however it went. */
  readonly leave: () => void
  /** Hears of each error, be it of a request or of one of its calls. */
  readonly fail: (error: FoggaraError) => void
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
  /** The body of the answer to one request, for readers of bytes; one attempt, any number. */
  readonly exchange: (calls: readonly RpcCall[]) => Promise<Uint8Array>
  /** A pause that ends when the node tells of a new block; absent where it cannot. */
  readonly untilHead?: ((pauseMs: number) => Promise<void>) | undefined
}

/** A call's result, or the error object that the node answered with. */
export type RpcOutcome =
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'error'; readonly error: FoggaraError }

const RETRY_MS_MIN = 100

/**
 * Opens a JSON-RPC endpoint over HTTP, or over one WebSocket that `signal` closes.
 *
 * Failures of the surroundings are met a few times with growing pauses, and a batch that is too large
 * for the endpoint is sent in smaller ones from then on. Raises `RPC_UNREACHABLE`,
 * `RPC_RATE_LIMITED`, `RPC_REFUSED`, `RPC_RESPONSE_INVALID`, `RPC_RANGE_TOO_LARGE` and
 * `RPC_CALL_FAILED`; no message holds a path, a query or a password of the URL.
 */
export function openRpc(given: RpcOptions): Rpc {
  const socket = isSocketUrl(given.url) ? openRpcSocket(given.url, given.signal) : undefined
  const options: Endpoint = { ...given, socket }
  let batchCallsMax = options.batchCallsMax ?? 100
  const batchSettled = async (calls: readonly RpcCall[]): Promise<readonly RpcOutcome[]> => {
    const outcomes: RpcOutcome[] = []
    for (let start = 0; start < calls.length;) {
      const part = calls.slice(start, start + batchCallsMax)
      try {
        for (const outcome of await send(options, part)) outcomes.push(outcome)
        start += part.length
      } catch (error) {
        if (!(error instanceof RpcBatchTooLargeError) || part.length < 2) throw error
        batchCallsMax = Math.max(1, Math.min(error.callsMax ?? part.length, part.length >> 1))
      }
    }
    return outcomes
  }
  const batch = async (calls: readonly RpcCall[]): Promise<readonly unknown[]> =>
    (await batchSettled(calls)).map(resultOf)
  return {
    shownUrl: redactUrl(options.url),
    batch,
    batchSettled,
    exchange: (calls) => exchange(options, calls),
    ...(socket === undefined
      ? {}
      : { untilHead: (pauseMs: number) => socket.untilHead(pauseMs, given.sleep) }),
    call: async (method, params) => (await batch([{ method, params }]))[0],
  }
}

type Endpoint = RpcOptions & { readonly socket: RpcSocket | undefined }

/** The result of a call, or its error raised. */
export function resultOf(outcome: RpcOutcome): unknown {
  if (outcome.type === 'error') throw outcome.error
  return outcome.result
}

async function send(options: Endpoint, calls: readonly RpcCall[]): Promise<readonly RpcOutcome[]> {
  const attemptsMax = options.attemptsMax ?? 3
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendOnce(options, calls)
    } catch (error) {
      const retryable = error instanceof FoggaraError && error.retryable
      const mayPass = retryable && !(error instanceof RpcBatchTooLargeError)
      if (!mayPass || attempt >= attemptsMax || options.signal.aborted) throw error
      await options.sleep(RETRY_MS_MIN * 4 ** (attempt - 1))
    }
  }
}

async function sendOnce(
  options: Endpoint,
  calls: readonly RpcCall[],
): Promise<readonly RpcOutcome[]> {
  const body = await exchange(options, calls)
  const shownUrl = redactUrl(options.url)
  const methods = calls.map(({ method }) => method)
  const { byCall, wholeError } = readRpcAnswers(shownUrl, body, methods)
  if (wholeError !== undefined && calls.length > 1) {
    throw noted(options, callError(shownUrl, methods[0] ?? 'batch', wholeError))
  }
  return calls.map(({ method }, call) => {
    const answer = byCall.get(call)
    if (answer?.error !== undefined) {
      const raised = noted(options, callError(shownUrl, method, answer.error))
      // Some answer a batch that is too large call by call.
      if (raised instanceof RpcBatchTooLargeError && calls.length > 1) throw raised
      return { type: 'error', error: raised }
    }
    if (answer === undefined || !('result' in answer)) {
      throw new RpcResponseInvalidError(shownUrl, `an answer to ${method} (${call})`, 'none')
    }
    return { type: 'result', result: answer.result }
  })
}

/** Numbers the calls from 0, so that answers are found whatever their order. */
async function exchange(options: Endpoint, calls: readonly RpcCall[]): Promise<Uint8Array> {
  const requests = calls.map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params }))
  await options.gate?.enter(calls)
  try {
    const body = JSON.stringify(requests.length === 1 ? requests[0] : requests)
    return await post(options, calls, body)
  } catch (error) {
    if (error instanceof FoggaraError && !options.signal.aborted) noted(options, error)
    throw error
  } finally {
    options.gate?.leave()
  }
}

function noted({ gate }: RpcOptions, error: FoggaraError): FoggaraError {
  gate?.fail(error)
  return error
}

async function post(
  options: Endpoint,
  calls: readonly RpcCall[],
  body: string,
): Promise<Uint8Array> {
  const shownUrl = redactUrl(options.url)
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 20_000)
  try {
    const signal = AbortSignal.any([timeout, options.signal])
    const sent = options.socket?.exchange(calls, signal) ?? postJson(options.url, body, signal)
    const { status, bytes, retryAfterMs } = await sent
    options.gate?.note(body.length, bytes.length, retryAfterMs)
    if (status >= 200 && status < 300) return bytes
    throw httpError(shownUrl, status, Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    if (error instanceof FoggaraError) throw error
    if (error instanceof AnswerTooLargeError) {
      const expected = `an answer of at most ${ANSWER_BYTES_MAX} bytes`
      throw new RpcResponseInvalidError(shownUrl, expected, 'a larger one')
    }
    throw new RpcUnreachableError(shownUrl, timeout.aborted ? 'no answer in time' : error)
  }
}
