// A list of logs to columns.

import {
  FIELD_MISSING,
  FIELD_UNFIT,
  KEY_TWICE,
  LOG_REMOVED,
  NO_LIST,
  NO_OBJECT,
  SYNTAX,
  TOPICS_TOO_MANY,
  fail,
} from './failure'
import { bytes20, bytes32, bytesOf, digitOf, forgetBadDigits, hadBadDigits } from './hex'
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
  skipValue,
  textAt,
  textLength,
} from './json'

// Where the columns begin: one place per log, and for topics and payloads as many as there are.
let blocks: usize = 0
let logIndexes: usize = 0
let transactionIndexes: usize = 0
let blockHashes: usize = 0
let transactionHashes: usize = 0
let addresses: usize = 0
let topicEnds: usize = 0
let topics: usize = 0
let payloadEnds: usize = 0
let payloads: usize = 0

let logCount: usize = 0
let topicCount: usize = 0
let payloadLength: usize = 0

// The fields of a log, as bits of `seen`; their numbers are those of scan/malformed.ts.
const ADDRESS: u32 = 0
const TOPICS: u32 = 1
const DATA: u32 = 2
const BLOCK_NUMBER: u32 = 3
const BLOCK_HASH: u32 = 4
const TRANSACTION_HASH: u32 = 5
const LOG_INDEX: u32 = 6
const TRANSACTION_INDEX: u32 = 7
const REMOVED: u32 = 8
const OTHER: u32 = 9
const REQUIRED: u32 = 127

const SAFE_MAX: u64 = 9007199254740991
const UNKNOWN_INDEX: u32 = 0xffffffff

/** Sets where the columns begin, in the order of scan/log-columns.ts, and empties them. */
export function beginLogs(table: usize): void {
  blocks = load<u32>(table)
  logIndexes = load<u32>(table, 4)
  transactionIndexes = load<u32>(table, 8)
  blockHashes = load<u32>(table, 12)
  transactionHashes = load<u32>(table, 16)
  addresses = load<u32>(table, 20)
  topicEnds = load<u32>(table, 24)
  topics = load<u32>(table, 28)
  payloadEnds = load<u32>(table, 32)
  payloads = load<u32>(table, 36)
  logCount = 0
  topicCount = 0
  payloadLength = 0
}

export function countLogs(): usize {
  return logCount
}

export function countTopics(): usize {
  return topicCount
}

export function countPayloadBytes(): usize {
  return payloadLength
}

/** Appends the logs of the list that begins at `at`; returns the place after it. */
export function readLogs(at: usize): usize {
  if (load<u8>(at) !== OPEN_LIST) return fail(NO_LIST, at)
  at = afterSpace(at + 1)
  if (load<u8>(at) === CLOSE_LIST) return at + 1
  while (true) {
    at = readLog(afterSpace(at))
    if (at === 0) return 0
    at = afterSpace(at)
    const after = load<u8>(at)
    at += 1
    if (after === CLOSE_LIST) return at
    if (after !== COMMA) return fail(SYNTAX, at - 1)
  }
}

function readLog(start: usize): usize {
  if (load<u8>(start) !== OPEN_OBJECT) return fail(NO_OBJECT, start)
  let seen: u32 = 0
  store<u32>(transactionIndexes + 4 * logCount, UNKNOWN_INDEX)
  let at = afterSpace(start + 1)
  while (true) {
    const keyAt = at
    at = readString(at)
    if (at === 0) return 0
    const field = fieldOf(textAt, textLength)
    if (field !== OTHER) {
      if ((seen >> field) & 1) return fail(KEY_TWICE, keyAt, field)
      seen |= 1 << field
    }
    at = afterColon(at)
    if (at === 0) return 0
    at = readField(field, afterSpace(at))
    if (at === 0) return 0
    at = afterSpace(at)
    const after = load<u8>(at)
    at += 1
    if (after === CLOSE_OBJECT) break
    if (after !== COMMA) return fail(SYNTAX, at - 1)
    at = afterSpace(at)
  }
  const missing = REQUIRED & ~seen
  if (missing !== 0) return fail(FIELD_MISSING, start, ctz(missing))
  store<u64>(topicEnds + 8 * logCount, topicCount)
  store<u32>(payloadEnds + 4 * logCount, <u32>payloadLength)
  logCount += 1
  return at
}

