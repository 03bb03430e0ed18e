import { type LogColumns, blockOf } from './log-columns.ts'

/** Logs ascending by block and log index; those that are so already, as nodes answer, stay as they are. */
export function inOrder(columns: LogColumns): LogColumns {
  for (let index = 1; index < columns.count; index += 1) {
    if (comesBefore(columns, index, index - 1)) return sorted(columns)
  }
  return columns
}

function comesBefore(columns: LogColumns, one: number, other: number): boolean {
  return compare(columns, one, other) < 0
}

function compare(columns: LogColumns, one: number, other: number): number {
  return (
    blockOf(columns, one) - blockOf(columns, other) ||
    (columns.logIndexes[one] ?? 0) - (columns.logIndexes[other] ?? 0)
  )
}

function sorted(columns: LogColumns): LogColumns {
  const order = Array.from({ length: columns.count }, (_, index) => index)
  return pickLogs(
    columns,
    order.toSorted((one, other) => compare(columns, one, other)),
  )
}

/** The logs at some places, in that order. */
export function pickLogs(columns: LogColumns, order: readonly number[]): LogColumns {
  const count = order.length
  const topicEnds = new Uint32Array(2 * count)
  const topics = new Uint32Array(columns.topics.length)
  const payloadEnds = new Uint32Array(count)
  const payloads = new Uint8Array(columns.payloads.length)
  let topicWords = 0
  let payloadBytes = 0
  for (const [place, index] of order.entries()) {
    const firstTopic = index === 0 ? 0 : (columns.topicEnds[2 * index - 2] ?? 0)
    const ownTopics = columns.topics.subarray(
      8 * firstTopic,
      8 * (columns.topicEnds[2 * index] ?? 0),
    )
    topics.set(ownTopics, topicWords)
    topicWords += ownTopics.length
    topicEnds[2 * place] = topicWords / 8
    const payload = columns.payloads.subarray(
      index === 0 ? 0 : columns.payloadEnds[index - 1],
      columns.payloadEnds[index],
    )
    payloads.set(payload, payloadBytes)
    payloadBytes += payload.length
    payloadEnds[place] = payloadBytes
  }
  return {
    count,
    blocks: picked(columns.blocks, 2, order),
    logIndexes: picked(columns.logIndexes, 1, order),
    transactionIndexes: picked(columns.transactionIndexes, 1, order),
    blockHashes: picked(columns.blockHashes, 8, order),
    transactionHashes: picked(columns.transactionHashes, 8, order),
    addresses: picked(columns.addresses, 5, order),
    topicEnds,
    topics: topics.subarray(0, topicWords),
    payloadEnds,
    payloads: payloads.subarray(0, payloadBytes),
  }
}

function picked(column: Uint32Array, width: number, order: readonly number[]): Uint32Array {
  const result = new Uint32Array(width * order.length)
  for (const [place, index] of order.entries()) {
    for (let word = 0; word < width; word += 1) {
      result[width * place + word] = column[width * index + word] ?? 0
    }
  }
  return result
}
