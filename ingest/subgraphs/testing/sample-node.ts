import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { bytesToHex, keccak256, numberToHex, stringToBytes } from 'viem'

import type { ChainLog } from '../chain-source.ts'

/** What a node can do wrong; each has been seen of real providers. */
export const NODE_FAULTS = [
  'http-500',
  'hang-up',
  'cut-answer',
  'rate-limit',
  'range-too-large',
  'null-block',
  'stale-head',
  'other-fork-log',
  'double-log',
  'removed-log',
  'foreign-log',
] as const
export type NodeFault = (typeof NODE_FAULTS)[number]

/** A chain that exists in memory, and a JSON-RPC server over it. */
export type SampleNode = AsyncDisposable & {
  readonly url: string
  /** Adds a block for each list of logs. */
  readonly mine: (blocks: readonly (readonly ChainLog[])[]) => void
  /** Replaces the newest blocks. */
  readonly reorg: (depth: number, blocks: readonly (readonly ChainLog[])[]) => void
  readonly head: () => number
  readonly hashOf: (number: number) => string
  /** The fault of the next request, if any. */
  nextFault: () => NodeFault | undefined
  /** How calls are answered. */
  calls: 'right' | 'refuse' | 'lie'
  /** How many blocks behind the newest one count as final; undefined where the node says none. */
  finalityDepth: number | undefined
  /** How far the newest block that it admits lies behind the chain's. */
  lagBlocks: number
  /** How often each method was called. */
  readonly counts: Map<string, number>
}

type Block = { readonly header: Json; readonly logs: readonly Json[] }
type Json = Readonly<Record<string, unknown>>

const BLOCK_SECONDS = 12
const GENESIS_SECONDS = 1_700_000_000
const BALANCE_OF = keccak256(stringToBytes('balanceOf(address)')).slice(0, 10)

