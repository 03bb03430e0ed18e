import {
  AMOUNT_BOUND,
  type Hex,
  RECEIPT_ASSETS_MAX,
  RECEIPT_BATCH_COUNT_MAX,
  RECEIPT_BATCH_MAGIC,
  RECEIPT_BATCH_VERSION,
  type ReceiptBatchHeader,
  WORKLOADS,
} from '@foggara/schema'

import { HEAD_BYTES, WORD, encodedLength, readWord } from '../hash/receipt-words.ts'
import { type Refused, refused } from '../parse-receipt.ts'

/** A batch that has the right shape; hashes and signature are not checked yet. */
export type DecodedBatch = {
  readonly type: 'batch'
  readonly header: ReceiptBatchHeader
  /** The words that receipts are read from, at {@link DecodedBatch.receipts}. */
  readonly words: Buffer
  readonly receipts: readonly { readonly offset: number; readonly assetCount: number }[]
  readonly signature: Buffer
}

/** Bytes before the words: magic and version. */
export const PREFIX_BYTES = 6
/** Bytes after the receipts: the length of the signature, and the signature in three words. */
export const SIGNATURE_BYTES = 128
/** The longest batch that is read. Unit: bytes. */
export const BATCH_BYTES_MAX = 4 * 1024 * 1024

/** Words of the header, and the two offsets that follow it. */
const HEADER_WORDS = 7
const RECEIPTS_AT = 32 * (HEADER_WORDS + 2)

/**
 * Reads bytes as a signed batch. Only the one encoding that `abi.encode` gives is read, word by word
 * from the first to the last, so nothing can be there twice, overlap or be left over.
 */
export function decodeBatch(bytes: Uint8Array): DecodedBatch | Refused {
  if (bytes.length > BATCH_BYTES_MAX) {
    const found = `found ${bytes.length}`
    return refused('BATCH_TOO_LARGE', `expected at most ${BATCH_BYTES_MAX} bytes, ${found}`)
  }
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (all.length < PREFIX_BYTES || `0x${all.toString('hex', 0, 4)}` !== RECEIPT_BATCH_MAGIC) {
    return refused('BATCH_MALFORMED', 'expected a batch to begin with FGRB, found other bytes')
  }
  const version = all.readUInt16BE(4)
  if (version !== RECEIPT_BATCH_VERSION) {
    const expected = `expected a batch of version ${RECEIPT_BATCH_VERSION}`
    return refused('BATCH_VERSION_UNKNOWN', `${expected}, found ${version}`)
  }
  const words = all.subarray(PREFIX_BYTES)
  try {
    return decodeWords(words, new DataView(words.buffer, words.byteOffset, words.length))
  } catch (error) {
    if (error instanceof BatchProblem) return refused('BATCH_MALFORMED', error.message)
    throw error
  }
}

function decodeWords(words: Buffer, view: DataView): DecodedBatch {
  if (words.length % 32 !== 0 || words.length < RECEIPTS_AT + 32) fail('whole words', 'too few')
  const header = {
    version: small(view, 0, RECEIPT_BATCH_VERSION, 'version'),
    provider: address(words, view, 32),
    sequence: uint64(view, 64, 'sequence'),
    previous: bytes32(words, 96),
    count: small(view, 128, RECEIPT_BATCH_COUNT_MAX, 'count'),
    feeTotal: readWord(words, 160),
    root: bytes32(words, 192),
  }
  if (header.version !== RECEIPT_BATCH_VERSION) fail('the version of the prefix', header.version)
  if (header.count === 0) fail('1 receipt or more', 0)
  exactly(view, 32 * HEADER_WORDS, RECEIPTS_AT, 'the offset of the receipts')
  exactly(view, RECEIPTS_AT, header.count, 'the number of receipts')
  const list = RECEIPTS_AT + 32
  let at = list + 32 * header.count
  if (words.length < at) fail('an offset of each receipt', 'the end of the batch')
  const receipts = Array.from({ length: header.count }, (_, index) => {
    if (!holds(view, list + 32 * index, at - list)) {
      fail(`the offset of receipt ${index} to be ${at - list}`, 'another')
    }
    const receipt = checkReceipt(words, view, at, index)
    at += encodedLength(receipt.assetCount)
    return receipt
  })
  exactly(view, 32 * (HEADER_WORDS + 1), at, 'the offset of the signature')
  exactly(view, at, 65, 'the length of the signature')
  if (words.length !== at + SIGNATURE_BYTES) {
    fail(`${at + SIGNATURE_BYTES} bytes after the prefix`, words.length)
  }
  if (words.subarray(at + 97).some((byte) => byte !== 0)) fail('zeros at the end', 'others')
  return { type: 'batch', header, words, receipts, signature: words.subarray(at + 32, at + 97) }
}

