import { FoggaraError } from '@foggara/schema'
import { numberToHex } from 'viem'

import { RpcInconsistentError } from '../../chain/rpc-errors.ts'
import type { Rpc, RpcCall } from '../../chain/rpc.ts'
import { plainLogs } from '../plain-logs.ts'
import { type JsonRecord, list, record } from '../rpc-chain.ts'
import { filterParameters, type LogFilter } from './log-filter.ts'

/** Consecutive blocks. */
export type BlockRange = { readonly from: number; readonly to: number }

/** A log of a range, with what decides who wants it. */
export type FoundLog = {
  readonly block: number
  readonly blockHash: string
  readonly logIndex: number
  readonly address: string
  readonly topic: string | undefined
  /** As the RPC gave it. */
  readonly answer: JsonRecord
}

/** The logs of a range, and blocks without their transactions that the same node gave with them. */
export type RangeLogs = {
  /** Ascending by block and index. */
  readonly logs: readonly FoundLog[]
  /** The range's last block. */
  readonly last: JsonRecord
  /** How many blocks were asked about at once. */
  readonly requestBlockCount: number
}

/**
 * The logs of a range that pass a filter. A range that the provider calls too large is halved, one
 * block's filter is split.
 *
 * @throws {RpcInconsistentError} where logs lie outside of the range, are not what was asked for,
 *   come twice, are of two forks, or the node lacks the last block.
 */
export async function readRangeLogs(
  rpc: Rpc,
  filter: LogFilter | undefined,
  range: BlockRange,
): Promise<RangeLogs> {
  try {
    return await readOnce(rpc, filter, range)
  } catch (error) {
    if (!(error instanceof FoggaraError) || error.code !== 'RPC_RANGE_TOO_LARGE') throw error
    const parts = splitRequest(filter, range)
    if (parts === undefined) throw error
    const found: RangeLogs[] = []
    for (const part of parts) found.push(await readRangeLogs(rpc, part.filter, part.range))
    const last = found.at(-1)?.last
    if (last === undefined) throw error
    const logs = found.flatMap((part) => part.logs).toSorted(byPlace)
    const requestBlockCount = Math.min(...found.map((part) => part.requestBlockCount))
    return { logs, last, requestBlockCount }
  }
}

/** @throws {RpcInconsistentError} where a log is not one of the range that the filter lets through. */
export function checkLogs(
  rpc: Pick<Rpc, 'shownUrl'>,
  filter: LogFilter,
  range: BlockRange,
  answer: unknown,
): readonly FoundLog[] {
  const addresses = filter.addresses === undefined ? undefined : new Set(filter.addresses)
  const topics = new Set(filter.topics)
  const hashes = new Map<number, string>()
  const logs = list(plainLogs(answer))
    .map((log) => foundLog(rpc, record(log)))
    .toSorted(byPlace)
  for (const [index, log] of logs.entries()) {
    const { block, blockHash, logIndex, address, topic } = log
    const before = logs[index - 1]
    const hash = hashes.get(block) ?? blockHash
    hashes.set(block, hash)
    const problem =
      block < range.from || block > range.to
        ? 'outside of the range'
        : hash !== blockHash
          ? 'of two forks'
          : before?.block === block && before.logIndex === logIndex
            ? 'twice'
            : addresses?.has(address) === false || topic === undefined || !topics.has(topic)
              ? 'that was not asked for'
              : undefined
    if (problem === undefined) continue
    const where = `log ${logIndex} of block ${block}, ${problem}`
    throw new RpcInconsistentError(rpc.shownUrl, 'the logs of a range', where)
  }
  return logs
}

/** The block of an answer, which must have that number. */
export function blockAnswer(
  rpc: Pick<Rpc, 'shownUrl'>,
  answer: unknown,
  number: number,
): JsonRecord {
  if (answer === null || answer === undefined) {
    throw new RpcInconsistentError(rpc.shownUrl, `block ${number}`, 'a node that lacks it')
  }
  const block = record(answer)
  const found = Number(block['number'])
  if (found === number) return block
  throw new RpcInconsistentError(rpc.shownUrl, `block ${number}`, `block ${found}`)
}

async function readOnce(
  rpc: Rpc,
  filter: LogFilter | undefined,
  range: BlockRange,
): Promise<RangeLogs> {
  const blocks = { fromBlock: numberToHex(range.from), toBlock: numberToHex(range.to) }
  // One request, hence one node: it has the range if it has the last block.
  const calls: RpcCall[] = [
    { method: 'eth_getBlockByNumber', params: [numberToHex(range.to), false] },
  ]
  if (filter !== undefined) {
    calls.push({ method: 'eth_getLogs', params: filterParameters(filter, blocks) })
  }
  const [lastAnswer, logAnswer] = await rpc.batch(calls)
  const last = blockAnswer(rpc, lastAnswer, range.to)
  const logs = filter === undefined ? [] : checkLogs(rpc, filter, range, logAnswer)
  const lastHash = hexText(last['hash'])
  const stray = logs.find(({ block, blockHash }) => block === range.to && blockHash !== lastHash)
  if (stray !== undefined) {
    const where = `log ${stray.logIndex} of block ${range.to}, of another fork`
    throw new RpcInconsistentError(rpc.shownUrl, 'the logs of a range', where)
  }
  return { logs, last, requestBlockCount: range.to - range.from + 1 }
}

type Request = { readonly filter: LogFilter; readonly range: BlockRange }

function splitRequest(
  filter: LogFilter | undefined,
  { from, to }: BlockRange,
): readonly Request[] | undefined {
  if (filter === undefined) return undefined
  if (from < to) {
    const middle = from + Math.floor((to - from) / 2)
    return [
      { filter, range: { from, to: middle } },
      { filter, range: { from: middle + 1, to } },
    ]
  }
  const range = { from, to }
  const { addresses = [], topics } = filter
  if (topics.length > 1) {
    return halves(topics).map((part) => ({ filter: { ...filter, topics: part }, range }))
  }
  if (addresses.length < 2) return undefined
  return halves(addresses).map((part) => ({ filter: { ...filter, addresses: part }, range }))
}

function halves<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}

function foundLog(rpc: Pick<Rpc, 'shownUrl'>, answer: JsonRecord): FoundLog {
  const [topic] = list(answer['topics'])
  const block = Number(answer['blockNumber'])
  const logIndex = Number(answer['logIndex'])
  if (!Number.isSafeInteger(block) || !Number.isSafeInteger(logIndex)) {
    throw new RpcInconsistentError(rpc.shownUrl, 'a log of a block', 'one without its place')
  }
  if (answer['removed'] === true) {
    throw new RpcInconsistentError(rpc.shownUrl, 'the logs of the chain', 'a removed log')
  }
  return {
    block,
    blockHash: hexText(answer['blockHash']),
    logIndex,
    address: hexText(answer['address']),
    topic: topic === undefined ? undefined : hexText(topic),
    answer,
  }
}

function byPlace(a: FoundLog, b: FoundLog): number {
  return a.block - b.block || a.logIndex - b.logIndex
}

/** Hex in lower case; the decoders of blocks and logs check it. */
export function hexText(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : ''
}
