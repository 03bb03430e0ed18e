import { numberToHex } from 'viem'

import { RpcCallFailedError } from '../chain/rpc-errors.ts'
import type { Rpc } from '../chain/rpc.ts'
import type {
  ChainBlock,
  ChainLog,
  ChainReceipt,
  ChainSource,
  ChainTransaction,
} from './chain-source.ts'
import { bytesText } from './entity-cache/entity.ts'
import { PossibleReorgError } from './failure.ts'
import { plainLogs } from './plain-logs.ts'

/** A chain behind JSON-RPC. */
export type RpcChain = ChainSource & {
  /** The block of that number with its transactions and every log; undefined above the head. */
  readBlock(number: number): Promise<ChainBlock | undefined>
}

/** What graph-node gives a call: 50 million. */
const CALL_GAS = '0x2faf080'

/** Reads a chain through JSON-RPC, each answer checked in this file. */
export function openRpcChain(rpc: Rpc): RpcChain {
  return {
    readBlock: async (number) => {
      const parameter = numberToHex(number)
      const [block, logs] = await rpc.batch([
        { method: 'eth_getBlockByNumber', params: [parameter, true] },
        { method: 'eth_getLogs', params: [{ fromBlock: parameter, toBlock: parameter }] },
      ])
      return block === null ? undefined : decodeBlock(record(block), list(plainLogs(logs)))
    },
    call: async ({ to, data }, block) => {
      const request = { to: bytesText(to), data: bytesText(data), gas: CALL_GAS }
      const at = { blockHash: bytesText(block.hash) }
      const [outcome] = await rpc.batchSettled([{ method: 'eth_call', params: [request, at] }])
      if (outcome?.type === 'result') return bytes(outcome.result)
      const error = outcome?.error
      if (error instanceof RpcCallFailedError && error.verdict.type === 'reverted') return undefined
      const found = error?.message ?? 'nothing'
      throw new PossibleReorgError(`expected the values of a call, found ${found}`, error)
    },
    balance: async (address, block) =>
      quantity(
        await rpc.call('eth_getBalance', [
          bytesText(address),
          { blockHash: bytesText(block.hash) },
        ]),
      ),
    hasCode: async (address, block) => {
      const at = { blockHash: bytesText(block.hash) }
      return bytes(await rpc.call('eth_getCode', [bytesText(address), at])).length > 0
    },
    receipts: async (block) => {
      const answer = await rpc.call('eth_getBlockReceipts', [numberToHex(block.number)])
      const receipts = list(answer).map((receipt) => decodeReceipt(record(receipt), block))
      return new Map(receipts.map((receipt) => [receipt.transactionIndex, receipt]))
    },
  }
}

/** A block as `eth_getBlockBy…` answers it; transactions that are only hashes are left out. */
export function decodeBlock(block: JsonRecord, logs: readonly unknown[]): ChainBlock {
  const hash = bytes(block['hash'])
  const transactions = list(block['transactions'])
    .filter((item) => typeof item !== 'string')
    .map((item) => decodeTransaction(record(item)))
  const decoded = logs.map((item) => {
    const log = record(item)
    if (bytesText(bytes(log['blockHash'])) === bytesText(hash)) return decodeLog(log)
    throw new PossibleReorgError('expected the logs of the block, found those of another')
  })
  return {
    number: Number(quantity(block['number'])),
    hash,
    parentHash: bytes(block['parentHash']),
    unclesHash: bytes(block['sha3Uncles']),
    author: bytes(block['miner']),
    stateRoot: bytes(block['stateRoot']),
    transactionsRoot: bytes(block['transactionsRoot']),
    receiptsRoot: bytes(block['receiptsRoot']),
    gasUsed: quantity(block['gasUsed']),
    gasLimit: quantity(block['gasLimit']),
    timestamp: quantity(block['timestamp']),
    difficulty: quantity(block['difficulty'] ?? '0x0'),
    totalDifficulty: quantity(block['totalDifficulty'] ?? '0x0'),
    size: optionalQuantity(block['size']),
    baseFeePerGas: optionalQuantity(block['baseFeePerGas']),
    transactions: new Map(transactions.map((transaction) => [transaction.index, transaction])),
    logs: decoded.toSorted((a, b) => a.logIndex - b.logIndex),
  }
}

function decodeTransaction(transaction: JsonRecord): ChainTransaction {
  const to = transaction['to']
  return {
    hash: bytes(transaction['hash']),
    index: Number(quantity(transaction['transactionIndex'])),
    from: bytes(transaction['from']),
    to: to === null || to === undefined ? undefined : bytes(to),
    value: quantity(transaction['value']),
    gasLimit: quantity(transaction['gas']),
    gasPrice: quantity(transaction['gasPrice']),
    input: bytes(transaction['input']),
    nonce: quantity(transaction['nonce']),
  }
}

/** A log as `eth_getLogs` answers it. */
export function decodeLog(log: JsonRecord): ChainLog {
  return {
    address: bytes(log['address']),
    topics: list(log['topics']).map(bytes),
    data: bytes(log['data']),
    logIndex: Number(quantity(log['logIndex'])),
    transactionIndex: Number(quantity(log['transactionIndex'])),
  }
}

function decodeReceipt(receipt: JsonRecord, block: ChainBlock): ChainReceipt {
  if (bytesText(bytes(receipt['blockHash'])) !== bytesText(block.hash)) {
    throw new PossibleReorgError('expected the receipts of the block, found those of another')
  }
  const contractAddress = receipt['contractAddress']
  const root = receipt['root']
  const hasContract = contractAddress !== null && contractAddress !== undefined
  return {
    transactionHash: bytes(receipt['transactionHash']),
    transactionIndex: Number(quantity(receipt['transactionIndex'])),
    cumulativeGasUsed: quantity(receipt['cumulativeGasUsed']),
    gasUsed: quantity(receipt['gasUsed']),
    contractAddress: hasContract ? bytes(contractAddress) : undefined,
    logs: list(receipt['logs']).map((log) => decodeLog(record(log))),
    status: optionalQuantity(receipt['status']),
    root: root === null || root === undefined ? undefined : bytes(root),
    logsBloom: bytes(receipt['logsBloom']),
  }
}

/** An object of an answer, unchecked. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** @throws {PossibleReorgError} where the answer holds something else. */
export function record(value: unknown): JsonRecord {
  if (typeof value === 'object' && value !== null) return value as JsonRecord
  throw answerError('an object', value)
}

/** @throws {PossibleReorgError} where the answer holds something else. */
export function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw answerError('a list', value)
}

function bytes(value: unknown): Uint8Array {
  if (typeof value === 'string' && /^0x([0-9a-fA-F]{2})*$/.test(value)) {
    return new Uint8Array(Buffer.from(value.slice(2), 'hex'))
  }
  throw answerError('bytes in hex', value)
}

function quantity(value: unknown): bigint {
  if (typeof value === 'string' && /^0x[0-9a-fA-F]+$/.test(value)) return BigInt(value)
  throw answerError('a number in hex', value)
}

function optionalQuantity(value: unknown): bigint | undefined {
  return value === null || value === undefined ? undefined : quantity(value)
}

function answerError(expected: string, value: unknown): PossibleReorgError {
  const found = JSON.stringify(value)?.slice(0, 60) ?? 'nothing'
  return new PossibleReorgError(`expected ${expected} from the RPC, found ${found}`)
}
