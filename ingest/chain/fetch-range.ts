import type { Hex } from '@foggara/schema'

import { type Header, type Log, decodeHeader, decodeLogs, quantity } from './block.ts'
import { type BloomBits, bloomBits, mayContain } from './bloom.ts'
import { RpcInconsistentError, RpcResponseInvalidError } from './rpc-errors.ts'
import type { Rpc, RpcCall } from './rpc.ts'

/** Consecutive blocks with the logs of the indexed contracts, checked against each other. */
export type ChainRange = {
  readonly headers: readonly Header[]
  /** Ascending by block and log index. */
  readonly logs: readonly Log[]
  /** Blocks whose bloom filter rules out any log of the contracts. */
  readonly bloomNegative: ReadonlySet<number>
}

/** Ranges up to this many blocks are asked block by block, by hash: a node then errs or is right. */
const BY_HASH_BLOCKS_MAX = 8

/**
 * Fetches the blocks `from` to `to` and the logs of `addresses` in them.
 *
 * Every answer is checked: blocks follow each other by parent hash, from `parentHash` on if given;
 * each log lies in the range, carries its block's hash, is of a contract asked for, is there once
 * and passes its block's bloom filter. Raises `RPC_INCONSISTENT` and the codes of {@link Rpc}.
 */
export async function fetchRange(
  rpc: Rpc,
  addresses: readonly Hex[],
  from: number,
  to: number,
  parentHash: Hex | undefined,
): Promise<ChainRange> {
  const byRange = to - from + 1 > BY_HASH_BLOCKS_MAX
  // Logs and the header of the last block come from one request, hence from one node.
  const calls: RpcCall[] = byRange ? [logsOfRange(addresses, from, to)] : []
  for (let block = to; block >= from; block -= 1) {
    calls.push({ method: 'eth_getBlockByNumber', params: [quantity(block), false] })
  }
  const answers = await rpc.batch(calls)
  const headers = answers
    .slice(byRange ? 1 : 0)
    .toReversed()
    .map((answer, index) => headerAt(rpc, answer, from + index))
  checkChain(rpc, headers, parentHash)
  const logAnswers = byRange
    ? answers.slice(0, 1)
    : await rpc.batch(headers.map(({ hash }) => logsOfBlock(addresses, hash)))
  const logs = logAnswers
    .flatMap((answer) => decodeLogs(answer, rpc.shownUrl))
    .toSorted((a, b) => a.block - b.block || a.logIndex - b.logIndex)
  checkLogs(rpc, addresses, headers, logs)
  return { headers, logs, bloomNegative: negativeBlocks(headers, addresses.map(bloomBits)) }
}

function logsOfRange(addresses: readonly Hex[], from: number, to: number): RpcCall {
  const filter = { address: addresses, fromBlock: quantity(from), toBlock: quantity(to) }
  return { method: 'eth_getLogs', params: [filter] }
}

function logsOfBlock(addresses: readonly Hex[], blockHash: Hex): RpcCall {
  return { method: 'eth_getLogs', params: [{ address: addresses, blockHash }] }
}

function headerAt(rpc: Rpc, answer: unknown, block: number): Header {
  const header = decodeHeader(answer, rpc.shownUrl)
  if (header === undefined) {
    throw new RpcInconsistentError(rpc.shownUrl, `block ${block}`, 'a node that lacks it')
  }
  if (header.block !== block) {
    throw new RpcResponseInvalidError(rpc.shownUrl, `block ${block}`, `block ${header.block}`)
  }
  return header
}

function checkChain(rpc: Rpc, headers: readonly Header[], parentHash: Hex | undefined): void {
  let expected = parentHash
  for (const header of headers) {
    if (expected !== undefined && header.parentHash !== expected) {
      throw new RpcInconsistentError(
        rpc.shownUrl,
        `block ${header.block} to follow ${expected}`,
        `parent ${header.parentHash}`,
      )
    }
    expected = header.hash
  }
}

function checkLogs(
  rpc: Rpc,
  addresses: readonly Hex[],
  headers: readonly Header[],
  logs: readonly Log[],
): void {
  const headerOf = new Map(headers.map((header) => [header.block, header]))
  const bitsOf = new Map(addresses.map((address) => [address, bloomBits(address)]))
  for (const [index, log] of logs.entries()) {
    const where = `log ${log.logIndex} of block ${log.block}`
    const header = headerOf.get(log.block)
    const bits = bitsOf.get(log.address)
    const previous = logs[index - 1]
    const problem =
      header === undefined
        ? 'outside the range'
        : header.hash !== log.blockHash
          ? 'of another fork'
          : bits === undefined
            ? 'of a contract that was not asked for'
            : previous?.block === log.block && previous.logIndex === log.logIndex
              ? 'twice'
              : mayContain(header.logsBloom, bits) && topicsPass(header, log)
                ? undefined
                : 'that its block rules out'
    if (problem !== undefined) {
      throw new RpcInconsistentError(rpc.shownUrl, `logs of the range`, `${where}, ${problem}`)
    }
  }
}

function topicsPass(header: Header, log: Log): boolean {
  const [topic] = log.topics
  return topic === undefined || mayContain(header.logsBloom, bloomBits(topic))
}

function negativeBlocks(
  headers: readonly Header[],
  bits: readonly BloomBits[],
): ReadonlySet<number> {
  const negative = headers.filter(
    ({ logsBloom }) => !bits.some((contractBits) => mayContain(logsBloom, contractBits)),
  )
  return new Set(negative.map((header) => header.block))
}