/** Starts a node on a free port of 127.0.0.1, with block 0 alone. */
export async function startSampleNode(): Promise<SampleNode> {
  let blocks: Block[] = []
  let salt = 0
  const mine = (lists: readonly (readonly ChainLog[])[]) => {
    for (const logs of lists) blocks.push(makeBlock(blocks.at(-1), logs, salt))
  }
  mine([[]])
  const server = createServer((request, response) => {
    answer(node, () => blocks, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const node: SampleNode = {
    url: `http://127.0.0.1:${port}`,
    mine,
    reorg: (depth, lists) => {
      blocks = blocks.slice(0, blocks.length - depth)
      salt += 1
      mine(lists)
    },
    head: () => blocks.length - 1,
    hashOf: (number) => String(blocks[number]?.header['hash']),
    nextFault: () => undefined,
    calls: 'right',
    finalityDepth: 20,
    lagBlocks: 0,
    counts: new Map(),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
  return node
}

function makeBlock(parent: Block | undefined, logs: readonly ChainLog[], salt: number): Block {
  const number = parent === undefined ? 0 : Number(parent.header['number']) + 1
  const parentHash = parent === undefined ? `0x${'00'.repeat(32)}` : String(parent.header['hash'])
  const hashOf = (what: string) => keccak256(stringToBytes(`${what} ${parentHash} ${salt}`))
  const content = logs.map(({ data }) => bytesToHex(data)).join()
  const hash = hashOf(`block ${number} ${content}`)
  const place = { blockNumber: numberToHex(number), blockHash: hash }
  const transaction = {
    hash: hashOf('transaction'),
    transactionIndex: '0x0',
    from: numberToHex(1, { size: 20 }),
    to: numberToHex(2, { size: 20 }),
    value: '0x3',
    gas: '0x5208',
    gasPrice: '0x1',
    input: '0x',
    nonce: numberToHex(number),
  }
  const header = {
    number: place.blockNumber,
    hash,
    parentHash,
    sha3Uncles: hashOf('uncles'),
    miner: numberToHex(9, { size: 20 }),
    stateRoot: hashOf('state'),
    transactionsRoot: hashOf('transactions'),
    receiptsRoot: hashOf('receipts'),
    gasUsed: '0x5208',
    gasLimit: '0x1c9c380',
    timestamp: numberToHex(GENESIS_SECONDS + BLOCK_SECONDS * number),
    logsBloom: `0x${'00'.repeat(256)}`,
    transactions: [transaction],
  }
  return {
    header,
    logs: logs.map(({ address, topics, data }, index) => ({
      ...place,
      address: bytesToHex(address),
      topics: topics.map((topic) => bytesToHex(topic)),
      data: bytesToHex(data),
      logIndex: numberToHex(index),
      transactionIndex: '0x0',
      transactionHash: transaction.hash,
      removed: false,
    })),
  }
}

type Call = { readonly id: number; readonly method: string; readonly params: readonly unknown[] }

async function answer(
  node: SampleNode,
  blocks: () => readonly Block[],
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
  const lag = fault === 'stale-head' ? 3 : node.lagBlocks
  const shown = blocks().slice(0, Math.max(1, blocks().length - lag))
  const answers = calls.map((call) => {
    node.counts.set(call.method, (node.counts.get(call.method) ?? 0) + 1)
    return { jsonrpc: '2.0', id: call.id, ...resultOf(node, shown, fault, call) }
  })
  const text = JSON.stringify(Array.isArray(body) ? answers : answers[0])
  response.setHeader('content-type', 'application/json')
  response.end(fault === 'cut-answer' ? text.slice(0, text.length / 2) : text)
}

function resultOf(
  node: SampleNode,
  blocks: readonly Block[],
  fault: NodeFault | undefined,
  { method, params }: Call,
): object {
  if (fault === 'rate-limit') return refuse('daily request count exceeded, request rate limited')
  switch (method) {
    case 'eth_chainId':
      return { result: '0x1092' }
    case 'eth_getBlockByNumber':
      if (fault === 'null-block') return { result: null }
      return blockResult(node, blocks, String(params[0]), params[1] === true)
    case 'eth_getLogs':
      if (fault === 'range-too-large') return refuse('block range is too large, max is 5 blocks')
      return logsResult(blocks, fault, params[0] as LogFilter)
    case 'eth_call':
      return callResult(node, params[0] as { readonly data: string })
    default:
      return { error: { code: -32601, message: `method ${method} not found` } }
  }
}

function blockResult(
  { finalityDepth }: SampleNode,
  blocks: readonly Block[],
  tag: string,
  withTransactions: boolean,
): object {
  if (tag === 'finalized' && finalityDepth === undefined) return refuse('unknown tag finalized')
  const newest = blocks.length - 1
  const number =
    tag === 'latest'
      ? newest
      : tag === 'finalized'
        ? Math.max(0, newest - (finalityDepth ?? 0))
        : Number(tag)
  const header = blocks[number]?.header
  if (header === undefined) return { result: null }
  const transactions = header['transactions'] as readonly Json[]
  const hashes = transactions.map((transaction) => transaction['hash'])
  return { result: withTransactions ? header : { ...header, transactions: hashes } }
}

type LogFilter = {
  readonly address?: readonly string[]
  readonly topics?: readonly (readonly string[])[]
  readonly fromBlock?: string
  readonly toBlock?: string
  readonly blockHash?: string
}

function logsResult(
  blocks: readonly Block[],
  fault: NodeFault | undefined,
  { address, topics, fromBlock, toBlock, blockHash }: LogFilter,
): object {
  const chosen =
    blockHash === undefined
      ? blocks.slice(Number(fromBlock), Number(toBlock) + 1)
      : blocks.filter(({ header }) => header['hash'] === blockHash)
  if (blockHash !== undefined && chosen.length === 0) return refuse('unknown block')
  const logs = chosen
    .flatMap((block) => block.logs)
    .filter(
      (log) =>
        (address === undefined || address.includes(String(log['address']))) &&
        topics?.[0]?.includes(String((log['topics'] as readonly string[])[0])) !== false,
    )
  return { result: distorted(logs, fault) }
}

function distorted(logs: readonly Json[], fault: NodeFault | undefined): readonly Json[] {
  const [first, ...others] = logs
  if (first === undefined) return logs
  const elsewhere = keccak256(stringToBytes(String(first['blockHash'])))
  if (fault === 'other-fork-log') return [{ ...first, blockHash: elsewhere }, ...others]
  if (fault === 'double-log') return [first, ...logs]
  if (fault === 'removed-log') return [{ ...first, removed: true }, ...others]
  if (fault === 'foreign-log') return [{ ...first, topics: [elsewhere] }, ...others]
  return logs
}

/** Only `balanceOf` returns something: 7. */
function callResult({ calls }: SampleNode, { data }: { readonly data: string }): object {
  if (calls === 'refuse') return refuse('missing trie node 5f…')
  if (calls === 'lie') return { result: '0x01020' }
  if (!data.startsWith(BALANCE_OF)) return { error: { code: 3, message: 'execution reverted' } }
  return { result: numberToHex(7, { size: 32 }) }
}

function refuse(message: string): object {
  return { error: { code: -32000, message } }
}
