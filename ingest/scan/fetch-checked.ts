import { FoggaraError, type Hex } from '@foggara/schema'

import { type Header, decodeHeader, quantity } from '../chain/block.ts'
import {
  RpcInconsistentError,
  RpcRangeTooLargeError,
  RpcResponseInvalidError,
  callError,
} from '../chain/rpc-errors.ts'
import type { Rpc, RpcCall } from '../chain/rpc.ts'
import type { Surroundings } from '../surroundings.ts'
import { checkLogs } from './check-logs.ts'
import type { CheckedRange } from './log-batch.ts'
import { type Answer, type LogScanner, type ScannedBody } from './log-scanner.ts'
import { AnswerMalformedError } from './malformed.ts'
import type { SourceMatcher } from './source-matcher.ts'

/** What fetching works with. */
export type FetchContext = {
  readonly rpc: Rpc
  readonly scanner: LogScanner
  readonly matcher: SourceMatcher
  readonly surroundings: Surroundings
}

/** How often a failure of the surroundings is met before it is raised. */
const ATTEMPTS_MAX = 4
const RETRY_MS_MIN = 100

/**
 * Fetches the blocks `from` to `to` with the logs of all sources in one request, hence from one node,
 * and checks them against each other. A range that is too large for the node comes in halves.
 *
 * @throws {RpcInconsistentError} and what an endpoint raises.
 */
export async function fetchChecked(
  context: FetchContext,
  from: number,
  to: number,
): Promise<readonly CheckedRange[]> {
  const { sleep, signal } = context.surroundings
  for (let attempt = 1; ; attempt += 1) {
    try {
      return [await fetchOnce(context, from, to)]
    } catch (error) {
      if (!(error instanceof FoggaraError) || !error.retryable || signal.aborted) throw error
      const isLimit = error instanceof RpcRangeTooLargeError || error.code === 'RPC_CALL_FAILED'
      if (isLimit && to > from) {
        const middle = Math.floor((from + to) / 2)
        const lower = await fetchChecked(context, from, middle)
        return [...lower, ...(await fetchChecked(context, middle + 1, to))]
      }
      if (attempt >= ATTEMPTS_MAX) throw error
      await sleep(RETRY_MS_MIN * 4 ** (attempt - 1))
    }
  }
}

/** Checks that headers follow each other by parent hash, from `parentHash` on if it is given. */
export function checkParents(
  shownUrl: string,
  headers: readonly Header[],
  parentHash: Hex | undefined,
): void {
  let expected = parentHash
  for (const { block, hash, parentHash: found } of headers) {
    if (expected !== undefined && found !== expected) {
      throw new RpcInconsistentError(
        shownUrl,
        `block ${block} to follow ${expected}`,
        `parent ${found}`,
      )
    }
    expected = hash
  }
}

async function fetchOnce(context: FetchContext, from: number, to: number): Promise<CheckedRange> {
  const { rpc, matcher } = context
  const place = { fromBlock: quantity(from), toBlock: quantity(to) }
  const logCalls = matcher.filters.map((filter): RpcCall => {
    return { method: 'eth_getLogs', params: [{ ...filter, ...place }] }
  })
  const headerCalls = Array.from({ length: to - from + 1 }, (_, index): RpcCall => {
    return { method: 'eth_getBlockByNumber', params: [quantity(to - index), false] }
  })
  const calls = [...logCalls, ...headerCalls]
  const { logs, answers } = scan(context, await rpc.exchange(calls), calls)
  const results = calls.map(({ method }, call) => resultOf(rpc, method, answers.get(call)))
  const headers = results
    .slice(logCalls.length)
    .toReversed()
    .map((result, index) => headerAt(rpc, result, from + index))
  checkParents(rpc.shownUrl, headers, undefined)
  return { headers, logs: checkLogs(rpc.shownUrl, matcher, headers, logs) }
}

function scan(
  { rpc, scanner, matcher }: FetchContext,
  body: Uint8Array,
  calls: readonly RpcCall[],
): ScannedBody {
  try {
    const scanned = scanner.readHeaders([body], calls.length, matcher.filters.length)
    const whole = scanned.answers.get(NO_CALL)?.error
    if (whole !== undefined) throw callError(rpc.shownUrl, 'eth_getLogs', JSON.parse(whole))
    return scanned
  } catch (error) {
    if (!(error instanceof AnswerMalformedError)) throw error
    throw new RpcResponseInvalidError(rpc.shownUrl, error.expected, error.found, error)
  }
}

/** The number of an answer to the request as a whole. */
const NO_CALL = 0xffff_ffff

function resultOf(rpc: Rpc, method: string, answer: Answer | undefined): unknown {
  if (answer?.error !== undefined) throw callError(rpc.shownUrl, method, JSON.parse(answer.error))
  const result = answer?.logs ?? answer?.header
  if (result !== undefined) return result
  if (answer?.result !== undefined && answer.result !== 'null') return JSON.parse(answer.result)
  throw new RpcInconsistentError(rpc.shownUrl, `an answer to ${method}`, 'a node that lacks it')
}

function headerAt(rpc: Rpc, result: unknown, block: number): Header {
  const header = decodeHeader(result, rpc.shownUrl)
  if (header?.block === block) return header
  throw new RpcResponseInvalidError(rpc.shownUrl, `block ${block}`, `block ${header?.block}`)
}
