import type { LogColumns } from './log-columns.ts'
import { AnswerMalformedError } from './malformed.ts'
import { SCAN_WASM_BASE64 } from './scan.wasm.ts'

/** One answer of a body, whose JSON is checked but not yet read. */
export type Answer = {
  /** Absent: the node answered with an error, with nothing or with logs. */
  readonly result?: string
  /** Of a block, when only its header was asked for: what its hash is made of, as JSON has it. */
  readonly header?: Readonly<Record<string, unknown>>
  /** Of a call for logs: the places in the columns of its first log and after its last. */
  readonly logs?: readonly [first: number, end: number]
  readonly error?: string
}

/** A body that was read. */
export type ScannedBody = {
  /** The logs of all calls that ask for logs, in the order of the answers. */
  readonly logs: LogColumns
  /** By the number of the call. */
  readonly answers: ReadonlyMap<number, Answer>
}

/** Reads bodies of JSON-RPC answers; its memory grows to what the largest of them takes. */
export type LogScanner = {
  /**
   * Reads the answers to a batch whose first `logCallCount` calls are `eth_getLogs`. Any order of
   * keys and answers, white space, escapes, unknown keys and either case of digits will do.
   *
   * @throws {AnswerMalformedError} for anything else, with the offset of the first byte that is wrong.
   */
  readonly read: (
    body: readonly Uint8Array[],
    callCount: number,
    logCallCount: number,
  ) => ScannedBody
  /** As `read`, where every other call is for a block of which the header is enough. */
  readonly readHeaders: LogScanner['read']
}

/** Prepares a scanner of its own. */
export function openLogScanner(): LogScanner {
  compiled ??= new WASM.Module(Buffer.from(SCAN_WASM_BASE64, 'base64'))
  const kernel = new WASM.Instance(compiled).exports
  return {
    read: (...asked) => read(kernel, ...asked, answerText),
    readHeaders: (...asked) => read(kernel, ...asked, answerHeader),
  }
}

type Kernel = {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pageCount: number): number }
  readonly base: () => number
  readonly beginLogs: (table: number) => void
  readonly readAnswers: (
    start: number,
    length: number,
    table: number,
    tableMax: number,
    logCalls: number,
  ) => number
} & Readonly<
  Record<
    | 'countLogs'
    | 'countTopics'
    | 'countPayloadBytes'
    | 'failureReason'
    | 'failurePlace'
    | 'failureField',
    () => number
  >
>

type Module = { readonly compiled: never }

const WASM = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Module: new (bytes: Uint8Array) => Module
      readonly Instance: new (module: Module) => { readonly exports: Kernel }
    }
  }
).WebAssembly

let compiled: Module | undefined

const PAGE_BYTES = 65_536
/** The kernel reads up to this many bytes past the end of a text and stops at the first zero. */
const ZERO_BYTES = 128
/** Hashes and address of a log with their keys: no log that counts is shorter. */
const LOG_BYTES_MIN = 220
const TOPIC_BYTES_MIN = 68
const ENTRY_WORDS = 51

/** Bytes per log of the columns with one value per log, in the order of `beginLogs`. */
const WIDTHS = [8, 4, 4, 32, 32, 20, 8] as const

function read(
  kernel: Kernel,
  body: readonly Uint8Array[],
  callCount: number,
  logCallCount: number,
  answerOf: AnswerOf,
): ScannedBody {
  const length = body.reduce((sum, chunk) => sum + chunk.length, 0)
  const place = layOut(kernel.base(), length, callCount)
  const missing = Math.ceil((place.end - kernel.memory.buffer.byteLength) / PAGE_BYTES)
  if (missing > 0) kernel.memory.grow(missing)
  const bytes = new Uint8Array(kernel.memory.buffer)
  let at = place.text
  for (const chunk of body) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  bytes.fill(0, at, at + ZERO_BYTES)
  new Uint32Array(kernel.memory.buffer, place.table, place.columns.length).set(place.columns)
  kernel.beginLogs(place.table)
  const count = kernel.readAnswers(place.text, length, place.entries, callCount, logCallCount)
  if (count < 0) throw refusal(kernel, body, place.text)
  return {
    logs: copyColumns(kernel, place.columns),
    answers: copyAnswers(kernel.memory.buffer, place.entries, { count, logCallCount, answerOf }),
  }
}

type Place = {
  readonly table: number
  readonly entries: number
  readonly text: number
  /** Where the columns begin, in the order of `beginLogs`. */
  readonly columns: readonly number[]
  readonly end: number
}

