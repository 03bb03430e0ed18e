import { FatalError, RetryableError } from '@foggara/schema'

/** Calls one JSON-RPC method. */
export async function callRpc(
  rpcUrl: string,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  let body: unknown
  try {
    const response = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(10_000),
    })
    if (!response.ok) throw new RpcUnreachableError(rpcUrl, `HTTP ${response.status}`)
    body = await response.json()
  } catch (cause) {
    if (cause instanceof RpcUnreachableError) throw cause
    throw new RpcUnreachableError(rpcUrl, reasonOf(cause), cause)
  }
  if (typeof body === 'object' && body !== null && 'result' in body) return body.result
  throw new RpcUnreachableError(rpcUrl, JSON.stringify(body)?.slice(0, 120) ?? 'nothing')
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

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'no answer'
  const inner = cause.cause
  if (inner instanceof Error) return 'code' in inner ? String(inner.code) : inner.message
  return cause.name === 'TimeoutError' ? 'no answer in 10 s' : cause.message
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
