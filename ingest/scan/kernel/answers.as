// The answers of one HTTP body: a JSON-RPC object or a list of them.

import { ANSWERS_TOO_MANY, KEY_TWICE, NO_OBJECT, SYNTAX, fail } from './failure'
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COMMA,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  afterColon,
  afterSpace,
  readString,
  skipString,
  skipValue,
  textAt,
  textLength,
} from './json'
import { countLogs, readLogs } from './logs'

// One entry per answer: its id, where its result and its error begin and end (0: it has none), how
// many logs there were before and after it, and where the fields of a block's header begin and end.
const ENTRY_BYTES: usize = 204
const FIELDS_OFFSET: usize = 28
const NO_ID: u32 = 0xffffffff

// The keys of an answer, as bits.
const ID: u32 = 1
const RESULT: u32 = 2
const ERROR: u32 = 4

let entries: usize = 0
let entryCount: usize = 0
let entryCountMax: usize = 0
let logCallCount: u32 = 0

/**
 * Walks the body at `start`, of which the answers to the first calls are lists of logs; returns how
 * many answers there are, or -1.
 */
export function readAnswers(
  start: usize,
  length: usize,
  table: usize,
  tableMax: usize,
  logCalls: u32,
): i32 {
  entries = table
  entryCount = 0
  entryCountMax = tableMax
  logCallCount = logCalls
  let at = afterSpace(start)
  at = load<u8>(at) === OPEN_LIST ? readList(at) : readAnswer(at)
  if (at === 0) return -1
  at = afterSpace(at)
  if (at !== start + length) {
    fail(SYNTAX, at)
    return -1
  }
  return <i32>entryCount
}

function readList(at: usize): usize {
  at = afterSpace(at + 1)
  if (load<u8>(at) === CLOSE_LIST) return at + 1
  while (true) {
    at = readAnswer(afterSpace(at))
    if (at === 0) return 0
    at = afterSpace(at)
    const after = load<u8>(at)
    at += 1
    if (after === CLOSE_LIST) return at
    if (after !== COMMA) return fail(SYNTAX, at - 1)
  }
}

function readAnswer(at: usize): usize {
  if (load<u8>(at) !== OPEN_OBJECT) return fail(NO_OBJECT, at)
  if (entryCount === entryCountMax) return fail(ANSWERS_TOO_MANY, at)
  const entry = entries + entryCount * ENTRY_BYTES
  memory.fill(entry, 0, ENTRY_BYTES)
  store<u32>(entry, NO_ID)
  entryCount += 1
  let seen: u32 = 0
  let isRead = false
  at = afterSpace(at + 1)
  if (load<u8>(at) === CLOSE_OBJECT) return at + 1
  while (true) {
    const keyAt = at
    at = readString(at)
    if (at === 0) return 0
    const key = keyOf(textAt, textLength)
    if ((seen & key) !== 0) return fail(KEY_TWICE, keyAt)
    seen |= key
    at = afterColon(at)
    if (at === 0) return 0
    at = afterSpace(at)
    const valueAt = at
    if (key === RESULT && holdsLogs(entry, at)) {
      isRead = true
      at = readOwnLogs(entry, at)
    } else if (key === RESULT && load<u8>(at) === OPEN_OBJECT) at = skipBlock(entry, at)
    else at = skipValue(at)
    if (at === 0) return 0
    note(entry, key, valueAt, at)
    at = afterSpace(at)
    const after = load<u8>(at)
    at += 1
    if (after === CLOSE_OBJECT) break
    if (after !== COMMA) return fail(SYNTAX, at - 1)
    at = afterSpace(at)
  }
  // The id may follow the result.
  if (!isRead && (seen & RESULT) !== 0 && holdsLogs(entry, load<u32>(entry, 4))) {
    if (readOwnLogs(entry, load<u32>(entry, 4)) === 0) return 0
  }
  return at
}

/** The place after the object at `at`, whose fields of a block's header are noted. */
function skipBlock(entry: usize, at: usize): usize {
  at = afterSpace(at + 1)
  if (load<u8>(at) === CLOSE_OBJECT) return at + 1
  while (true) {
    // The text stays as it is: its reader may want all of it. A key with escapes is not recognised.
    const keyAt = at + 1
    if (load<u8>(at) !== QUOTE) return fail(SYNTAX, at)
    at = skipString(at)
    if (at === 0) return 0
    const field = headerFieldOf(keyAt, at - keyAt - 1)
    at = afterColon(at)
    if (at === 0) return 0
    const from = afterSpace(at)
    at = skipValue(from)
    if (at === 0) return 0
    if (field !== NO_FIELD) {
      store<u32>(entry + FIELDS_OFFSET + 8 * field, <u32>from)
      store<u32>(entry + FIELDS_OFFSET + 8 * field, <u32>at, 4)
    }
    at = afterSpace(at)
    const after = load<u8>(at)
    at += 1
    if (after === CLOSE_OBJECT) return at
    if (after !== COMMA) return fail(SYNTAX, at - 1)
    at = afterSpace(at)
  }
}

/** The fields of a header that its hash is made of, and the hash, in the order of scan/log-scanner.ts. */
const FIELDS: StaticArray<string> = [
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
const NO_FIELD: u32 = 22

/** The place of a header's field in the list. */
function headerFieldOf(key: usize, length: usize): u32 {
  for (let field: u32 = 0; field < NO_FIELD; field++) {
    const name = unchecked(FIELDS[field])
    if (<usize>name.length === length && isText(key, length, changetype<usize>(name))) return field
  }
  return NO_FIELD
}

/** Whether bytes are a name, whose letters take two bytes each. */
function isText(at: usize, length: usize, name: usize): bool {
  for (let place: usize = 0; place < length; place++) {
    if (<u16>load<u8>(at + place) !== load<u16>(name + 2 * place)) return false
  }
  return true
}

function readOwnLogs(entry: usize, at: usize): usize {
  store<u32>(entry, <u32>countLogs(), 20)
  const past = readLogs(at)
  store<u32>(entry, <u32>countLogs(), 24)
  return past
}

/** A result of null is left to the reader: an error may stand beside it. */
function holdsLogs(entry: usize, valueAt: usize): bool {
  return load<u32>(entry) < logCallCount && load<u32>(valueAt) !== 0x6c6c756e
}

function note(entry: usize, key: u32, from: usize, to: usize): void {
  if (key === ID) store<u32>(entry, idOf(from, to))
  if (key === RESULT) {
    store<u32>(entry, <u32>from, 4)
    store<u32>(entry, <u32>to, 8)
  }
  if (key === ERROR && load<u32>(from) !== 0x6c6c756e) {
    store<u32>(entry, <u32>from, 12)
    store<u32>(entry, <u32>to, 16)
  }
}

function keyOf(key: usize, length: usize): u32 {
  if (length === 2) return load<u16>(key) === 0x6469 ? ID : 0
  if (length === 5) return load<u32>(key) === 0x6f727265 && load<u8>(key, 4) === 114 ? ERROR : 0
  if (length !== 6) return 0
  return load<u32>(key) === 0x75736572 && load<u16>(key, 4) === 0x746c ? RESULT : 0
}

/** An id of ours is a short whole number. */
function idOf(from: usize, to: usize): u32 {
  if (to - from > 9) return NO_ID
  let id: u32 = 0
  for (let at = from; at < to; at++) {
    const digit = <u32>load<u8>(at) - 48
    if (digit > 9) return NO_ID
    id = id * 10 + digit
  }
  return id
}
