import { openSink, reserve, writeByte, writeLength, writeRaw } from '../../store/sink.ts'
import { HEAD_WORDS, WORD } from '../hash/receipt-words.ts'
import type { DecodedBatch } from './decode-batch.ts'

/** What all receipts that arrive together share. */
export type Stamp = {
  readonly receivedAtSeconds: number
  /** Receipts that ended up to here are late: their epoch is closed. -1: none is. */
  readonly lateUpToSeconds: number
}

/** Receipts as rows of `submitted_receipt` in RowBinary. */
export type BatchRows = {
  readonly bytes: Uint8Array
  /** Where each row ends; the row's last eight bytes are for the number of its commit. */
  readonly ends: Uint32Array
  readonly lateCount: number
}

/** Bytes that one row takes without its assets: a bound. */
const ROW_BYTES = 512

/** Encodes a batch's receipts, column after column as `SUBMITTED_RECEIPT_TABLE` lists them. */
export function encodeBatchRows(
  { words, receipts }: DecodedBatch,
  digests: Uint8Array,
  stamp: Stamp & { readonly batch: Uint8Array; readonly signer: Uint8Array },
): BatchRows {
  const sink = openSink()
  reserve(sink, ROW_BYTES * receipts.length)
  const ends = new Uint32Array(receipts.length)
  let lateCount = 0
  const fixed = Buffer.alloc(8)
  fixed.writeBigUInt64LE(BigInt(stamp.receivedAtSeconds))
  const late = BigInt(stamp.lateUpToSeconds)
  const unset = Buffer.alloc(8)
  for (const [index, { offset, assetCount }] of receipts.entries()) {
    const raw = (word: number, byteLength: number): void => {
      const end = offset + 32 * (word + 1)
      writeRaw(sink, words.subarray(end - byteLength, end))
    }
    /** The same integer, least significant byte first. */
    const reversed = (word: number, byteLength: number): void => {
      reserve(sink, byteLength)
      const last = offset + 32 * (word + 1) - 1
      for (let byte = 0; byte < byteLength; byte += 1) {
        sink.bytes[sink.length + byte] = words[last - byte] ?? 0
      }
      sink.length += byteLength
    }
    const finished = words.readBigUInt64BE(offset + 32 * WORD.finishedAtSeconds + 24)
    const isLate = finished <= late
    if (isLate) lateCount += 1
    writeRaw(sink, digests.subarray(32 * index, 32 * index + 32))
    writeRaw(sink, fixed)
    writeByte(sink, isLate ? 1 : 0)
    writeRaw(sink, stamp.batch)
    raw(WORD.provider, 20)
    raw(WORD.consumer, 20)
    raw(WORD.workload, 1)
    reversed(WORD.nonce, 8)
    writeLength(sink, assetCount)
    const assets = offset + 32 * (HEAD_WORDS + 1)
    writeRaw(sink, words.subarray(assets, assets + 32 * assetCount))
    reversed(WORD.units, 32)
    reversed(WORD.fee, 32)
    reversed(WORD.startedAtSeconds, 8)
    reversed(WORD.finishedAtSeconds, 8)
    raw(WORD.inputHash, 32)
    raw(WORD.outputHash, 32)
    writeLength(sink, 0)
    writeRaw(sink, stamp.signer)
    writeRaw(sink, unset)
    ends[index] = sink.length
  }
  return { bytes: new Uint8Array(sink.bytes.subarray(0, sink.length)), ends, lateCount }
}

/** The rows without some of them, by their positions. */
export function withoutRows(rows: BatchRows, positions: ReadonlySet<number>): BatchRows {
  if (positions.size === 0) return rows
  const pieces: Uint8Array[] = []
  const ends: number[] = []
  let length = 0
  for (const [index, end] of rows.ends.entries()) {
    if (positions.has(index)) continue
    const piece = rows.bytes.subarray(rows.ends[index - 1] ?? 0, end)
    pieces.push(piece)
    length += piece.length
    ends.push(length)
  }
  return { ...rows, bytes: new Uint8Array(Buffer.concat(pieces)), ends: Uint32Array.from(ends) }
}
