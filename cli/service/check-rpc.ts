import { openRpc } from '@foggara/ingest'
import { FatalError, RetryableError } from '@foggara/schema'

/** Calls one JSON-RPC method. */
export async function callRpc(
  rpcUrl: string,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  const closing = new AbortController()
  const sleep = () => Promise.resolve()
  const { signal } = closing
  const rpc = openRpc({ url: rpcUrl, sleep, signal, timeoutMs: 10_000, attemptsMax: 1 })
  try {
    return await rpc.call(method, params)
  } catch (cause) {
    throw new RpcUnreachableError(rpcUrl, reasonOf(cause), cause)
  } finally {
    closing.abort()
  }
}

/**
 * Checks that a chain answers and is the expected one.
 *
 * @throws {RpcUnreachableError | RpcWrongChainError}
 */
export async function checkChainId(rpcUrl: string, expected: number): Promise<void> {
  const found = Number(await callRpc(rpcUrl, 'eth_chainId', []))
  if (found !== expected) throw new RpcWrongChainError(rpcUrl, expected, found)
}

/** An RPC URL without what may be secret in it. */
export function shownUrl(rpcUrl: string): string {
  const url = URL.parse(rpcUrl)
  if (url === null) return 'a malformed URL'
  return url.pathname === '/' ? url.origin : `${url.origin}/…`
}

/** What stands after `found` in the message of an error. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'no answer'
  return cause.message.split('found ').slice(1).join('found ') || cause.message
}

/** The RPC endpoint does not answer. */
export class RpcUnreachableError extends RetryableError {
  constructor(rpcUrl: string, found: string, cause?: unknown) {
    super('RPC_UNREACHABLE', `expected ${shownUrl(rpcUrl)} to answer, found ${found}`, {
      cause,
      hint: 'Check the URL and that the node runs, then start again.',
    })
  }
}

/** The RPC endpoint serves another chain. */
export class RpcWrongChainError extends FatalError {
  constructor(rpcUrl: string, expected: number, found: number) {
    super(
      'RPC_WRONG_CHAIN',
      `expected chain ${expected} at ${shownUrl(rpcUrl)}, found chain ${found}`,
      { hint: 'Set FOGGARA_RPC_URL and FOGGARA_DEPLOYMENT to the same chain.' },
    )
  }
}
