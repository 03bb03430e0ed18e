import type { Hex } from '@foggara/schema'

import { type LogColumns, UNKNOWN_INDEX } from './log-columns.ts'
import type { ScannedLog, ScannedLogs } from './scanned-logs.ts'

/** Logs as columns, in the same order. */
export function columnsOf(logs: readonly ScannedLog[]): LogColumns {
  const columns = emptyColumns(
    logs.length,
    logs.reduce((sum, { topics }) => sum + topics.length, 0),
    logs.reduce((sum, { payload }) => sum + payload.length / 2 + LENGTH_BYTES_MAX, 0),
  )
  let [topicCount, payloadEnd] = [0, 0]
  for (const [index, log] of logs.entries()) {
    columns.blocks[2 * index] = log.block % 2 ** 32
    columns.blocks[2 * index + 1] = Math.floor(log.block / 2 ** 32)
    columns.logIndexes[index] = log.logIndex
    columns.transactionIndexes[index] = UNKNOWN_INDEX
    writeHex(columns.blockHashes, 32 * index, log.blockHash)
    writeHex(columns.transactionHashes, 32 * index, log.transactionHash)
    writeHex(columns.addresses, 20 * index, log.address)
    for (const topic of log.topics) {
      writeHex(columns.topics, 32 * topicCount, topic)
      topicCount += 1
    }
    columns.topicEnds[2 * index] = topicCount
    payloadEnd = writePayload(columns.payloads, payloadEnd, log.payload)
    columns.payloadEnds[index] = payloadEnd
  }
  return { ...columns, payloads: columns.payloads.subarray(0, payloadEnd) }
}

/** The logs of several answers as the columns of one. */
export function joinLogs(pieces: readonly ScannedLogs[]): LogColumns {
  const [only] = pieces
  if (pieces.length === 1 && only?.first === 0 && only.end === only.columns.count) {
    return only.columns
  }
  const sizes = pieces.map(sizeOf)
  const sum = (pick: (size: Size) => number): number =>
    sizes.reduce((total, size) => total + pick(size), 0)
  const joined = emptyColumns(
    sum(({ count }) => count),
    sum(({ topicCount }) => topicCount),
    sum(({ payloadBytes }) => payloadBytes),
  )
  let [count, topicCount, payloadBytes] = [0, 0, 0]
  for (const [place, { columns, first, end }] of pieces.entries()) {
    const size = sizes[place] ?? sizeOf({ columns, first, end })
    for (const [name, width] of FIXED) {
      joined[name].set(columns[name].subarray(width * first, width * end), width * count)
    }
    for (let index = first; index < end; index += 1) {
      const at = count + index - first
      joined.topicEnds[2 * at] = (columns.topicEnds[2 * index] ?? 0) - size.firstTopic + topicCount
      joined.payloadEnds[at] = (columns.payloadEnds[index] ?? 0) - size.firstByte + payloadBytes
    }
    const topics = columns.topics.subarray(
      8 * size.firstTopic,
      8 * (size.firstTopic + size.topicCount),
    )
    joined.topics.set(topics, 8 * topicCount)
    const bytes = columns.payloads.subarray(size.firstByte, size.firstByte + size.payloadBytes)
    joined.payloads.set(bytes, payloadBytes)
    count += size.count
    topicCount += size.topicCount
    payloadBytes += size.payloadBytes
  }
  return joined
}

/** Columns of so many words per log. */
const FIXED = [
  ['blocks', 2],
  ['logIndexes', 1],
  ['transactionIndexes', 1],
  ['blockHashes', 8],
  ['transactionHashes', 8],
  ['addresses', 5],
] as const

type Size = {
  readonly count: number
  readonly firstTopic: number
  readonly topicCount: number
  readonly firstByte: number
  readonly payloadBytes: number
}

function sizeOf({ columns, first, end }: Pick<ScannedLogs, 'columns' | 'first' | 'end'>): Size {
  const topicEnd = (index: number): number => (index < 0 ? 0 : (columns.topicEnds[2 * index] ?? 0))
  const payloadEnd = (index: number): number => (index < 0 ? 0 : (columns.payloadEnds[index] ?? 0))
  return {
    count: end - first,
    firstTopic: topicEnd(first - 1),
    topicCount: topicEnd(end - 1) - topicEnd(first - 1),
    firstByte: payloadEnd(first - 1),
    payloadBytes: payloadEnd(end - 1) - payloadEnd(first - 1),
  }
}

function emptyColumns(count: number, topicCount: number, payloadBytes: number): LogColumns {
  return {
    count,
    blocks: new Uint32Array(2 * count),
    logIndexes: new Uint32Array(count),
    transactionIndexes: new Uint32Array(count),
    blockHashes: new Uint32Array(8 * count),
    transactionHashes: new Uint32Array(8 * count),
    addresses: new Uint32Array(5 * count),
    topicEnds: new Uint32Array(2 * count),
    topics: new Uint32Array(8 * topicCount),
    payloadEnds: new Uint32Array(count),
    payloads: new Uint8Array(payloadBytes),
  }
}

/** A length takes a byte for each seven bits. */
const LENGTH_BYTES_MAX = 5

function writePayload(payloads: Uint8Array, start: number, payload: Hex): number {
  const byteLength = payload.length / 2 - 1
  let at = start
  let rest = byteLength
  while (rest >= 0x80) {
    payloads[at] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
    at += 1
  }
  payloads[at] = rest
  writeHex(payloads, at + 1, payload)
  return at + 1 + byteLength
}

function writeHex(column: Uint32Array | Uint8Array, at: number, hex: Hex): void {
  Buffer.from(column.buffer, column.byteOffset, column.byteLength).write(hex.slice(2), at, 'hex')
}
