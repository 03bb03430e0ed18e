import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32 } from 'node:zlib'

import { ERROR_CORPUS } from './error-corpus.ts'
import type { Fault } from './faults.ts'
import { type Random, openRandom } from './random.ts'
import { type Call, type NodeLimits, type View, answerCall } from './simulated-answers.ts'
import type { RpcLog, SimulatedBlock, SimulatedChain } from './simulated-chain.ts'
import { type ServerSocket, acceptSockets } from './socket-server.ts'

/** A JSON-RPC server over a simulated chain, with what it gets wrong. */
export type SimulatedNode = AsyncDisposable & {
  readonly url: string
  /**
   * The fault of a request, if any. `chance` depends on the seed and on the request alone, so that a
   * run repeats itself whatever arrives first.
   */
  nextFault: (chance: Random) => Fault | undefined
  /** How far the newest block that it admits lies behind the chain's. */
  lagBlocks: number
  /** How far the newest block that it calls final lies behind the newest. */
  finalityDepth: number
  limits: NodeLimits
  /** The logs that its index lost: no `eth_getLogs` ever shows them. */
  losesLog: (log: RpcLog) => boolean
  /** Changes every answer to `eth_getLogs`, as a test likes. */
  alterLogs: (logs: readonly RpcLog[]) => readonly RpcLog[]
  /** The blocks that it serves instead of the chain's: a node that is stuck, or on a fork. */
  ownBlocks: readonly SimulatedBlock[] | undefined
  readonly requestCount: () => number
  /** How often each method was called. */
  readonly calls: Map<string, number>
  /** The same over a WebSocket. */
  readonly socketUrl: string
  /** Tells everybody who subscribed to `newHeads` of the newest block. */
  readonly announceHead: () => void
  /** Breaks every WebSocket. */
  readonly breakSockets: () => void
}

/**
 * Starts a node on a free port of 127.0.0.1, to try an indexer against what providers do: lag, lies,
 * truncation, rate limits, errors as they really are worded, reorganisations and broken connections.
 * With the same seed and the same requests it answers the same.
 *
 * @example
 * const random = openRandom(7)
 * const chain = createSimulatedChain(random)
 * await using node = await startSimulatedNode(chain, random)
 * node.nextFault = (chance) => (chance.oneIn(4) ? chance.pick(FAULTS) : undefined)
 * chain.mine(100)
 */
export async function startSimulatedNode(
  chain: SimulatedChain,
  random: Random,
): Promise<SimulatedNode> {
  let requests = 0
  const seed = random.below(2 ** 32)
  const timesAsked = new Map<string, number>()
  const chanceOf = (body: string): Random => {
    const times = timesAsked.get(body) ?? 0
    timesAsked.set(body, times + 1)
    return openRandom(seed ^ crc32(body, times))
  }
  const server = createServer((request, response) => {
    requests += 1
    void answer(chain, node, chanceOf, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const subscribers = new Set<ServerSocket>()
  const sockets = acceptSockets(server, (text, socket) => {
    requests += 1
    const { id, method } = JSON.parse(text) as Call
    if (method !== 'eth_subscribe') return answerSocket(chain, node, chanceOf, text, socket)
    subscribers.add(socket)
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: '0x1' }))
  })
  const { port } = server.address() as AddressInfo
  const node: SimulatedNode = {
    url: `http://127.0.0.1:${port}`,
    socketUrl: `ws://127.0.0.1:${port}`,
    announceHead: () => {
      const result = chain.blocks().at(-1)?.header
      const params = { subscription: '0x1', result }
      const text = JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params })
      for (const socket of subscribers) if (sockets.has(socket)) socket.send(text)
    },
    breakSockets: () => {
      for (const socket of sockets) socket.destroy()
    },
    nextFault: () => undefined,
    lagBlocks: 0,
    finalityDepth: 40,
    limits: {},
    losesLog: () => false,
    alterLogs: (logs) => logs,
    calls: new Map(),
    ownBlocks: undefined,
    requestCount: () => requests,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
  return node
}

async function answer(
  chain: SimulatedChain,
  node: SimulatedNode,
  chanceOf: (body: string) => Random,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const sent = Buffer.concat(chunks).toString('utf8')
  const body = JSON.parse(sent) as Call | readonly Call[]
  const calls = Array.isArray(body) ? (body as readonly Call[]) : [body as Call]
  const random = chanceOf(sent)
  const fault = node.nextFault(random)
  if (fault === 'hang-up') {
    request.socket.destroy()
    return
  }
  if (fault === 'http-500') {
    response.writeHead(502).end('bad gateway')
    return
  }
  count(node, calls)
  const { status, text } = bodyOf(viewOf(chain, random, node, fault), calls, Array.isArray(body))
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(fault === 'cut-answer' ? text.slice(0, text.length / 2) : text)
}

/** Faults of a connection break it; the others are in the answers. */
function answerSocket(
  chain: SimulatedChain,
  node: SimulatedNode,
  chanceOf: (body: string) => Random,
  text: string,
  socket: ServerSocket,
): void {
  const random = chanceOf(text)
  const fault = node.nextFault(random)
  if (fault === 'hang-up' || fault === 'http-500' || fault === 'cut-answer') {
    socket.destroy()
    return
  }
  const call = JSON.parse(text) as Call
  count(node, [call])
  socket.send(bodyOf(viewOf(chain, random, node, fault), [call], false).text)
}

function count({ calls }: SimulatedNode, made: readonly Call[]): void {
  for (const { method } of made) calls.set(method, (calls.get(method) ?? 0) + 1)
}

function viewOf(
  chain: SimulatedChain,
  random: Random,
  node: SimulatedNode,
  fault: Fault | undefined,
): View {
  return {
    chain,
    random,
    fault,
    blocks: node.ownBlocks ?? chain.blocks(),
    lagBlocks: fault === 'stale-head' ? 3 : node.lagBlocks,
    finalityDepth: node.finalityDepth,
    limits: node.limits,
    losesLog: node.losesLog,
    alterLogs: node.alterLogs,
  }
}

function bodyOf(
  view: View,
  calls: readonly Call[],
  isBatch: boolean,
): { readonly status: number; readonly text: string } {
  const { random, fault, limits } = view
  const all = (members: object): string => {
    const answers = calls.map(({ id }) => ({ jsonrpc: '2.0', id, ...members }))
    return JSON.stringify(isBatch ? answers : answers[0])
  }
  if (fault === 'corpus-error') {
    const { status = 200, error } = random.pick(ERROR_CORPUS)
    return { status, text: error === undefined ? 'refused' : all({ error }) }
  }
  if (calls.length > (limits.callsMax ?? Number.POSITIVE_INFINITY)) {
    const message = `Batch of more than ${limits.callsMax} requests are not allowed on free tier`
    return { status: 200, text: JSON.stringify({ jsonrpc: '2.0', error: { code: 31, message } }) }
  }
  let answers = calls.map((call) => ({ jsonrpc: '2.0', id: call.id, ...answerCall(view, call) }))
  if (fault === 'no-answer-to-one') answers = answers.slice(1)
  if (fault === 'answer-out-of-order') answers = answers.toReversed()
  return { status: 200, text: JSON.stringify(isBatch ? answers : (answers[0] ?? null)) }
}
