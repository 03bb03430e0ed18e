import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { CONTRACT_NAMES, EMPTY_ACCUMULATOR, type Hex } from '@foggara/schema'
import { encodeAbiParameters } from 'viem'

import type { Random } from './random.ts'
import {
  FOREIGN_TOPIC,
  type RpcLog,
  type SimulatedBlock,
  type SimulatedChain,
} from './simulated-chain.ts'

/** What a node can do wrong; each has been seen of real providers. */
export const FAULTS = [
  'drop-log',
  'drop-last-log',
  'no-logs',
  'double-log',
  'removed-log',
  'other-fork-log',
  'null-block',
  'stale-head',
  'http-500',
  'rate-limit',
  'range-too-large',
  'hang-up',
  'cut-answer',
  'no-answer-to-one',
  'answer-out-of-order',
] as const
export type Fault = (typeof FAULTS)[number]

/** A JSON-RPC server over a simulated chain. */
export type SimulatedNode = AsyncDisposable & {
  readonly url: string
  /** The fault of the next request, if any. */
  nextFault: () => Fault | undefined
  /** How far the newest block that it admits lies behind the chain's. */
  lagBlocks: number
  /** How many blocks back it still has the state of, for calls. */
  stateBlocks: number
  readonly requestCount: () => number
}

/** Starts a node on a free port of 127.0.0.1. */
export async function startSimulatedNode(
  chain: SimulatedChain,
  random: Random,
): Promise<SimulatedNode> {
  let requests = 0
  const server = createServer((request, response) => {
    requests += 1
    void answer(chain, random, node, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const node: SimulatedNode = {
    url: `http://127.0.0.1:${port}`,
    nextFault: () => undefined,
    lagBlocks: 0,
    stateBlocks: Number.POSITIVE_INFINITY,
    requestCount: () => requests,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
  return node
}

type Call = {
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}

async function answer(
  chain: SimulatedChain,
  random: Random,
  node: SimulatedNode,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Call | readonly Call[]
  const calls = Array.isArray(body) ? (body as readonly Call[]) : [body as Call]
  const fault = node.nextFault()
  if (fault === 'hang-up') {
    request.socket.destroy()
    return
  }
  if (fault === 'http-500') {
    response.writeHead(502).end('bad gateway')
    return
  }
  const { stateBlocks } = node
  const lagBlocks = fault === 'stale-head' ? 3 : node.lagBlocks
  const view = { chain, random, fault, lagBlocks, stateBlocks }
  let answers = calls.map((call) => ({ jsonrpc: '2.0', id: call.id, ...resultOf(view, call) }))
  if (fault === 'no-answer-to-one') answers = answers.slice(1)
  if (fault === 'answer-out-of-order') answers = answers.toReversed()
  const text = JSON.stringify(Array.isArray(body) ? answers : (answers[0] ?? null))
  response.setHeader('content-type', 'application/json')
  response.end(fault === 'cut-answer' ? text.slice(0, text.length / 2) : text)
}

type View = {
  readonly chain: SimulatedChain
  readonly random: Random
  readonly fault: Fault | undefined
  readonly lagBlocks: number
  readonly stateBlocks: number
}

function resultOf(view: View, { method, params }: Call): object {
  if (view.fault === 'rate-limit') {
    return {
      error: { code: -32005, message: 'daily request count exceeded, request rate limited' },
    }
  }
  switch (method) {
    case 'eth_chainId':
      return { result: `0x${view.chain.deployment.chainId.toString(16)}` }
    case 'eth_getBlockByNumber':
      if (view.fault === 'null-block' && view.random.oneIn(3)) return { result: null }
      return { result: blockAt(view, String(params[0]))?.header ?? null }
    case 'eth_getLogs':
      return logsOf(view, params[0] as LogFilter)
    case 'eth_call':
      return callOf(view, params)
    default:
      return { error: { code: -32601, message: `method ${method} not found` } }
  }
}

function blockAt({ chain, lagBlocks }: View, tag: string): SimulatedBlock | undefined {
  const blocks = chain.blocks()
  const newest = Math.max(0, blocks.length - 1 - lagBlocks)
  if (tag === 'latest') return blocks[newest]
  if (tag === 'finalized') return blocks[Math.max(0, newest - 40)]
  const number = Number(tag)
  return number > newest ? undefined : blocks[number]
}

type LogFilter = {
  readonly address: readonly Hex[]
  readonly fromBlock?: Hex
  readonly toBlock?: Hex
  readonly blockHash?: Hex
}

function logsOf(view: View, filter: LogFilter): object {
  if (view.fault === 'range-too-large') {
    return { error: { code: -32000, message: 'block range is too large, max is 5 blocks' } }
  }
  const { blockHash } = filter
  if (blockHash !== undefined) {
    const block = view.chain.blocks().find(({ hash }) => hash === blockHash)
    if (block === undefined) return { error: { code: -32000, message: 'unknown block' } }
    return { result: distorted(view, [...block.logs]) }
  }
  const newest = view.chain.blocks().length - 1 - view.lagBlocks
  const from = Number(filter.fromBlock)
  const to = Math.min(Number(filter.toBlock), newest)
  const logs = view.chain
    .blocks()
    .slice(from, to + 1)
    .flatMap((block) => block.logs)
  return { result: distorted(view, logs) }
}

/**
 * Only events of the ABI get lost: nothing but a proof against the receipts root could show that
 * another log of a contract is missing.
 */
function distorted({ fault, random }: View, logs: RpcLog[]): readonly RpcLog[] {
  const counted = logs.filter((log) => !String(log['topics']).startsWith(FOREIGN_TOPIC))
  if (counted.length === 0) return logs
  const one = random.pick(counted)
  const at = logs.indexOf(one)
  if (fault === 'drop-log') return logs.toSpliced(at, 1)
  if (fault === 'drop-last-log') return logs.filter((log) => log !== counted.at(-1))
  if (fault === 'no-logs') return []
  if (fault === 'double-log') return [...logs, one]
  if (fault === 'removed-log') return logs.with(at, { ...one, removed: true })
  if (fault === 'other-fork-log') return logs.with(at, { ...one, blockHash: random.bytes(32) })
  return logs
}

function callOf({ chain, stateBlocks }: View, [call, at]: readonly unknown[]): object {
  const { to } = call as { readonly to: Hex }
  const { blockHash } = at as { readonly blockHash: Hex }
  const contract = CONTRACT_NAMES.find((name) => chain.deployment.contracts[name] === to)
  const block = chain.byHash(blockHash)
  if (contract === undefined) return { result: '0x' }
  if (block === undefined) return { error: { code: -32000, message: 'unknown block' } }
  if (block.number + stateBlocks < chain.blocks().length) {
    return { error: { code: -32000, message: 'missing trie node 5f…' } }
  }
  const { sequence, hash } = block.accumulators.get(contract) ?? EMPTY_ACCUMULATOR
  return {
    result: encodeAbiParameters([{ type: 'uint64' }, { type: 'bytes32' }], [sequence, hash]),
  }
}
