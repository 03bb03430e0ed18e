import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { decodeLogs } from '../chain/block.ts'
import { type Random, openRandom } from '../simulation/random.ts'
import { scanModuleText } from './build-kernel.ts'
import { type LogColumns, UNKNOWN_INDEX, blockOf } from './log-columns.ts'
import { openLogScanner } from './log-scanner.ts'
import { AnswerMalformedError } from './malformed.ts'
import { logsOf, scannedLogs } from './scanned-logs.ts'
import { jsonText, mangled, randomBody } from './testing/random-body.ts'

const SCANNER = openLogScanner()
const SEED = 20_261_122

test('the committed scanner is what its source compiles to', async () => {
  const committed = readFileSync(join(import.meta.dirname, 'scan.wasm.ts'), 'utf8')
  expect(committed).toBe(await scanModuleText())
})

test('bodies in any dress are read as JSON.parse reads them', () => {
  const random = openRandom(SEED)
  for (let round = 0; round < 2_000; round += 1) {
    const { text, callCount, logCallCount } = randomBody(random)
    const bytes = Buffer.from(text)
    const scanned = SCANNER.read(inChunks(random, bytes), callCount, logCallCount)
    expect(rowsOf(scanned.logs), `round ${round}: ${text}`).toEqual(
      referenceRows(bytes, logCallCount),
    )
    const asText = logsOf(scannedLogs(scanned.logs, 0, scanned.logs.count))
    expect(asText).toEqual(decodeLogs(resultsOf(bytes, logCallCount), 'reference'))
    const others = [...scanned.answers].filter(([id]) => id >= logCallCount)
    const results = others.map(([id, { result }]) => [id, JSON.parse(result ?? 'null')])
    expect(results).toEqual(others.map(([id]) => [id, resultOf(bytes, id)]))
  }
})

test('damaged bodies are refused exactly where JSON.parse or the shape of a log refuses them', () => {
  const random = openRandom(SEED + 1)
  let refusedCount = 0
  for (let round = 0; round < 6_000; round += 1) {
    const { text, callCount, logCallCount } = randomBody(random)
    const bytes = mangled(random, Buffer.from(text))
    const { scanned, expected } = readTwice(bytes, callCount, logCallCount)
    expect(scanned, bytes.toString()).toEqual(expected)
    refusedCount += scanned === undefined ? 1 : 0
  }
  expect(refusedCount).toBeGreaterThan(1_500)
  expect(refusedCount).toBeLessThan(5_950)
})

test.each([
  ['', 'answer at byte 0: expected an object, found its end'],
  ['[1]', 'answer at byte 1: expected an object, found "1]"'],
  ['{"id":0,"result":7}', 'answer at byte 17: expected a list of logs, found "7}"'],
  ['{"id":0,"result":[]} x', 'answer at byte 21: expected JSON, found "x"'],
  ['{"id":0,"result":[{"removed":true}]}', 'answer at byte 29: expected a log that stands'],
  ['{"id":0,"result":[{"data":"0x123"}]}', 'answer at byte 26: expected 0x and pairs of hex'],
  ['{"id":0,"result":[{"logIndex":null}]}', 'answer at byte 30: expected a quantity below 2^32'],
  ['{"id":0,"result":[{"data":"0x"}]}', 'answer at byte 18: expected a log with address'],
  ['{"id":0,"result":[{"data":"0x","data":"0x"}]}', 'answer at byte 31: expected each key once'],
  [`{"id":9,"x":${'['.repeat(1025)}`, 'answer at byte 1036: expected at most 1,024 lists'],
])('%j is refused with the byte where it goes wrong', (text, message) => {
  expect(() => SCANNER.read([Buffer.from(text)], 1, 1)).toThrow(message)
})

test('of a block only the fields of its header are taken, whatever stands beside them', () => {
  const random = openRandom(SEED + 2)
  const header = {
    number: '0x10',
    hash: random.bytes(32),
    parentHash: random.bytes(32),
    timestamp: '0x5',
    logsBloom: random.bytes(256),
  }
  const block = {
    ...header,
    transactions: [random.bytes(32)],
    Hash: '0x',
    withdrawals: [{ a: [] }],
  }
  let wholeCount = 0
  for (let round = 0; round < 200; round += 1) {
    const text = jsonText(
      [
        { id: 0, result: [] },
        { id: 1, result: block },
      ],
      random,
    )
    const { answers } = SCANNER.readHeaders([Buffer.from(text)], 2, 1)
    const { header: found, result } = answers.get(1) ?? {}
    // Where a key is escaped, the reader gets the whole.
    expect(found ?? JSON.parse(result ?? '')).toEqual(found === undefined ? block : header)
    wholeCount += found === undefined ? 1 : 0
  }
  expect(wholeCount).toBeLessThan(100)
  const other = SCANNER.readHeaders([Buffer.from('{"id":1,"result":{"hash":"0x"}}')], 2, 1)
  expect(other.answers.get(1)).toEqual({ result: '{"hash":"0x"}' })
})

test('an answer without logs, and one of null beside its error, are left to the reader', () => {
  const text = jsonText([
    { id: 1, result: { number: '0x1' } },
    { id: 0, result: null, error: { code: -32005, message: 'slow down' } },
  ])
  const { logs, answers } = SCANNER.read([Buffer.from(text)], 2, 1)
  expect(logs.count).toBe(0)
  expect(answers.get(1)).toEqual({ result: '{"number":"0x1"}' })
  expect(answers.get(0)?.error).toBe('{"code":-32005,"message":"slow down"}')
})

