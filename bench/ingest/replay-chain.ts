import { createHash } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { type Hex, keccak256, numberToHex, toEventSelector, toRlp } from 'viem'

import { type Random, openRandom } from '../../ingest/simulation/random.ts'

/** What a generated chain holds, to compare an index of it with. */
export type ReplayTruth = {
  readonly chainId: number
  readonly headBlock: number
  readonly transfers: number
  readonly tokens: readonly Hex[]
  readonly owners: number
  /** sha256 of the sorted lines `token,owner,balance` of all balances but the zero address's. */
  readonly balancesSha256: string
}

/** A chain of ERC-20 transfers behind a JSON-RPC server. */
export type ReplayChain = { readonly url: string; readonly truth: ReplayTruth }

const TRANSFERS_PER_BLOCK = 50
const TRANSACTIONS_PER_BLOCK = 20
const ACCOUNT_COUNT = 50_000
const CHAIN_ID = 31_337
const GENESIS_SECONDS = 1_700_000_000
const EMPTY_LIST = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'
const EMPTY_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'
const TRANSFER = toEventSelector('event Transfer(address,address,uint256)')

/** Makes a chain of `blockCount` blocks and serves it from memory until the process ends. */
export async function serveReplayChain(blockCount: number): Promise<ReplayChain> {
  const chain = generate(openRandom(1), blockCount)
  const server = createServer((request, response) => void serve(chain, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, truth: chain.truth }
}

type Chain = {
  /** Per block its header as JSON, and its logs as JSON without brackets. */
  readonly headers: readonly Buffer[]
  readonly logs: readonly Buffer[]
  readonly truth: ReplayTruth
}

function generate(random: Random, blockCount: number): Chain {
  const tokens = Array.from({ length: 3 }, () => random.bytes(20))
  const accounts = Array.from({ length: ACCOUNT_COUNT }, () => random.bytes(20))
  const balances = tokens.map(() => new Map<number, bigint>())
  const headers: Buffer[] = []
  const logs: Buffer[] = []
  let parentHash: Hex = `0x${'00'.repeat(32)}`
  for (let block = 0; block <= blockCount; block += 1) {
    const moves = block === 0 ? [] : drawMoves(random, balances)
    const bloom = Buffer.alloc(256)
    for (const { token, from, to } of moves) {
      for (const item of [tokens[token], TRANSFER, padded(accounts, from), padded(accounts, to)]) {
        addToBloom(bloom, item ?? '0x')
      }
    }
    const hashes = moves.length === 0 ? [] : transactionHashes(random)
    const header = headerOf(random, { block, parentHash, bloom, hashes })
    parentHash = header.hash
    headers.push(Buffer.from(JSON.stringify(header)))
    const texts = moves.map(({ token, from, to, value }, index) => {
      const place = Math.floor((index * TRANSACTIONS_PER_BLOCK) / TRANSFERS_PER_BLOCK)
      const topics = `"${TRANSFER}","${padded(accounts, from)}","${padded(accounts, to)}"`
      return `{"address":"${tokens[token]}","topics":[${topics}],"data":"${numberToHex(value, { size: 32 })}","blockNumber":"${header.number}","transactionHash":"${hashes[place]}","transactionIndex":"${numberToHex(place)}","blockHash":"${header.hash}","blockTimestamp":"${header.timestamp}","logIndex":"${numberToHex(index)}","removed":false}`
    })
    logs.push(Buffer.from(texts.join(',')))
  }
  const lines = balances.flatMap((owners, token) =>
    [...owners].flatMap(([owner, balance]) =>
      balance === 0n ? [] : [`${tokens[token]},${accounts[owner]},${balance}`],
    ),
  )
  const balancesSha256 = createHash('sha256').update(lines.toSorted().join('\n')).digest('hex')
  const transfers = blockCount * TRANSFERS_PER_BLOCK
  const known = { chainId: CHAIN_ID, headBlock: blockCount, transfers, tokens }
  return { headers, logs, truth: { ...known, owners: lines.length, balancesSha256 } }
}

/** `from` of -1 is the zero address: the amount is new. */
type Move = {
  readonly token: number
  readonly from: number
  readonly to: number
  readonly value: bigint
}

function drawMoves(random: Random, balances: readonly Map<number, bigint>[]): readonly Move[] {
  return Array.from({ length: TRANSFERS_PER_BLOCK }, () => {
    const token = [0, 0, 0, 1, 2][random.below(5)] ?? 0
    const owners = balances[token] ?? new Map<number, bigint>()
    const from = drawAccount(random)
    const to = (from + 1 + drawAccount(random)) % ACCOUNT_COUNT
    const held = owners.get(from) ?? 0n
    const isMint = held === 0n || random.oneIn(50)
    const part = (held * BigInt(1 + random.below(2 ** 15))) >> 16n
    const value = isMint ? BigInt(random.below(2 ** 32)) << 58n : part === 0n ? held : part
    if (!isMint) owners.set(from, held - value)
    owners.set(to, (owners.get(to) ?? 0n) + value)
    return { token, from: isMint ? -1 : from, to, value }
  })
}

/** Few accounts move much. */
function drawAccount(random: Random): number {
  const share = random.below(2 ** 32) / 2 ** 32
  return Math.floor(ACCOUNT_COUNT * share * share * Math.sqrt(share))
}

function padded(accounts: readonly Hex[], account: number): Hex {
  return `0x${'00'.repeat(12)}${account < 0 ? '00'.repeat(20) : (accounts[account] ?? '').slice(2)}`
}

function transactionHashes(random: Random): readonly Hex[] {
  return Array.from({ length: TRANSACTIONS_PER_BLOCK }, () => random.bytes(32))
}

const bloomBitsOf = new Map<string, readonly number[]>()

function addToBloom(bloom: Buffer, item: Hex): void {
  let bits = bloomBitsOf.get(item)
  if (bits === undefined) {
    const hash = Buffer.from(keccak256(item).slice(2), 'hex')
    bits = [0, 2, 4].map((at) => hash.readUInt16BE(at) & 2047)
    bloomBitsOf.set(item, bits)
  }
  for (const bit of bits) {
    const at = 255 - (bit >> 3)
    bloom[at] = (bloom[at] ?? 0) | (1 << (bit & 7))
  }
}

function headerOf(
  random: Random,
  parts: {
    readonly block: number
    readonly parentHash: Hex
    readonly bloom: Buffer
    readonly hashes: readonly Hex[]
  },
) {
  const { block, parentHash, bloom, hashes } = parts
  const isEmpty = hashes.length === 0
  const logsBloom: Hex = `0x${bloom.toString('hex')}`
  const fields = {
    parentHash,
    sha3Uncles: EMPTY_LIST as Hex,
    miner: random.bytes(20),
    stateRoot: random.bytes(32),
    transactionsRoot: isEmpty ? (EMPTY_ROOT as Hex) : random.bytes(32),
    receiptsRoot: isEmpty ? (EMPTY_ROOT as Hex) : random.bytes(32),
    logsBloom,
    difficulty: '0x0' as Hex,
    number: numberToHex(block),
    gasLimit: numberToHex(30_000_000),
    gasUsed: numberToHex(hashes.length * 120_000),
    timestamp: numberToHex(GENESIS_SECONDS + 12 * block),
    extraData: '0x' as Hex,
    mixHash: random.bytes(32),
    nonce: '0x0000000000000000' as Hex,
    baseFeePerGas: numberToHex(1_000_000_000),
  }
  const quantities = new Set(['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp'])
  const encoded = Object.entries(fields).map(([name, value]) =>
    quantities.has(name) || name === 'baseFeePerGas' ? asInteger(value) : value,
  )
  return { hash: keccak256(toRlp(encoded)), ...fields, transactions: hashes, uncles: [] }
}

function asInteger(value: Hex): Hex {
  const digits = value.slice(2).replace(/^0+/u, '')
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`
}

type Call = { readonly id: number; readonly method: string; readonly params: readonly unknown[] }

async function serve(
  chain: Chain,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Call | readonly Call[]
  const answers = [body]
    .flat()
    .map((call) => [
      Buffer.from(`{"jsonrpc":"2.0","id":${call.id},"result":`),
      ...resultOf(chain, call),
      Buffer.from('}'),
    ])
  const comma = Buffer.from(',')
  const joined = answers.flatMap((pieces, index) => (index === 0 ? pieces : [comma, ...pieces]))
  const all = Array.isArray(body) ? [Buffer.from('['), ...joined, Buffer.from(']')] : joined
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': all.reduce((sum, { length }) => sum + length, 0),
  })
  response.cork()
  for (const piece of all) response.write(piece)
  response.uncork()
  response.end()
}

function resultOf({ headers, logs }: Chain, { method, params }: Call): readonly Buffer[] {
  if (method === 'eth_chainId') return [Buffer.from(`"${numberToHex(CHAIN_ID)}"`)]
  if (method === 'eth_getBlockByNumber') {
    const last = headers.length - 1
    const block = params[0] === 'finalized' || params[0] === 'latest' ? last : Number(params[0])
    return [headers[block] ?? Buffer.from('null')]
  }
  // Every log is of one of the tokens and of the one event: the filter asks for all.
  const { fromBlock, toBlock } = params[0] as { readonly fromBlock: Hex; readonly toBlock: Hex }
  const found = logs
    .slice(Number(fromBlock), Number(toBlock) + 1)
    .filter(({ length }) => length > 0)
  const comma = Buffer.from(',')
  const joined = found.flatMap((piece, index) => (index === 0 ? [piece] : [comma, piece]))
  return [Buffer.from('['), ...joined, Buffer.from(']')]
}
