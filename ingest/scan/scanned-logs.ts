import { type Hex, invariant } from '@foggara/schema'

import { type LogColumns, blockOf } from './log-columns.ts'

/** What a call for logs was answered, when the bytes were read by the scanner. */
export type ScannedLogs = {
  readonly [SCANNED]: true
  readonly columns: LogColumns
  readonly first: number
  readonly end: number
}

/** A log of columns, as text. */
export type ScannedLog = {
  readonly block: number
  readonly blockHash: Hex
  readonly logIndex: number
  readonly transactionHash: Hex
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly payload: Hex
}

/** No JSON has it. */
const SCANNED = Symbol('logs that the scanner read')

/** The logs of columns from place `first` up to, not including, `end`. */
export function scannedLogs(columns: LogColumns, first: number, end: number): ScannedLogs {
  return { [SCANNED]: true, columns, first, end }
}

/** Whether a result is one of {@link scannedLogs}. */
export function isScannedLogs(value: unknown): value is ScannedLogs {
  return typeof value === 'object' && value !== null && SCANNED in value
}

/** The logs one by one, as text. */
export function logsOf({ columns, first, end }: ScannedLogs): readonly ScannedLog[] {
  return Array.from({ length: end - first }, (_, place) => logAt(columns, first + place))
}

function logAt(columns: LogColumns, index: number): ScannedLog {
  const firstTopic = index === 0 ? 0 : (columns.topicEnds[2 * index - 2] ?? 0)
  const topicCount = (columns.topicEnds[2 * index] ?? 0) - firstTopic
  const logIndex = columns.logIndexes[index]
  invariant(logIndex !== undefined, 'the log is one of the columns')
  return {
    block: blockOf(columns, index),
    blockHash: hexOf(columns.blockHashes, 32 * index, 32),
    logIndex,
    transactionHash: hexOf(columns.transactionHashes, 32 * index, 32),
    address: hexOf(columns.addresses, 20 * index, 20),
    topics: Array.from({ length: topicCount }, (_, topic) =>
      hexOf(columns.topics, 32 * (firstTopic + topic), 32),
    ),
    payload: payloadAt(columns, index),
  }
}

function payloadAt({ payloads, payloadEnds }: LogColumns, index: number): Hex {
  let start = payloadEnds[index - 1] ?? 0
  // The length before the bytes ends with the first group of seven bits that is the last.
  while ((payloads[start] ?? 0) >= 0x80) start += 1
  return hexOf(payloads, start + 1, (payloadEnds[index] ?? 0) - start - 1)
}

function hexOf(column: Uint32Array | Uint8Array, at: number, byteLength: number): Hex {
  const bytes = Buffer.from(column.buffer, column.byteOffset + at, byteLength)
  return `0x${bytes.toString('hex')}`
}