/** Every bound that a single receipt has as well. It runs for each receipt: only words are compared. */
function checkReceipt(words: Buffer, view: DataView, at: number, index: number) {
  const problem = (expected: string, found: string | number = 'another'): never =>
    fail(`receipts[${index}].${expected}`, found)
  const place = (word: number): number => at + 32 * word
  if (words.length < at + encodedLength(1)) problem('assets within the batch', 'its end')
  if (!isSameWord(view, place(WORD.provider), 32)) problem('provider to be that of the batch')
  if (!isZero(view, place(WORD.consumer), 12)) problem('consumer to be an address')
  if (smallAt(view, place(WORD.workload)) >= WORKLOADS.length) {
    problem(`workload of at most ${WORKLOADS.length - 1}`)
  }
  if (!isZero(view, place(WORD.nonce), 24)) problem('nonce below 2^64')
  if (!holds(view, place(WORD.assets), HEAD_BYTES)) problem(`assets to be ${HEAD_BYTES}`)
  if (!isZero(view, place(WORD.fee), 32 - AMOUNT_BYTES)) problem('fee within its bounds', 'more')
  const [started, finished] = [place(WORD.startedAtSeconds), place(WORD.finishedAtSeconds)]
  if (!isZero(view, started, 24)) problem('startedAtSeconds below 2^64')
  if (!isZero(view, finished, 24)) problem('finishedAtSeconds below 2^64')
  if (isBelow(view, finished + 24, started + 24)) problem('finishedAtSeconds not before its start')
  const assetCount = smallAt(view, at + HEAD_BYTES)
  if (assetCount === 0 || assetCount > RECEIPT_ASSETS_MAX) {
    problem(`assets to be 1 to ${RECEIPT_ASSETS_MAX}`, assetCount)
  }
  const first = at + encodedLength(0)
  const end = first + 32 * assetCount
  if (words.length < end) problem('assets within the batch', 'its end')
  for (let next = first + 32; next < end; next += 32) {
    if (!isAscending(view, next - 32, next)) problem('assets to ascend', 'others')
  }
  return { offset: at, assetCount }
}

const AMOUNT_BYTES = (AMOUNT_BOUND - 1n).toString(16).length / 2

/** Whether bytes, a multiple of four, are zero. */
function isZero(view: DataView, at: number, byteLength: number): boolean {
  for (let place = at; place < at + byteLength; place += 4) {
    if (view.getUint32(place) !== 0) return false
  }
  return true
}

/** The value of a word, or infinity where it is 2^32 or more. */
function smallAt(view: DataView, at: number): number {
  return isZero(view, at, 28) ? view.getUint32(at + 28) : Number.POSITIVE_INFINITY
}

function holds(view: DataView, at: number, expected: number): boolean {
  return smallAt(view, at) === expected
}

function isSameWord(view: DataView, one: number, other: number): boolean {
  for (let place = 0; place < 32; place += 4) {
    if (view.getUint32(one + place) !== view.getUint32(other + place)) return false
  }
  return true
}

function isAscending(view: DataView, one: number, other: number): boolean {
  for (let place = 0; place < 32; place += 4) {
    const [before, after] = [view.getUint32(one + place), view.getUint32(other + place)]
    if (before !== after) return before < after
  }
  return false
}

/** Whether one unsigned integer of 64 bits is below another. */
function isBelow(view: DataView, one: number, other: number): boolean {
  const [high, otherHigh] = [view.getUint32(one), view.getUint32(other)]
  return high === otherHigh ? view.getUint32(one + 4) < view.getUint32(other + 4) : high < otherHigh
}

function uint64(view: DataView, at: number, what: string): bigint {
  if (!isZero(view, at, 24)) fail(`${what} below 2^64`, 'more')
  return view.getBigUint64(at + 24)
}

function small(view: DataView, at: number, most: number, what: string): number {
  const value = smallAt(view, at)
  if (value > most) fail(`${what} of at most ${most}`, 'more')
  return value
}

function exactly(view: DataView, at: number, expected: number, what: string): void {
  if (view.byteLength < at + 32) fail(what, 'the end of the batch')
  if (!holds(view, at, expected)) fail(`${what} to be ${expected}`, 'another')
}

function address(words: Buffer, view: DataView, at: number): Hex {
  if (!isZero(view, at, 12)) fail('provider to be an address', 'more')
  return `0x${words.toString('hex', at + 12, at + 32)}`
}

function bytes32(words: Buffer, at: number): Hex {
  return `0x${words.toString('hex', at, at + 32)}`
}

function fail(expected: string, found: string | number | bigint): never {
  throw new BatchProblem(`expected ${expected}, found ${found}`)
}

/** Leaves the decoder from within; it never leaves this file. */
class BatchProblem extends Error {}