type TwoReadings = { readonly scanned: unknown; readonly expected: unknown }

/** The rows that each reader found; undefined where it refused the bytes. */
function readTwice(bytes: Buffer, callCount: number, logCallCount: number): TwoReadings {
  const scanned = attempt(() => rowsOf(SCANNER.read([bytes], callCount + 1, logCallCount).logs))
  const expected = attempt(() => referenceRows(bytes, logCallCount))
  const isDoubled = scanned === undefined && expected !== undefined && hasDoubledKey(bytes)
  return { scanned, expected: isDoubled ? undefined : expected }
}

/** JSON.parse takes the last of equal keys, where the scanner refuses the second. */
function hasDoubledKey(bytes: Buffer): boolean {
  const text = bytes.toString()
  return keyCount(text) > keyCount(JSON.stringify(JSON.parse(text)))
}

function keyCount(text: string): number {
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gu)].filter(([, colon]) => colon).length
}

function inChunks(random: Random, bytes: Buffer): readonly Buffer[] {
  const cut = random.below(bytes.length)
  return [bytes.subarray(0, cut), bytes.subarray(cut)]
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    const isRefusal = error instanceof AnswerMalformedError || error instanceof TypeError
    if (isRefusal || error instanceof SyntaxError) return undefined
    throw error
  }
}

type Json = Readonly<Record<string, unknown>>

function answersOf(bytes: Buffer): readonly Json[] {
  const body: unknown = JSON.parse(bytes.toString())
  return (Array.isArray(body) ? body : [body]).map(objectOf)
}

function resultOf(bytes: Buffer, id: number): unknown {
  return answersOf(bytes).find((answer) => answer['id'] === id)?.['result']
}

function referenceRows(bytes: Buffer, logCallCount: number): readonly unknown[] {
  return resultsOf(bytes, logCallCount).map(referenceRow)
}

/** The logs of all calls for logs, in the order of the answers. */
function resultsOf(bytes: Buffer, logCallCount: number): readonly unknown[] {
  return answersOf(bytes).flatMap(({ id, result }): readonly unknown[] => {
    const isLogs = typeof id === 'number' && id >= 0 && id < logCallCount
    if (!isLogs || result === null || result === undefined) return []
    if (!Array.isArray(result)) throw new TypeError('no list')
    return result
  })
}

function referenceRow(value: unknown): unknown {
  const log = objectOf(value)
  if (log['removed'] === true) throw new TypeError('removed')
  const topics: unknown = log['topics']
  if (!Array.isArray(topics) || topics.length > 4) throw new TypeError('topics')
  const index = log['transactionIndex']
  return {
    block: quantityOf(log['blockNumber'], 2 ** 53),
    logIndex: quantityOf(log['logIndex'], 2 ** 32),
    transactionIndex:
      index === null || index === undefined ? UNKNOWN_INDEX : quantityOf(index, 2 ** 32 - 1),
    blockHash: hexOf(log['blockHash'], 64),
    transactionHash: hexOf(log['transactionHash'], 64),
    address: hexOf(log['address'], 40),
    topics: topics.map((topic) => hexOf(topic, 64)),
    payload: hexOf(log['data']),
  }
}

function objectOf(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('')
  return value as Json
}

function quantityOf(value: unknown, bound: number): number {
  const valid = typeof value === 'string' && /^0x[0-9a-f]{1,14}$/iu.test(value)
  if (!valid || Number(value) >= bound) throw new TypeError('quantity')
  return Number(value)
}

function hexOf(value: unknown, digitCount?: number): string {
  const valid = typeof value === 'string' && /^0x(?:[0-9a-f]{2})*$/iu.test(value)
  if (!valid || (digitCount ?? value.length - 2) !== value.length - 2) throw new TypeError('hex')
  return value.slice(2).toLowerCase()
}

function rowsOf(columns: LogColumns): readonly unknown[] {
  return Array.from({ length: columns.count }, (_, index) => {
    const words = (column: Uint32Array, width: number, at = index): string =>
      Buffer.from(column.slice(width * at, width * (at + 1)).buffer).toString('hex')
    const firstTopic = index === 0 ? 0 : (columns.topicEnds[2 * index - 2] ?? 0)
    const topicCount = (columns.topicEnds[2 * index] ?? 0) - firstTopic
    return {
      block: blockOf(columns, index),
      logIndex: columns.logIndexes[index],
      transactionIndex: columns.transactionIndexes[index],
      blockHash: words(columns.blockHashes, 8),
      transactionHash: words(columns.transactionHashes, 8),
      address: words(columns.addresses, 5),
      topics: Array.from({ length: topicCount }, (_unused, topic) =>
        words(columns.topics, 8, firstTopic + topic),
      ),
      payload: payloadOf(columns, index),
    }
  })
}

function payloadOf({ payloads, payloadEnds }: LogColumns, index: number): string {
  const whole = payloads.subarray(payloadEnds[index - 1] ?? 0, payloadEnds[index])
  const lengthBytes = whole.findIndex((byte) => byte < 128) + 1
  const length = whole
    .subarray(0, lengthBytes)
    .reduce((sum, byte, place) => sum + (byte & 127) * 128 ** place, 0)
  if (whole.length !== lengthBytes + length) throw new RangeError('a payload of another length')
  return Buffer.from(whole.subarray(lengthBytes)).toString('hex')
}
