import type { FoggaraError } from '@foggara/schema'

import {
  RpcBatchTooLargeError,
  RpcCallFailedError,
  RpcRangeTooLargeError,
  RpcRateLimitedError,
} from './rpc-errors.ts'
import type { RpcCall } from './rpc.ts'

/** What a provider was asked for since the start. */
export type RpcUsage = {
  readonly requests: number
  readonly calls: number
  readonly sentBytes: number
  /** After decompression. */
  readonly receivedBytes: number
  /** In the provider's own units, where its prices are known. */
  readonly units: number | null
  /** Requests that were sent and are not over. */
  readonly inFlight: number
  /** How often a request had to wait for its turn, and for how long in all. */
  readonly waits: number
  readonly waitedMs: number
  /** Errors by what they mean: a verdict, or the code where that says it. */
  readonly errors: Readonly<Record<string, number>>
}

/** Counts what a provider is asked for. */
export type RpcMeter = {
  readonly noteCalls: (calls: readonly RpcCall[]) => void
  readonly noteWait: (durationMs: number) => void
  readonly noteAnswer: (sentBytes: number, receivedBytes: number) => void
  readonly noteError: (error: FoggaraError) => void
  readonly noteOver: () => void
  readonly usage: () => RpcUsage
}

/** Compute units as Alchemy's documentation lists them; other methods rarely occur here. */
const ALCHEMY: Readonly<Record<string, number>> = {
  eth_chainId: 0,
  eth_getLogs: 75,
  eth_getBlockByNumber: 16,
  eth_getBlockByHash: 21,
  eth_getBlockReceipts: 500,
  eth_call: 26,
}
const ALCHEMY_DEFAULT = 20

/** Starts at zero for the provider at a URL. */
export function createRpcMeter(url: string): RpcMeter {
  const isAlchemy = URL.canParse(url) && /(?:^|\.)alchemy\.com$/u.test(new URL(url).hostname)
  const sent = { requests: 0, calls: 0, sentBytes: 0, receivedBytes: 0, units: 0 }
  const usage = { ...sent, inFlight: 0, waits: 0, waitedMs: 0 }
  const errors = new Map<string, number>()
  return {
    noteCalls: (calls) => {
      usage.inFlight += 1
      usage.calls += calls.length
      for (const { method } of calls) usage.units += ALCHEMY[method] ?? ALCHEMY_DEFAULT
    },
    noteAnswer: (sentBytes, receivedBytes) => {
      usage.requests += 1
      usage.sentBytes += sentBytes
      usage.receivedBytes += receivedBytes
    },
    noteWait: (durationMs) => {
      if (durationMs <= 0) return
      usage.waits += 1
      usage.waitedMs += durationMs
    },
    noteError: (error) => {
      const meaning = meaningOf(error)
      errors.set(meaning, (errors.get(meaning) ?? 0) + 1)
    },
    noteOver: () => {
      usage.inFlight -= 1
    },
    usage: () => ({
      ...usage,
      units: isAlchemy ? usage.units : null,
      errors: Object.fromEntries(errors),
    }),
  }
}

/** `RPC_UNREACHABLE` as `unreachable`, where nothing more is known. */
function meaningOf(error: FoggaraError): string {
  if (error instanceof RpcRateLimitedError) return error.limit
  if (error instanceof RpcBatchTooLargeError) return 'too-many-calls'
  const isJudged = error instanceof RpcRangeTooLargeError || error instanceof RpcCallFailedError
  if (isJudged) return error.verdict.type
  return error.code.replace(/^RPC_/u, '').replaceAll('_', '-').toLowerCase()
}
