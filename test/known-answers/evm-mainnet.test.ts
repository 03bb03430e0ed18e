import { type ClickHouseClient, queryRows } from '@foggara/database'
import type { EventSource, Hex } from '@foggara/schema'
import { type AbiEvent, numberToHex, parseAbiItem } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { decodeLogs } from '../../ingest/chain/block.ts'
import { headerHash } from '../../ingest/chain/header-hash.ts'
import { receiptsRoot } from '../../ingest/chain/receipts-root.ts'
import { type SourceOptions, openSourceIndex } from '../../ingest/scan/index-sources.ts'
import { type ScratchIndex, startScratchIndex } from '../../ingest/scratch-index.ts'
import { openRandom } from '../../ingest/simulation/random.ts'
import type { RpcLog } from '../../ingest/simulation/simulated-chain.ts'
import { startSimulatedNode } from '../../ingest/simulation/simulated-node.ts'
import { BLOCK_1755635, GENESIS } from './mainnet-blocks.ts'
import { type PublishedBlock, bloomOf, publishedChain } from './published-chain.ts'
import { publishedText, skipReason } from './published.ts'

// Blocks of Ethereum as ethereum-etl (MIT) keeps them for its tests, with the token transfers that it
// finds in them, and as Erigon's rpc-tests (Apache-2.0) record them.

const ETL = 'evm-mainnet/ethereum-etl/blocks_17173049_17173050'
const ERIGON = 'evm-mainnet/erigon-rpc-tests'
/** No chain that is known: ethereum-etl leaves out a field that a header's hash is made of. */
const UNKNOWN_CHAIN = 4_242

let scratch: ScratchIndex

