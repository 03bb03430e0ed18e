import { createHash } from 'node:crypto'

import type { FoggaraError } from '@foggara/schema'

import { decodeQuantity } from './block.ts'
import { type StoredLimits, createRangeLimits } from './fetch-range-limits.ts'
import type { LogSource } from './fetch-range-logs.ts'
import { type HeaderReport, openHeaderCheck } from './header-check.ts'
import {
  RpcHeaderWrongError,
  RpcInconsistentError,
  RpcLogsIncompleteError,
  RpcResponseInvalidError,
  RpcWrongChainError,
  redactUrl,
} from './rpc-errors.ts'
import { type RpcUsage, createRpcMeter } from './rpc-meter.ts'
import { createRpcPace } from './rpc-pace.ts'
import { type Reputation, type ReputationSummary, createReputation } from './rpc-reputation.ts'
import { type RpcOptions, openRpc } from './rpc.ts'

/** What is known about a provider: shown to people, and stored for the next start. */
export type ProviderReport = ReputationSummary & {
  /** Its address without credentials, with a short hash of the whole that tells keys apart. */
  readonly id: string
  readonly headBlock: number
  readonly callsPerSecond: number | null
  readonly usage: RpcUsage
  readonly limits: StoredLimits
  readonly headers: HeaderReport
}

/** One RPC endpoint with its pace, its limits, its cost and its reputation. */
export type Provider = LogSource &
  Reputation & {
    readonly id: string
    readonly headBlock: () => number
    readonly noteHead: (block: number) => void
    /** Checks once that it serves the chain. Raises `RPC_WRONG_CHAIN`. */
    readonly checkChain: () => Promise<void>
    readonly report: () => ProviderReport
  }

/** What a provider is opened with. */
export type ProviderOptions = Omit<RpcOptions, 'gate' | 'batchCallsMax'> & {
  readonly chainId: number
  readonly nowMs: () => number
  /** Requests of one range that are under way together; 4 by default. */
  readonly requestsAtOnce?: number
  /** What an earlier run learned. */
  readonly limits?: StoredLimits | undefined
  /** Resolves when there is memory for another answer. */
  readonly room?: (() => Promise<void>) | undefined
}

const REQUESTS_AT_ONCE = 4

/** The name of an endpoint in reports: it shows no key, and two keys of one host differ. */
export function providerId(url: string): string {
  return `${redactUrl(url)} #${createHash('sha256').update(url).digest('hex').slice(0, 6)}`
}

/** Opens an endpoint and begins to learn about it. */
export function openProvider(options: ProviderOptions): Provider {
  const { nowMs } = options
  const meter = createRpcMeter(options.url)
  const pace = createRpcPace(nowMs, options.sleep)
  const reputation = createReputation(nowMs, pace)
  const rpc = openRpc({
    ...options,
    gate: {
      enter: async (calls) => {
        await options.room?.()
        const startMs = nowMs()
        await pace.enter(calls.length)
        meter.noteWait(nowMs() - startMs)
        meter.noteCalls(calls)
      },
      note: (sentBytes, receivedBytes, retryAfterMs) => {
        reputation.noteRetryAfter(retryAfterMs)
        meter.noteAnswer(sentBytes, receivedBytes)
      },
      leave: meter.noteOver,
      fail: meter.noteError,
    },
  })
  const limits = createRangeLimits(options.limits)
  const headers = openHeaderCheck(options.chainId)
  const id = providerId(options.url)
  let headBlock = -1
  let isChecked = false
  return {
    ...rpc,
    ...reputation,
    id,
    limits,
    headers,
    requestsAtOnce: options.requestsAtOnce ?? REQUESTS_AT_ONCE,
    headBlock: () => headBlock,
    noteHead: (block) => {
      headBlock = block
    },
    checkChain: async () => {
      if (isChecked) return
      const found = decodeQuantity(await rpc.call('eth_chainId', []), rpc.shownUrl)
      if (found !== options.chainId) {
        throw new RpcWrongChainError(rpc.shownUrl, options.chainId, found)
      }
      isChecked = true
    },
    report: () => ({
      id,
      ...reputation.summary(),
      headBlock,
      callsPerSecond: pace.callsPerSecond() ?? null,
      usage: meter.usage(),
      limits: limits.stored(),
      headers: headers.report(),
    }),
  }
}

/** Answers that do not fit together: a lie, or the chain moved meanwhile. */
export function isDoubt(error: FoggaraError): boolean {
  return (
    error instanceof RpcInconsistentError ||
    error instanceof RpcHeaderWrongError ||
    error instanceof RpcLogsIncompleteError ||
    error instanceof RpcResponseInvalidError
  )
}