function fieldOf(key: usize, length: usize): u32 {
  switch (<u32>length) {
    case 4:
      return load<u32>(key) === 0x61746164 ? DATA : OTHER
    case 6:
      return startsWith(key, 0x69706f74) && ends(key, 0x73636970, 2) ? TOPICS : OTHER
    case 7:
      if (startsWith(key, 0x72646461)) return ends(key, 0x73736572, 3) ? ADDRESS : OTHER
      return startsWith(key, 0x6f6d6572) && ends(key, 0x6465766f, 3) ? REMOVED : OTHER
    case 8:
      return startsWith(key, 0x49676f6c) && ends(key, 0x7865646e, 4) ? LOG_INDEX : OTHER
    case 9:
      return isBlockWord(key) && ends(key, 0x68736148, 5) ? BLOCK_HASH : OTHER
    case 11:
      return isBlockWord(key) && ends(key, 0x626d754e, 5) && ends(key, 0x7265626d, 7)
        ? BLOCK_NUMBER
        : OTHER
    case 15:
      return isTransactionWord(key) && ends(key, 0x68736148, 11) ? TRANSACTION_HASH : OTHER
    case 16:
      return isTransactionWord(key) && byteAt(key, 11, 73) && ends(key, 0x7865646e, 12)
        ? TRANSACTION_INDEX
        : OTHER
    default:
      return OTHER
  }
}

@inline
function startsWith(key: usize, word: u32): bool {
  return load<u32>(key) === word
}

@inline
function ends(key: usize, word: u32, offset: usize): bool {
  return load<u32>(key + offset) === word
}

function byteAt(key: usize, offset: usize, byte: u8): bool {
  return load<u8>(key + offset) === byte
}

/** `block…` */
@inline
function isBlockWord(key: usize): bool {
  return load<u32>(key) === 0x636f6c62 && load<u8>(key, 4) === 107
}

/** `transaction…` */
@inline
function isTransactionWord(key: usize): bool {
  return load<u64>(key) === 0x7463_6173_6e61_7274 && load<u32>(key, 7) === 0x6e6f6974
}

function readField(field: u32, at: usize): usize {
  switch (field) {
    case ADDRESS:
      return readFixed(at, addresses + 20 * logCount, 40, field)
    case BLOCK_HASH:
      return readFixed(at, blockHashes + 32 * logCount, 64, field)
    case TRANSACTION_HASH:
      return readFixed(at, transactionHashes + 32 * logCount, 64, field)
    case BLOCK_NUMBER: {
      const past = readQuantity(at, SAFE_MAX, field)
      store<u64>(blocks + 8 * logCount, quantity)
      return past
    }
    case LOG_INDEX: {
      const past = readQuantity(at, 0xffffffff, field)
      store<u32>(logIndexes + 4 * logCount, <u32>quantity)
      return past
    }
    case TRANSACTION_INDEX: {
      if (load<u8>(at) !== QUOTE) return isNull(at) ? at + 4 : fail(FIELD_UNFIT, at, field)
      const past = readQuantity(at, 0xfffffffe, field)
      store<u32>(transactionIndexes + 4 * logCount, <u32>quantity)
      return past
    }
    case TOPICS:
      return readTopics(at)
    case DATA:
      return readPayload(at)
    case REMOVED:
      if (load<u32>(at) === 0x65757274) return fail(LOG_REMOVED, at, field)
      return skipValue(at)
    default:
      return skipValue(at)
  }
}

function isNull(at: usize): bool {
  return load<u32>(at) === 0x6c6c756e
}

