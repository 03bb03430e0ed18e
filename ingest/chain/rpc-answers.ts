import type { LogColumns } from '../scan/log-columns.ts'
import { type Answer, type LogScanner, openLogScanner } from '../scan/log-scanner.ts'
import { AnswerMalformedError } from '../scan/malformed.ts'
import { scannedLogs } from '../scan/scanned-logs.ts'
import { RpcResponseInvalidError } from './rpc-errors.ts'

/** One JSON-RPC answer; `result` is absent where the node gave none, `error` where it gave none or null. */
export type RpcAnswer = { readonly result?: unknown; readonly error?: unknown }

/** The answers of one HTTP body. */
export type RpcAnswers = {
  /** By the number of the call. */
  readonly byCall: ReadonlyMap<unknown, RpcAnswer>
  /** The error of an answer to all calls together. */
  readonly wholeError: unknown
}

/**
 * Reads a body. Where the first calls ask for logs, their results are read by the scanner and are
 * {@link scannedLogs}, and blocks that are asked for with them are their headers only; everything else
 * is JSON.
 *
 * @throws {RpcResponseInvalidError}
 */
export function readRpcAnswers(
  shownUrl: string,
  body: Uint8Array,
  methods: readonly string[],
): RpcAnswers {
  const other = methods.findIndex((method) => method !== 'eth_getLogs')
  const logCallCount = other === -1 ? methods.length : other
  if (logCallCount === 0) return readJson(shownUrl, body)
  scanner ??= openLogScanner()
  try {
    const isHeaders = methods.slice(logCallCount).every((each) => each === 'eth_getBlockByNumber')
    const read = isHeaders ? scanner.readHeaders : scanner.read
    const { logs, answers } = read([body], methods.length + 1, logCallCount)
    const wholeError = parsed(answers.get(NO_CALL)?.error)
    const byCall = new Map<unknown, RpcAnswer>()
    for (const [call, answer] of answers) {
      const error = answer.error === undefined ? {} : { error: parsed(answer.error) }
      byCall.set(call, { ...resultOf(logs, answer), ...error })
    }
    return { byCall, wholeError }
  } catch (error) {
    if (!(error instanceof AnswerMalformedError)) throw error
    throw new RpcResponseInvalidError(shownUrl, error.expected, error.found, error)
  }
}

function resultOf(logs: LogColumns, answer: Answer): RpcAnswer {
  if (answer.logs !== undefined) return { result: scannedLogs(logs, ...answer.logs) }
  if (answer.header !== undefined) return { result: answer.header }
  return answer.result === undefined ? {} : { result: parsed(answer.result) }
}

/** The number of an answer whose id is none of ours. */
const NO_CALL = 0xffff_ffff

/** Its memory is as large as the largest body it read. */
let scanner: LogScanner | undefined

function readJson(shownUrl: string, body: Uint8Array): RpcAnswers {
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8')
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (error) {
    throw new RpcResponseInvalidError(shownUrl, 'JSON', text.slice(0, 60), error)
  }
  const answers: readonly unknown[] = Array.isArray(answer) ? answer : [answer]
  return {
    byCall: new Map(answers.map((item) => [idOf(item), answerOf(item)])),
    wholeError: Array.isArray(answer) ? undefined : answerOf(answer).error,
  }
}

function answerOf(item: unknown): RpcAnswer {
  if (typeof item !== 'object' || item === null) return {}
  return {
    ...('result' in item ? { result: item.result } : {}),
    ...('error' in item && item.error !== null ? { error: item.error } : {}),
  }
}

function idOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text)
}
