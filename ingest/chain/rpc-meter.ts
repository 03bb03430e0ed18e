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
}

/** Counts what a provider is asked for. */
export type RpcMeter = {
  readonly noteCalls: (calls: readonly RpcCall[]) => void
  readonly noteAnswer: (sentBytes: number, receivedBytes: number) => void
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
  const usage = { requests: 0, calls: 0, sentBytes: 0, receivedBytes: 0, units: 0 }
  return {
    noteCalls: (calls) => {
      usage.calls += calls.length
      for (const { method } of calls) usage.units += ALCHEMY[method] ?? ALCHEMY_DEFAULT
    },
    noteAnswer: (sentBytes, receivedBytes) => {
      usage.requests += 1
      usage.sentBytes += sentBytes
      usage.receivedBytes += receivedBytes
    },
    usage: () => ({ ...usage, units: isAlchemy ? usage.units : null }),
  }
}
