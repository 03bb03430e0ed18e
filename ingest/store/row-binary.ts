import { type Column, type ColumnType, FatalError, UINT256_BOUND } from '@foggara/schema'

import {
  type Sink,
  openSink,
  reserve,
  writeByte,
  writeLength,
  writeLimbs,
  writeRaw,
  writeString,
} from './sink.ts'

/** What a column of a row may hold; the column's type decides which of these it takes. */
export type RowValue =
  | boolean
  | number
  | bigint
  | string
  | null
  | readonly (string | number | bigint)[]
  | Readonly<Record<string, number | bigint>>

/** One row by column name; every column of the table must be present. */
export type Row = Readonly<Record<string, RowValue>>

/**
 * Writes rows in ClickHouse's RowBinary format, columns in the order given; `trailer` follows every
 * row (the columns that are the same in all of them).
 *
 * Nothing is coerced: an integer out of its type's range, an absent value, text that is no hex or
 * hex of another length is refused, because ClickHouse itself would store 0 or shift the rest.
 *
 * @throws {ValueUnfitError}
 */
export function encodeRows(
  columns: readonly Column[],
  rows: readonly Row[],
  trailer: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const sink = openSink()
  const writers = columns.map((column) => ({ name: column.name, write: WRITERS[column.type] }))
  for (const row of rows) {
    for (const { name, write } of writers) {
      const problem = write(sink, row[name])
      if (problem !== undefined) throw new ValueUnfitError(name, problem, row[name])
    }
    writeRaw(sink, trailer)
  }
  return sink.bytes.subarray(0, sink.length)
}

/** The eight bytes of an unsigned integer below 2^64, as RowBinary has it. */
export function encodeUint64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

/** Writes one value, or returns what it should have been. */
type Writer = (sink: Sink, value: RowValue | undefined) => string | undefined

const WRITERS: Readonly<Record<ColumnType, Writer>> = {
  Bool: (sink, value) => {
    if (typeof value !== 'boolean') return 'true or false'
    writeByte(sink, value ? 1 : 0)
  },
  UInt8: (sink, value) => {
    const integer = integerBelow(value, 1n << 8n)
    if (integer === undefined) return 'an integer below 2^8'
    writeByte(sink, Number(integer))
  },
  UInt32: (sink, value) => {
    const integer = integerBelow(value, 1n << 32n)
    if (integer === undefined) return 'an integer below 2^32'
    reserve(sink, 4)
    sink.length = sink.bytes.writeUInt32LE(Number(integer), sink.length)
  },
  UInt64: writeUint64,
  UInt128: (sink, value) => {
    const integer = integerBelow(value, 1n << 128n)
    if (integer === undefined) return 'an integer below 2^128'
    writeLimbs(sink, integer, 2)
  },
  UInt256: writeUint256,
  Int256: (sink, value) => {
    const bound = UINT256_BOUND >> 1n
    if (typeof value !== 'bigint' || value < -bound || value >= bound) {
      return 'an integer from -2^255 to 2^255 - 1'
    }
    writeLimbs(sink, BigInt.asUintN(256, value), 4)
  },
  String: writeText,
  'LowCardinality(String)': writeText,
  Bytes: (sink, value) => {
    if (typeof value !== 'string' || !value.startsWith('0x') || value.length % 2 !== 0) {
      return '0x and pairs of hex digits'
    }
    const byteLength = value.length / 2 - 1
    writeLength(sink, byteLength)
    if (!writeHex(sink, value, byteLength)) return '0x and pairs of hex digits'
  },
  'FixedString(20)': fixedBytes(20),
  'FixedString(32)': fixedBytes(32),
  'Nullable(UInt64)': (sink, value) => {
    writeByte(sink, value === null ? 1 : 0)
    return value === null ? undefined : writeUint64(sink, value)
  },
  'Array(UInt64)': arrayOf(writeUint64),
  'Array(UInt256)': arrayOf(writeUint256),
  'Array(String)': arrayOf(writeText),
  'Array(FixedString(20))': arrayOf(fixedBytes(20)),
  'Array(FixedString(32))': arrayOf(fixedBytes(32)),
  'Map(String, UInt64)': (sink, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'a record'
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    writeLength(sink, entries.length)
    for (const [key, item] of entries) {
      const problem = writeText(sink, key) ?? writeUint64(sink, item)
      if (problem !== undefined) return `${problem} under ${key}`
    }
  },
}

function writeUint64(sink: Sink, value: RowValue | undefined): string | undefined {
  const integer = integerBelow(value, 1n << 64n)
  if (integer === undefined) return 'an integer below 2^64'
  writeLimbs(sink, integer, 1)
}

function writeUint256(sink: Sink, value: RowValue | undefined): string | undefined {
  const integer = integerBelow(value, UINT256_BOUND)
  if (integer === undefined) return 'an integer below 2^256'
  writeLimbs(sink, integer, 4)
}

function writeText(sink: Sink, value: RowValue | undefined): string | undefined {
  if (typeof value !== 'string' || !value.isWellFormed()) return 'well-formed text'
  writeString(sink, value)
}

function fixedBytes(byteLength: number): Writer {
  return (sink, value) =>
    typeof value === 'string' && writeHex(sink, value, byteLength)
      ? undefined
      : `0x and ${2 * byteLength} hex digits`
}

function arrayOf(write: Writer): Writer {
  return (sink, value) => {
    if (!Array.isArray(value)) return 'an array'
    const items: readonly (string | number | bigint)[] = value
    writeLength(sink, items.length)
    for (const [index, item] of items.entries()) {
      const problem = write(sink, item)
      if (problem !== undefined) return `${problem} at ${index}`
    }
  }
}

function integerBelow(value: RowValue | undefined, bound: bigint): bigint | undefined {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined
  const integer = BigInt(value)
  return integer >= 0n && integer < bound ? integer : undefined
}

function writeHex(sink: Sink, text: string, byteLength: number): boolean {
  if (text.length !== 2 + 2 * byteLength || !text.startsWith('0x')) return false
  reserve(sink, byteLength)
  // `write` stops at the first character that is no hex digit: then it wrote fewer bytes.
  const written = sink.bytes.write(text.slice(2), sink.length, byteLength, 'hex')
  sink.length += byteLength
  return written === byteLength
}

/** A value does not fit its column; nothing of the insert was sent. */
export class ValueUnfitError extends FatalError {
  constructor(column: string, expected: string, found: unknown) {
    const shown = typeof found === 'string' ? JSON.stringify(found.slice(0, 80)) : String(found)
    super('VALUE_UNFIT', `column ${column}: expected ${expected}, found ${shown.slice(0, 120)}`)
  }
}
