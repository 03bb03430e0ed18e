import { FatalError, RetryableError } from '@foggara/schema'

/** One JSON-RPC call: its method and parameters. */
export type RpcCall = readonly [method: string, parameters: readonly unknown[]]

/** A JSON-RPC endpoint over HTTP. */
export type Rpc = {
  readonly url: string
  /** Makes one call; raises {@link RpcRefusedError} or {@link RpcUnreachableError}. */
  request(method: string, ...parameters: readonly unknown[]): Promise<unknown>
  /** Makes several calls in one HTTP request; the answers come in the order of the calls. */
  batch(calls: readonly RpcCall[]): Promise<readonly unknown[]>
}

/** Opens a JSON-RPC endpoint; nothing is sent before the first call. */
export function openRpc(url: string): Rpc {
  return {
    url,
    async request(method, ...parameters) {
      const [answer] = await post(url, [[method, parameters]])
      return answer
    },
    batch: (calls) => (calls.length === 0 ? Promise.resolve([]) : post(url, calls)),
  }
}

type Answer = {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly message: string; readonly data?: unknown }
}

async function post(url: string, calls: readonly RpcCall[]): Promise<readonly unknown[]> {
  const body = calls.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }))
  let answers: readonly Answer[]
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    answers = (await response.json()) as readonly Answer[]
  } catch (cause) {
    throw new RpcUnreachableError(url, cause)
  }
  const byId = new Map(answers.map((answer) => [answer.id, answer]))
  return calls.map(([method], id) => {
    const answer = byId.get(id)
    if (answer?.error !== undefined) {
      throw new RpcRefusedError(method, answer.error.message, answer.error.data)
    }
    return answer?.result
  })
}

/** The node does not answer. */
export class RpcUnreachableError extends RetryableError {
  constructor(url: string, cause: unknown) {
    super('DEVNET_UNREACHABLE', `expected a JSON-RPC node at ${url}, found none`, { cause })
  }
}

/** The node answered a call with an error; `data` is what a reverted call returned. */
export class RpcRefusedError extends FatalError {
  readonly data: unknown

  constructor(method: string, message: string, data: unknown) {
    super('DEVNET_RPC_REFUSED', `${method}: ${message}`)
    this.data = data
  }
}