/** Decodes the string at `at`, `0x` and exactly `count` digits (40 or 64); returns the place after it. */
@inline
function readFixed(at: usize, to: usize, count: usize, field: u32): usize {
  const isPlain =
    load<u8>(at) === QUOTE && load<u16>(at, 1) === 0x7830 && load<u8>(at + count + 3) === QUOTE
  if (isPlain && decodeFixed(at + 3, to, count)) return at + count + 4
  return readFixedSlowly(at, to, count, field)
}

/** As `readFixed`, with escapes. */
function readFixedSlowly(at: usize, to: usize, count: usize, field: u32): usize {
  if (load<u8>(at) !== QUOTE) return fail(FIELD_UNFIT, at, field)
  const past = readString(at)
  if (past === 0) return 0
  if (textLength !== count + 2 || !hasPrefix(textAt)) return fail(FIELD_UNFIT, at, field)
  return decodeFixed(textAt + 2, to, count) ? past : fail(FIELD_UNFIT, at, field)
}

@inline
function decodeFixed(digits: usize, to: usize, count: usize): bool {
  if (count === 40) bytes20(digits, to)
  else bytes32(digits, to)
  if (!hadBadDigits()) return true
  forgetBadDigits()
  return false
}

function readTopics(at: usize): usize {
  if (load<u8>(at) !== OPEN_LIST) return fail(FIELD_UNFIT, at, TOPICS)
  const first = topicCount
  at = afterSpace(at + 1)
  if (load<u8>(at) === CLOSE_LIST) return at + 1
  while (true) {
    if (topicCount - first === 4) return fail(TOPICS_TOO_MANY, at, TOPICS)
    at = readFixed(at, topics + 32 * topicCount, 64, TOPICS)
    if (at === 0) return 0
    topicCount += 1
    at = afterSpace(at)
    const after = load<u8>(at)
    at += 1
    if (after === CLOSE_LIST) return at
    if (after !== COMMA) return fail(SYNTAX, at - 1)
    at = afterSpace(at)
  }
}

/** A payload stands as ClickHouse writes a string: its length in groups of seven bits, its bytes. */
function readPayload(at: usize): usize {
  if (load<u8>(at) !== QUOTE) return fail(FIELD_UNFIT, at, DATA)
  const past = readString(at)
  if (past === 0) return 0
  if (textLength < 2 || (textLength & 1) !== 0 || !hasPrefix(textAt)) {
    return fail(FIELD_UNFIT, at, DATA)
  }
  const byteLength = (textLength - 2) >> 1
  let to = payloads + payloadLength
  let rest = byteLength
  while (rest >= 128) {
    store<u8>(to, <u8>(rest & 127) | 128)
    to += 1
    rest >>= 7
  }
  store<u8>(to, <u8>rest)
  to += 1
  const isHex = bytesOf(textAt + 2, textLength - 2, to)
  if (!isHex || hadBadDigits()) {
    forgetBadDigits()
    return fail(FIELD_UNFIT, at, DATA)
  }
  payloadLength = to + byteLength - payloads
  return past
}

let quantity: u64 = 0

/** Reads `"0x…"` of 1 to 14 digits, up to `max`. */
function readQuantity(at: usize, max: u64, field: u32): usize {
  if (load<u8>(at) !== QUOTE) return fail(FIELD_UNFIT, at, field)
  const past = readString(at)
  if (past === 0) return 0
  if (textLength < 3 || textLength > 16 || !hasPrefix(textAt)) return fail(FIELD_UNFIT, at, field)
  let value: u64 = 0
  const end = textAt + textLength
  for (let place = textAt + 2; place < end; place++) {
    const digit = digitOf(load<u8>(place))
    if (digit > 15) return fail(FIELD_UNFIT, at, field)
    value = (value << 4) | digit
  }
  if (value > max) return fail(FIELD_UNFIT, at, field)
  quantity = value
  return past
}

function hasPrefix(text: usize): bool {
  return load<u8>(text) === 48 && (load<u8>(text, 1) | 32) === 120
}
