import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Hex } from '@foggara/schema'

import type { RpcLog, SimulatedChain } from '../../simulation/simulated-chain.ts'

/** A node that takes every filter at its word; tests make it lie. */
export type LogNode = AsyncDisposable & {
  readonly url: string
  /** Changes what it answers to `eth_getLogs`. */
  alter: (logs: readonly RpcLog[]) => readonly RpcLog[]
  /** Most blocks of one `eth_getLogs`. */
  rangeMax: number
  /** Blocks behind the newest that are not final. */
  finalityDepth: number
  /** How often each method was called. */
  readonly calls: Map<string, number>
}

/** Starts a node over a simulated chain on a free port of 127.0.0.1. */
export async function startLogNode(chain: SimulatedChain): Promise<LogNode> {
  const server = createServer((request, response) => {
    void serve(node, chain, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const node: LogNode = {
    url: `http://127.0.0.1:${port}`,
    alter: (logs) => logs,
    rangeMax: Number.POSITIVE_INFINITY,
    finalityDepth: 0,
    calls: new Map(),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
  return node
}

type Call = { readonly id: number; readonly method: string; readonly params: readonly unknown[] }

type Filter = {
  readonly address?: readonly Hex[]
  readonly topics?: readonly (readonly Hex[])[]
  readonly fromBlock?: Hex
  readonly toBlock?: Hex
  readonly blockHash?: Hex
}

async function serve(
  node: LogNode,
  chain: SimulatedChain,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Call | readonly Call[]
  const answers = [body].flat().map((call) => ({ id: call.id, ...answer(node, chain, call) }))
  response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
}

function answer(node: LogNode, chain: SimulatedChain, { method, params }: Call): object {
  node.calls.set(method, (node.calls.get(method) ?? 0) + 1)
  const blocks = chain.blocks()
  if (method === 'eth_chainId') return { result: `0x${chain.deployment.chainId.toString(16)}` }
  if (method === 'eth_getBlockByNumber') {
    const newest = blocks.length - 1
    const tags: Readonly<Record<string, number>> = {
      latest: newest,
      finalized: newest - node.finalityDepth,
    }
    return { result: blocks[tags[String(params[0])] ?? Number(params[0])]?.header ?? null }
  }
  const filter = params[0] as Filter
  const found = blocks.find(({ hash }) => hash === filter.blockHash)
  if (filter.blockHash !== undefined && found === undefined) {
    return { error: { code: -32000, message: 'unknown block' } }
  }
  const [from, to] = [
    Number(found?.number ?? filter.fromBlock),
    Number(found?.number ?? filter.toBlock),
  ]
  if (to - from >= node.rangeMax) {
    return { error: { code: -32000, message: `block range is too large, max is ${node.rangeMax}` } }
  }
  const logs = blocks.slice(from, to + 1).flatMap((block) => block.logs)
  return { result: node.alter(logs.filter((log) => passes(filter, log))) }
}

function passes(filter: Filter, log: Readonly<Record<string, unknown>>): boolean {
  const address = log['address'] as Hex
  const [first] = log['topics'] as readonly Hex[]
  const wanted = filter.topics?.[0]
  const isTopic = wanted === undefined || (first !== undefined && wanted.includes(first))
  return isTopic && (filter.address === undefined || filter.address.includes(address))
}