beforeAll(async () => {
  scratch = await startScratchIndex()
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('the first block of Ethereum has the hash that every client knows', () => {
  expect(headerHash(GENESIS)).toBe(GENESIS.hash)
})

test('block 1,755,635 of Ethereum has its hash, its receipts fold to its root, and its transfer is stored', async () => {
  const { header, receipts } = BLOCK_1755635
  expect(headerHash(header)).toBe(header['hash'])
  const { client, evidence } = await indexTransfers('early', 1, [BLOCK_1755635], 'receipts')
  expect(evidence).toEqual(['receipts-root'])
  expect(receipts).toHaveLength(2)
  expect(await transfersOf(client)).toEqual([
    {
      block: '1755635',
      logIndex: 0,
      transactionHash: '0x2e3dcd051a91d3a694f6b8de2ac4b5fe7acdba55f58bcf8471ff00d4a430074d',
      token: '0xbb9bc244d798123fde783fcc1c72d3bb8c189413',
      sender: '0x6498077292a0921c8804924fdf47b5e91e2a215f',
      recipient: '0x8b3b3b624c3c0397d3da8fd861512393d51dcbac',
      value: '5000000000000000000',
    },
  ])
})

test.skipIf(skipReason(ETL) !== '')(
  `the tables of a source hold exactly the 291 token transfers that ethereum-etl finds in blocks 17,173,049 and 17,173,050${skipReason(ETL)}`,
  async () => {
    const blocks = etlBlocks()
    const expected = (etlRows('token_transfers') as readonly EtlTransfer[]).map((row) => ({
      block: String(row.block_number),
      logIndex: row.log_index,
      transactionHash: row.transaction_hash,
      token: row.token_address,
      sender: row.from_address,
      recipient: row.to_address,
      value: row.value,
    }))
    expect(expected).toHaveLength(291)
    const { client, evidence } = await indexTransfers('etl', UNKNOWN_CHAIN, blocks, 'none')
    expect(evidence).toEqual(['trusted', 'trusted'])
    expect(await transfersOf(client)).toEqual(expected)
    // Of two events with one topic, each log is one.
    expect(await queryRows(client, 'select * from transfers_undecoded')).toEqual([])
    expect(await queryRows(client, 'select count() as n from transfers_transfer_2')).toEqual([
      { n: '9' },
    ])
  },
)

test.skipIf(skipReason(ETL) !== '')(
  `the 681 logs that ethereum-etl has of those blocks are all: they fold to the receipts roots and fill the bloom filters${skipReason(ETL)}`,
  () => {
    for (const { header, receipts } of etlBlocks()) {
      const whole = receipts.map((receipt, index) => ({
        type: Number(receipt['type']),
        outcome: receipt['status'] as Hex,
        cumulativeGasUsed: BigInt(String(receipt['cumulativeGasUsed'])),
        logsBloom: bloomOf(receipt.logs),
        logs: decodeLogs(receipt.logs, `receipt ${index}`),
      }))
      expect(receiptsRoot(whole)).toBe(header['receiptsRoot'])
      expect(bloomOf(receipts.flatMap((receipt) => receipt.logs))).toBe(header['logsBloom'])
    }
  },
)

test.skipIf(skipReason(ERIGON) !== '')(
  `a block of Ethereum that Erigon recorded is stored as proven by its receipts, with each of its transfers${skipReason(ERIGON)}`,
  async () => {
    const header = erigonResult('block-18000000.eth_getBlockByHash') as PublishedBlock['header']
    const receipts = erigonResult('block-18000000.eth_getBlockReceipts')
    const block = { header, receipts: receipts as PublishedBlock['receipts'] }
    const { client, evidence } = await indexTransfers('erigon', 1, [block], 'receipts')
    expect(evidence).toEqual(['receipts-root'])
    const topic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
    const logs = block.receipts
      .flatMap((receipt) => receipt.logs)
      .filter((log) => log.topics[0] === topic)
    const found = await transfersOf(client)
    expect(found.map(({ logIndex }) => logIndex)).toEqual(
      logs.map((log) => Number(log['logIndex'])),
    )
    expect(found.length).toBeGreaterThan(100)
  },
)

type Transfer = Readonly<Record<'block' | 'transactionHash' | 'token' | 'value', string>> & {
  readonly logIndex: number
}

/** Transfers of tokens of any contract, of ERC-20 and of ERC-721. */
const TRANSFERS: EventSource = {
  name: 'transfers',
  events: [
    parseAbiItem('event Transfer(address indexed from, address indexed to, uint256 value)'),
    parseAbiItem(
      'event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)',
    ),
  ] as readonly AbiEvent[],
  addresses: 'any',
}

/** Indexes blocks through a node that replays them. */
async function indexTransfers(
  name: string,
  chainId: number,
  blocks: readonly PublishedBlock[],
  proof: 'none' | 'receipts',
): Promise<{ readonly client: ClickHouseClient; readonly evidence: readonly string[] }> {
  const chain = publishedChain(chainId, blocks)
  await using node = await startSimulatedNode(chain, openRandom(1))
  node.finalityDepth = 0
  const client = await scratch.openEmpty(name)
  const options: SourceOptions = {
    client,
    urls: [node.url],
    chainId,
    startBlock: Number(blocks[0]?.header['number']),
    sources: [TRANSFERS],
    settings: { proof, settleBlocks: 1 },
    nowMs: Date.now,
    sleep: async () => undefined,
    signal: new AbortController().signal,
  }
  await openSourceIndex(options).catchUp()
  const rows = await queryRows<{ evidence: string }>(
    client,
    'select evidence from block order by block',
  )
  return { client, evidence: rows.map(({ evidence }) => evidence) }
}

async function transfersOf(client: ClickHouseClient): Promise<readonly Transfer[]> {
  const columns = `block, log_index as logIndex,
    concat('0x', lower(hex(transaction_hash))) as transactionHash,
    concat('0x', lower(hex(address))) as token,
    concat('0x', lower(hex(\`from\`))) as sender,
    concat('0x', lower(hex(\`to\`))) as recipient`
  return queryRows<Transfer>(
    client,
    `select * from (
      select ${columns}, toString(value) as value from transfers_transfer
      union all
      select ${columns}, toString(token_id) as value from transfers_transfer_2
    ) order by toUInt64(block), logIndex`,
  )
}

type EtlTransfer = {
  readonly block_number: number
  readonly log_index: number
  readonly transaction_hash: string
  readonly token_address: string
  readonly from_address: string
  readonly to_address: string
  readonly value: string
}

type EtlBlock = Readonly<Record<'hash' | 'parent_hash' | 'logs_bloom' | 'receipts_root', Hex>> & {
  readonly number: number
  readonly timestamp: number
}

type EtlTransaction = {
  readonly hash: Hex
  readonly block_number: number
  readonly transaction_index: number
  readonly transaction_type: number
  readonly receipt_status: number
  readonly receipt_cumulative_gas_used: number
}

type EtlLog = Readonly<Record<'address' | 'data' | 'transaction_hash' | 'block_hash', Hex>> & {
  readonly log_index: number
  readonly block_number: number
  /** A list, or a list as Python prints it. */
  readonly topics: string | readonly Hex[]
}

/** One JSON object a line; numbers that may be larger than a double holds are kept as text. */
function etlRows(name: string): readonly unknown[] {
  const lines = publishedText(`${ETL}/expected_${name}.json`).trim().split('\n')
  return lines.map(
    (line) => JSON.parse(line.replaceAll(/"value": (\d+)/gu, '"value": "$1"')) as unknown,
  )
}

function etlBlocks(): readonly PublishedBlock[] {
  const transactions = etlRows('transactions') as readonly EtlTransaction[]
  const logs = etlRows('logs') as readonly EtlLog[]
  expect(logs).toHaveLength(681)
  return (etlRows('blocks') as readonly EtlBlock[]).map((block) => ({
    header: {
      number: numberToHex(block.number),
      hash: block.hash,
      parentHash: block.parent_hash,
      timestamp: numberToHex(block.timestamp),
      logsBloom: block.logs_bloom,
      receiptsRoot: block.receipts_root,
    },
    receipts: transactions
      .filter((each) => each.block_number === block.number)
      .toSorted((one, other) => one.transaction_index - other.transaction_index)
      .map((transaction) => ({
        type: numberToHex(transaction.transaction_type),
        status: numberToHex(transaction.receipt_status),
        cumulativeGasUsed: numberToHex(transaction.receipt_cumulative_gas_used),
        logs: logs
          .filter((log) => log.transaction_hash === transaction.hash)
          .map((log) => rpcLog(log, transaction.transaction_index)),
      })),
  }))
}

function rpcLog(log: EtlLog, transactionIndex: number): RpcLog {
  return {
    address: log.address,
    topics:
      typeof log.topics === 'string'
        ? (JSON.parse(log.topics.replaceAll("'", '"')) as Hex[])
        : log.topics,
    data: log.data,
    blockNumber: numberToHex(log.block_number),
    blockHash: log.block_hash,
    transactionHash: log.transaction_hash,
    transactionIndex: numberToHex(transactionIndex),
    logIndex: numberToHex(log.log_index),
    removed: false,
  }
}

function erigonResult(name: string): unknown {
  const [recorded] = [JSON.parse(publishedText(`${ERIGON}/${name}.json`))].flat()
  return recorded.response.result
}
