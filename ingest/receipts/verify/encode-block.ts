import { SUBMITTED_RECEIPT_TABLE, clickhouseType, invariant } from '@foggara/schema'

import { openSink, reserve, writeLength, writeRaw, writeString } from '../../store/sink.ts'
import { HEAD_WORDS, WORD } from '../hash/receipt-words.ts'
import type { DecodedBatch } from './decode-batch.ts'

/** What all receipts that arrive together share. */
export type Stamp = {
  readonly receivedAtSeconds: number
  /** Receipts that ended up to here are late: their epoch is closed. -1: none is. */
  readonly lateUpToSeconds: number
}

/** What a batch says of all its receipts. */
export type BatchStamp = Stamp & { readonly batch: Uint8Array; readonly signer: Uint8Array }

/** Receipts as one block of `submitted_receipt` in ClickHouse's Native format. */
export type ReceiptBlock = {
  /** The number of the commit is missing: eight bytes for each row, the last of the block. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly rowCount: number
  readonly lateCount: number
}

/**
 * Encodes receipts of a batch, those at the positions or all. What repeats from row to row goes as a
 * dictionary, which the database unfolds: two thirds of the bytes need not be moved.
 */
export function encodeReceiptBlock(
  batch: DecodedBatch,
  digests: Uint8Array,
  stamp: BatchStamp,
  positions?: readonly number[],
): ReceiptBlock {
  const all = batch.receipts
  const rows = positions ?? [...all.keys()]
  const receipts = rows.map((position) => all[position] ?? { offset: 0, assetCount: 0 })
  const words = new DataView(batch.words.buffer, batch.words.byteOffset, batch.words.length)
  const writer = new BlockWriter(words, receipts)
  writer.begin('digest')
  if (positions === undefined) writer.raw(digests)
  else for (const row of rows) writer.raw(digests.subarray(32 * row, 32 * row + 32))
  writer.constant('received_at_seconds', uint64(stamp.receivedAtSeconds))
  const late = receipts.map(({ offset }) => {
    const finished = readSeconds(words, offset + 32 * WORD.finishedAtSeconds)
    return finished <= stamp.lateUpToSeconds ? 1 : 0
  })
  writer.begin('late')
  writer.raw(Uint8Array.from(late))
  writer.repeated('batch_digest', stamp.batch)
  writer.repeated('provider', batch.words.subarray(PROVIDER_AT, PROVIDER_AT + 20))
  writer.copied('consumer', WORD.consumer, 20)
  writer.copied('workload', WORD.workload, 1)
  writer.reversed('nonce', WORD.nonce, 8)
  writer.assets()
  writer.reversed('units', WORD.units, 32)
  writer.reversed('fee', WORD.fee, 32)
  writer.reversed('started_at_seconds', WORD.startedAtSeconds, 8)
  writer.reversed('finished_at_seconds', WORD.finishedAtSeconds, 8)
  writer.copied('input_hash', WORD.inputHash, 32)
  writer.copied('output_hash', WORD.outputHash, 32)
  writer.constant('signature', new Uint8Array(1))
  writer.repeated('signer', stamp.signer)
  return { ...writer.end(), lateCount: late.filter((one) => one === 1).length }
}

/** An unsigned integer of 64 bits as a number; exact below 2^53, and no smaller above. */
export function readSeconds(words: DataView, at: number): number {
  return words.getUint32(at + 24) * 2 ** 32 + words.getUint32(at + 28)
}

/** The provider of the batch is in the second word of the header. */
const PROVIDER_AT = 44
const COLUMNS = SUBMITTED_RECEIPT_TABLE.columns
/** How ClickHouse writes a `LowCardinality` column: with keys of its own, indexes of 1 or 2 bytes. */
const DICTIONARY_VERSION = 1
const OWN_DICTIONARY = 0x600

/** Writes one column after the other, in the order of the table. */
class BlockWriter {
  readonly #words: DataView
  readonly #receipts: DecodedBatch['receipts']
  readonly #sink = openSink()
  #columnCount = 0

  constructor(words: DataView, receipts: DecodedBatch['receipts']) {
    this.#words = words
    this.#receipts = receipts
    reserve(this.#sink, ROW_BYTES * receipts.length)
    writeLength(this.#sink, COLUMNS.length + 1)
    writeLength(this.#sink, receipts.length)
  }

  begin(name: string, typeOf = (type: string): string => type): void {
    const column = COLUMNS[this.#columnCount]
    invariant(column?.name === name, `the next column of submitted_receipt is ${column?.name}`)
    this.#columnCount += 1
    writeString(this.#sink, name)
    writeString(this.#sink, typeOf(clickhouseType(column.type)))
  }

  raw(bytes: Uint8Array): void {
    writeRaw(this.#sink, bytes)
  }

  /** The same value in every row, a short one. */
  constant(name: string, value: Uint8Array): void {
    this.begin(name)
    const byteLength = value.length * this.#receipts.length
    reserve(this.#sink, byteLength)
    this.#sink.bytes.fill(value, this.#sink.length, this.#sink.length + byteLength)
    this.#sink.length += byteLength
  }

  /** The same value in every row, as a dictionary of one word. */
  repeated(name: string, value: Uint8Array): void {
    this.begin(name, (type) => `LowCardinality(${type})`)
    this.raw(uint64(DICTIONARY_VERSION))
    this.#writeKeys([value], new Uint8Array(this.#receipts.length), 0, this.#receipts.length)
  }

  /** The last bytes of a word, as they stand. */
  copied(name: string, word: number, byteLength: number): void {
    this.begin(name)
    const words = this.#words
    const into = this.#room(byteLength)
    let to = 0
    for (const { offset } of this.#receipts) {
      const from = offset + 32 * (word + 1) - byteLength
      let place = 0
      for (; place + 4 <= byteLength; place += 4) {
        into.setUint32(to + place, words.getUint32(from + place))
      }
      for (; place < byteLength; place += 1) {
        into.setUint8(to + place, words.getUint8(from + place))
      }
      to += byteLength
    }
  }

  /** The same integer, least significant byte first. */
  reversed(name: string, word: number, byteLength: number): void {
    this.begin(name)
    const words = this.#words
    const into = this.#room(byteLength)
    let end = byteLength
    for (const { offset } of this.#receipts) {
      const from = offset + 32 * (word + 1) - byteLength
      for (let place = 0; place < byteLength; place += 4) {
        into.setUint32(end - 4 - place, words.getUint32(from + place), true)
      }
      end += byteLength
    }
  }

  assets(): void {
    this.begin('assets', (type) =>
      type.replace('FixedString(32)', 'LowCardinality(FixedString(32))'),
    )
    const { buffer, byteOffset } = this.#words
    const bytes = Buffer.from(buffer, byteOffset, this.#words.byteLength)
    const positions = new Map<string, number>()
    const indexes: number[] = []
    const ends = new BigUint64Array(this.#receipts.length)
    for (const [row, { offset, assetCount }] of this.#receipts.entries()) {
      const first = offset + 32 * (HEAD_WORDS + 1)
      for (let at = first; at < first + 32 * assetCount; at += 32) {
        const id = bytes.toString('latin1', at, at + 32)
        const position = positions.get(id) ?? positions.size
        if (position === positions.size) positions.set(id, position)
        indexes.push(position)
      }
      ends[row] = BigInt(indexes.length)
    }
    this.raw(uint64(DICTIONARY_VERSION))
    this.raw(new Uint8Array(ends.buffer))
    const values = [...positions.keys()].map((id) => Buffer.from(id, 'latin1'))
    const isSmall = values.length <= 256
    const narrow = isSmall
      ? Uint8Array.from(indexes)
      : new Uint8Array(Uint16Array.from(indexes).buffer)
    this.#writeKeys(values, narrow, isSmall ? 0 : 1, indexes.length)
  }

  end() {
    invariant(this.#columnCount === COLUMNS.length, 'a block has every column')
    const rowCount = this.#receipts.length
    writeString(this.#sink, 'commit_seq')
    writeString(this.#sink, 'UInt64')
    const { length } = this.#sink
    const bytes = new Uint8Array(length + 8 * rowCount)
    bytes.set(this.#sink.bytes.subarray(0, length))
    return { bytes, rowCount }
  }

  #writeKeys(
    values: readonly Uint8Array[],
    indexes: Uint8Array,
    indexType: number,
    indexCount: number,
  ): void {
    this.raw(uint64(OWN_DICTIONARY + indexType))
    this.raw(uint64(values.length))
    for (const value of values) this.raw(value)
    this.raw(uint64(indexCount))
    this.raw(indexes)
  }

  /** So many bytes for each row, to be written. */
  #room(byteLength: number): DataView {
    const total = byteLength * this.#receipts.length
    reserve(this.#sink, total)
    const { bytes, length } = this.#sink
    this.#sink.length += total
    return new DataView(bytes.buffer, bytes.byteOffset + length, total)
  }
}

/** Bytes that one row takes, about. */
const ROW_BYTES = 320

function uint64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