function layOut(base: number, length: number, callCount: number): Place {
  const logsMax = Math.floor(length / LOG_BYTES_MIN) + 1
  const topicsMax = Math.floor(length / TOPIC_BYTES_MIN) + 1
  const entries = base + 64
  const text = aligned(entries + 4 * ENTRY_WORDS * callCount)
  let end = aligned(text + length + ZERO_BYTES)
  const take = (byteLength: number): number => {
    const start = end
    end = aligned(start + byteLength)
    return start
  }
  const columns = [
    ...WIDTHS.map((width) => take(width * logsMax)),
    take(32 * topicsMax),
    take(4 * logsMax),
    // A pair of digits is a byte; a length takes no more than its `0x` and quotes did.
    take(length / 2 + 64),
  ]
  return { table: base, entries, text, columns, end }
}

function aligned(address: number): number {
  return Math.ceil(address / 64) * 64
}

function copyColumns(kernel: Kernel, places: readonly number[]): LogColumns {
  const count = kernel.countLogs()
  const words = (column: number, length: number): Uint32Array =>
    new Uint32Array(kernel.memory.buffer, places[column] ?? 0, length).slice()
  return {
    count,
    blocks: words(0, 2 * count),
    logIndexes: words(1, count),
    transactionIndexes: words(2, count),
    blockHashes: words(3, 8 * count),
    transactionHashes: words(4, 8 * count),
    addresses: words(5, 5 * count),
    topicEnds: words(6, 2 * count),
    topics: words(7, 8 * kernel.countTopics()),
    payloadEnds: words(8, count),
    payloads: new Uint8Array(
      kernel.memory.buffer,
      places[9] ?? 0,
      kernel.countPayloadBytes(),
    ).slice(),
  }
}

/** Makes an answer of an entry that the kernel filled. */
type AnswerOf = (text: (from: number, to: number) => string, entry: Uint32Array) => Answer

function copyAnswers(
  buffer: ArrayBuffer,
  entries: number,
  asked: { readonly count: number; readonly logCallCount: number; readonly answerOf: AnswerOf },
): ReadonlyMap<number, Answer> {
  const { count, logCallCount, answerOf } = asked
  const words = new Uint32Array(buffer, entries, ENTRY_WORDS * count)
  const text = (from: number, to: number): string => Buffer.from(buffer, from, to - from).toString()
  const answers = new Map<number, Answer>()
  for (let at = 0; at < words.length; at += ENTRY_WORDS) {
    const entry = words.subarray(at, at + ENTRY_WORDS)
    const [id = 0, result = 0, resultEnd = 0, error = 0, errorEnd = 0, first = 0, end = 0] = entry
    // Of a call for logs only null is text.
    const isLogs = id < logCallCount && resultEnd - result !== 'null'.length
    const found = isLogs ? { logs: [first, end] as const } : answerOf(text, entry)
    answers.set(id, {
      ...(result === 0 ? {} : found),
      ...(error === 0 ? {} : { error: text(error, errorEnd) }),
    })
  }
  return answers
}

function answerText(
  text: (from: number, to: number) => string,
  [, result = 0, resultEnd = 0]: Uint32Array,
): Answer {
  return { result: text(result, resultEnd) }
}

/** In the order in which the kernel notes where they are. */
const HEADER_FIELDS = [
  'number',
  'hash',
  'parentHash',
  'timestamp',
  'logsBloom',
  'sha3Uncles',
  'miner',
  'stateRoot',
  'transactionsRoot',
  'receiptsRoot',
  'difficulty',
  'gasLimit',
  'gasUsed',
  'extraData',
  'mixHash',
  'nonce',
  'baseFeePerGas',
  'withdrawalsRoot',
  'blobGasUsed',
  'excessBlobGas',
  'parentBeaconBlockRoot',
  'requestsHash',
]
/** What every block has. */
const FIELDS_NEEDED = 5
const FIELDS_WORD = 7

function answerHeader(text: (from: number, to: number) => string, entry: Uint32Array): Answer {
  const header: Record<string, unknown> = {}
  for (const [place, name] of HEADER_FIELDS.entries()) {
    const from = entry[FIELDS_WORD + 2 * place] ?? 0
    // Absent in what is no block, which its reader tells from the whole; others came with forks.
    if (from === 0 && place < FIELDS_NEEDED) return answerText(text, entry)
    if (from === 0) continue
    const value = text(from, entry[FIELDS_WORD + 2 * place + 1] ?? 0)
    const isPlain = value.startsWith('"') && !value.includes('\\')
    header[name] = isPlain ? value.slice(1, -1) : JSON.parse(value)
  }
  return { header }
}

function refusal(kernel: Kernel, body: readonly Uint8Array[], start: number): AnswerMalformedError {
  const byteOffset = kernel.failurePlace() - start
  const found = Buffer.concat(body).subarray(byteOffset, byteOffset + 64)
  return new AnswerMalformedError({
    reason: kernel.failureReason(),
    field: kernel.failureField(),
    byteOffset,
    found,
  })
}
