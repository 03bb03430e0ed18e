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
const ZERO_12 = Buffer.alloc(12)

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
    return decodeWords(words)
  } catch (error) {
    if (error instanceof BatchProblem) return refused('BATCH_MALFORMED', error.message)
    throw error
  }
}

function decodeWords(words: Buffer): DecodedBatch {
  if (words.length % 32 !== 0 || words.length < RECEIPTS_AT + 32) fail('whole words', 'too few')
  const header = {
    version: small(words, 0, RECEIPT_BATCH_VERSION, 'version'),
    provider: address(words, 32, 'provider'),
    sequence: uint64(words, 64, 'sequence'),
    previous: bytes32(words, 96),
    count: small(words, 128, RECEIPT_BATCH_COUNT_MAX, 'count'),
    feeTotal: readWord(words, 160),
    root: bytes32(words, 192),
  }
  if (header.version !== RECEIPT_BATCH_VERSION) fail('the version of the prefix', header.version)
  if (header.count === 0) fail('1 receipt or more', 0)
  exactly(words, 32 * HEADER_WORDS, RECEIPTS_AT, 'the offset of the receipts')
  exactly(words, RECEIPTS_AT, header.count, 'the number of receipts')
  const list = RECEIPTS_AT + 32
  let at = list + 32 * header.count
  const receipts = Array.from({ length: header.count }, (_, index) => {
    exactly(words, list + 32 * index, at - list, `the offset of receipt ${index}`)
    const receipt = checkReceipt(words, at, header.provider, index)
    at += encodedLength(receipt.assetCount)
    return receipt
  })
  exactly(words, 32 * (HEADER_WORDS + 1), at, 'the offset of the signature')
  exactly(words, at, 65, 'the length of the signature')
  if (words.length !== at + SIGNATURE_BYTES) {
    fail(`${at + SIGNATURE_BYTES} bytes after the prefix`, words.length)
  }
  if (words.subarray(at + 97).some((byte) => byte !== 0)) fail('zeros at the end', 'others')
  return { type: 'batch', header, words, receipts, signature: words.subarray(at + 32, at + 97) }
}

/** Every bound that a single receipt has as well. */
function checkReceipt(words: Buffer, at: number, provider: Hex, index: number) {
  const what = (name: string): string => `receipts[${index}].${name}`
  const place = (word: number): number => at + 32 * word
  if (words.length < at + encodedLength(1)) fail(`${what('assets')} within the batch`, 'its end')
  if (address(words, place(WORD.provider), what('provider')) !== provider) {
    fail(`${what('provider')} to be that of the batch`, 'another')
  }
  checkZeros(words, place(WORD.consumer), 12, what('consumer'))
  small(words, place(WORD.workload), WORKLOADS.length - 1, what('workload'))
  uint64(words, place(WORD.nonce), what('nonce'))
  exactly(words, place(WORD.assets), HEAD_BYTES, what('assets'))
  // An amount is below 2^96, so 20 bytes before it are zero.
  checkZeros(words, place(WORD.fee), 32 - AMOUNT_BYTES, what('fee'))
  const started = uint64(words, place(WORD.startedAtSeconds), what('startedAtSeconds'))
  const finished = uint64(words, place(WORD.finishedAtSeconds), what('finishedAtSeconds'))
  if (finished < started) fail(`${what('finishedAtSeconds')} not before its start`, finished)
  const assetCount = small(words, at + HEAD_BYTES, RECEIPT_ASSETS_MAX, what('assets'))
  if (assetCount === 0) fail(`${what('assets')} to be 1 or more`, 0)
  const first = at + encodedLength(0)
  if (words.length < first + 32 * assetCount) fail(`${what('assets')} within the batch`, 'its end')
  for (let next = first + 32; next < first + 32 * assetCount; next += 32) {
    if (words.compare(words, next, next + 32, next - 32, next) >= 0) {
      fail(`${what('assets')} to ascend`, 'others')
    }
  }
  return { offset: at, assetCount }
}

const AMOUNT_BYTES = (AMOUNT_BOUND - 1n).toString(16).length / 2

function checkZeros(words: Buffer, at: number, byteLength: number, what: string): void {
  for (let offset = 0; offset < byteLength; offset += 12) {
    const length = Math.min(12, byteLength - offset)
    const from = at + offset
    if (words.compare(ZERO_12, 0, length, from, from + length) !== 0) {
      fail(`${what} within its bounds`, 'more')
    }
  }
}

function uint64(words: Buffer, at: number, what: string): bigint {
  checkZeros(words, at, 24, what)
  return words.readBigUInt64BE(at + 24)
}

function small(words: Buffer, at: number, most: number, what: string): number {
  const value = uint64(words, at, what)
  if (value > BigInt(most)) fail(`${what} of at most ${most}`, value)
  return Number(value)
}

function exactly(words: Buffer, at: number, expected: number, what: string): void {
  if (words.length < at + 32) fail(what, 'the end of the batch')
  checkZeros(words, at, 24, what)
  const found = words.readBigUInt64BE(at + 24)
  if (found !== BigInt(expected)) fail(`${what} to be ${expected}`, found)
}

function address(words: Buffer, at: number, what: string): Hex {
  checkZeros(words, at, 12, what)
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
