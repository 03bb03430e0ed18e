import { numberToHex } from 'viem'

import { RpcInconsistentError } from '../../chain/rpc-errors.ts'
import type { Rpc, RpcCall } from '../../chain/rpc.ts'
import type { ChainBlock } from '../chain-source.ts'
import { bytesText } from '../entity-cache/entity.ts'
import { decodeBlock, type JsonRecord } from '../rpc-chain.ts'
import { filterParameters, type LogFilter } from './log-filter.ts'
import { type BlockRange, blockAnswer, checkLogs, type FoundLog, hexText } from './range-logs.ts'

/** A block to read. */
export type BlockRequest = {
  readonly number: number
  /** Those that were found in it; with any, the block comes with its transactions. */
  readonly logs: readonly FoundLog[]
  /** The block, where it is known already. */
  readonly header: JsonRecord | undefined
}

/**
 * Reads blocks together, each with its logs.
 *
 * @param wider what else to look for in blocks with logs.
 * @throws {RpcInconsistentError} where the node lacks a block or it is not the one of its logs.
 */
export async function readBlocks(
  rpc: Rpc,
  requests: readonly BlockRequest[],
  wider: LogFilter | undefined,
): Promise<readonly ChainBlock[]> {
  const calls = requests.map((request) => callsOf(request, wider))
  const answers = await rpc.batch(calls.flat())
  let at = 0
  return requests.map((request, index) => {
    const own = answers.slice(at, at + (calls[index]?.length ?? 0))
    at += own.length
    return blockOf(rpc, request, own, wider)
  })
}

/**
 * Reads a range block by block: each follows the one before, from `parentHash` on if given, and its
 * logs are asked for by its hash, so that a node errs or is right.
 *
 * @throws {RpcInconsistentError}
 */
export async function readConnectedBlocks(
  rpc: Rpc,
  { from, to }: BlockRange,
  filter: LogFilter | undefined,
  parentHash: string | undefined,
): Promise<readonly ChainBlock[]> {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index)
  const answers = await rpc.batch(numbers.map((number) => blockCall(number, filter !== undefined)))
  const blocks = answers.map((answer, index) => blockAnswer(rpc, answer, from + index))
  checkChain(rpc, blocks, parentHash)
  const logs =
    filter === undefined
      ? []
      : await rpc.batch(blocks.map((block) => logsCall(filter, hexText(block['hash']))))
  return blocks.map((block, index) => {
    const number = from + index
    if (filter === undefined) return decodeBlock(block, [])
    const found = checkLogs(rpc, filter, { from: number, to: number }, logs[index])
    return blockWithLogs(rpc, block, number, found)
  })
}

function callsOf(
  { number, logs, header }: BlockRequest,
  wider: LogFilter | undefined,
): readonly RpcCall[] {
  const [first] = logs
  if (first === undefined) return header === undefined ? [blockCall(number, false)] : []
  const block = blockCall(number, true)
  return wider === undefined ? [block] : [block, logsCall(wider, first.blockHash)]
}

function blockOf(
  rpc: Rpc,
  { number, logs, header }: BlockRequest,
  [blockResult, widerResult]: readonly unknown[],
  wider: LogFilter | undefined,
): ChainBlock {
  const answer = blockResult === undefined ? header : blockResult
  const block = blockAnswer(rpc, answer, number)
  const found =
    wider === undefined || logs.length === 0
      ? logs
      : checkLogs(rpc, wider, { from: number, to: number }, widerResult)
  const decoded = blockWithLogs(rpc, block, number, found)
  const lost = logs.find((log) => !found.some(({ logIndex }) => logIndex === log.logIndex))
  if (lost === undefined) return decoded
  const expected = `log ${lost.logIndex} of block ${bytesText(decoded.hash)}`
  throw new RpcInconsistentError(rpc.shownUrl, expected, 'an answer without it')
}

function blockWithLogs(
  rpc: Rpc,
  block: JsonRecord,
  number: number,
  logs: readonly FoundLog[],
): ChainBlock {
  const hash = hexText(block['hash'])
  const stray = logs.find(({ blockHash }) => blockHash !== hash)
  if (stray === undefined)
    return decodeBlock(
      block,
      logs.map(({ answer }) => answer),
    )
  const found = `log ${stray.logIndex} of another fork`
  throw new RpcInconsistentError(rpc.shownUrl, `the logs of block ${number}`, found)
}

function checkChain(rpc: Rpc, blocks: readonly JsonRecord[], parentHash: string | undefined): void {
  let expected = parentHash
  for (const block of blocks) {
    const parent = hexText(block['parentHash'])
    if (expected !== undefined && parent !== expected) {
      const what = `block ${Number(block['number'])} to follow ${expected}`
      throw new RpcInconsistentError(rpc.shownUrl, what, `parent ${parent}`)
    }
    expected = hexText(block['hash'])
  }
}

function blockCall(number: number, withTransactions: boolean): RpcCall {
  return { method: 'eth_getBlockByNumber', params: [numberToHex(number), withTransactions] }
}

function logsCall(filter: LogFilter, blockHash: string): RpcCall {
  return { method: 'eth_getLogs', params: filterParameters(filter, { blockHash }) }
}
