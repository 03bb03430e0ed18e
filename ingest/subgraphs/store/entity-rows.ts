import { FatalError } from '@foggara/schema'

import {
  type Sink,
  openSink,
  reserve,
  writeByte,
  writeLength,
  writeLimbs,
  writeRaw,
  writeString,
} from '../../store/sink.ts'
import type { EntityField, ScalarType } from '../entity-cache/entity-schema.ts'
import type { EntityChange } from '../entity-cache/entity-store.ts'
import type { StoreValue } from '../entity-cache/entity.ts'
import { formatDecimal } from '../numbers/big-decimal.ts'
import { type EntityTable, VERSION_COLUMNS } from './entity-table.ts'

/** Rows of one table, encoded as they come. */
export type EntityRows = {
  readonly table: EntityTable
  /**
   * Adds what a change writes.
   *
   * @throws {EntityUnfitError} naming entity and field; the rows are then to go back to a mark.
   */
  append(change: EntityChange, blockNumber: number): void
  rowCount(): number
  byteLength(): number
  /** Forgets every row after the first `rowCount`. */
  goBack(rowCount: number): void
  /** The rows under a sequence number; valid until rows are added or asked for again. */
  encoded(commitSeq: number): Uint8Array
}

/** The columns of a table's rows, in their order. */
export function rowColumns(table: EntityTable): readonly string[] {
  return [...table.columns.map(({ name }) => name), ...Object.keys(VERSION_COLUMNS)]
}

/** Opens rows for a table. */
export function openEntityRows(table: EntityTable): EntityRows {
  const sink = openSink()
  const writers = table.columns.map(({ field }) => ({ field, write: fieldWriter(field) }))
  const idScalar = table.columns.find(({ field }) => field.name === 'id')?.field.scalar ?? 'String'
  /** Where each row ends; its last eight bytes are the sequence number. */
  const ends: number[] = []
  return {
    table,
    append: (change, blockNumber) => {
      const isRemoval = change.type === 'remove'
      const { nulls, absent, large } = isRemoval ? NO_MARKS : marksOf(table, change)
      for (const { field, write } of writers) {
        if (isRemoval) {
          if (field.name === 'id') writeId(sink, idScalar, change.id)
          else writeNothing(sink, field)
          continue
        }
        const value = change.entity.get(field.name)
        const problem = write(sink, value)
        if (problem !== undefined) throw new EntityUnfitError(change, field, problem, value)
      }
      writeLimbs(sink, isRemoval ? removalVid(blockNumber, ends.length) : change.vid, 1)
      reserve(sink, 13)
      sink.length = sink.bytes.writeBigUInt64LE(BigInt(blockNumber), sink.length)
      sink.length = sink.bytes.writeUInt32LE(isRemoval ? 0 : (change.region ?? 0), sink.length)
      writeByte(sink, isRemoval ? 1 : 0)
      writeNames(sink, nulls)
      writeNames(sink, absent)
      writeLength(sink, large.length)
      for (const text of large.flat()) writeString(sink, text)
      reserve(sink, SEQ_BYTES)
      sink.length += SEQ_BYTES
      ends.push(sink.length)
    },
    rowCount: () => ends.length,
    byteLength: () => sink.length,
    goBack: (rowCount) => {
      ends.length = Math.min(ends.length, rowCount)
      sink.length = ends.at(-1) ?? 0
    },
    encoded: (commitSeq) => {
      const seq = BigInt(commitSeq)
      for (const end of ends) sink.bytes.writeBigUInt64LE(seq, end - SEQ_BYTES)
      return sink.bytes.subarray(0, sink.length)
    },
  }
}

const SEQ_BYTES = 8
/** Above the numbers that a block gives to writes, so that every row of a table has one of its own. */
const REMOVAL_VIDS = 1n << 31n
const INT_64_BOUND = 1n << 63n
const INT_256_BOUND = 1n << 255n
const NO_MARKS: Marks = { nulls: [], absent: [], large: [] }

function removalVid(blockNumber: number, row: number): bigint {
  return (BigInt(blockNumber) << 32n) + REMOVAL_VIDS + BigInt(row)
}

/** What the columns cannot say, by name of the field. */
type Marks = {
  /** Null rather than absent. */
  readonly nulls: readonly string[]
  /** Lists that are absent rather than empty. */
  readonly absent: readonly string[]
  readonly large: readonly (readonly [field: string, text: string])[]
}

function marksOf(
  { columns }: EntityTable,
  { entity }: EntityChange & { type: 'insert' | 'overwrite' },
): Marks {
  let marks: { nulls: string[]; absent: string[]; large: [string, string][] } | undefined
  for (const { field } of columns) {
    const { name } = field
    const value = entity.get(name)
    if (value === undefined ? !field.isList : value.type !== 'Null' && !isLarge(value)) continue
    marks ??= { nulls: [], absent: [], large: [] }
    if (value === undefined) marks.absent.push(name)
    else if (value.type === 'Null') marks.nulls.push(name)
    else marks.large.push([name, integersText(value)])
  }
  return marks ?? NO_MARKS
}

function isLarge(value: StoreValue): boolean {
  if (value.type === 'List') return value.value.some(isLarge)
  if (value.type !== 'BigInt') return false
  return value.value < -INT_256_BOUND || value.value >= INT_256_BOUND
}

/** An integer, or the items of a list with commas in between and nothing for null. */
function integersText(value: StoreValue): string {
  if (value.type === 'List') return value.value.map(integersText).join(',')
  return value.type === 'BigInt' ? value.value.toString() : ''
}

function writeNames(sink: Sink, names: readonly string[]): void {
  writeLength(sink, names.length)
  for (const name of names) writeString(sink, name)
}

/** Writes one value, or returns what it should have been. */
type ValueWriter = (sink: Sink, value: StoreValue) => string | undefined

function fieldWriter(
  field: EntityField,
): (sink: Sink, value: StoreValue | undefined) => string | undefined {
  const write = SCALARS[field.scalar].write
  if (field.isList) return (sink, value) => writeList(sink, value, field, write)
  if (field.isRequired) {
    return (sink, value) => (isNone(value) ? 'a value' : write(sink, value))
  }
  return (sink, value) => {
    writeByte(sink, isNone(value) ? 1 : 0)
    return isNone(value) ? undefined : write(sink, value)
  }
}

function writeList(
  sink: Sink,
  value: StoreValue | undefined,
  field: EntityField,
  write: ValueWriter,
): string | undefined {
  if (isNone(value)) {
    if (field.isRequired) return 'a list'
    writeLength(sink, 0)
    return undefined
  }
  if (value.type !== 'List') return 'a list'
  writeLength(sink, value.value.length)
  for (const item of value.value) {
    if (field.hasNullItems) writeByte(sink, item.type === 'Null' ? 1 : 0)
    if (field.hasNullItems && item.type === 'Null') continue
    const problem = write(sink, item)
    if (problem !== undefined) return `a list of ${problem}`
  }
}

function isNone(value: StoreValue | undefined): value is undefined | { type: 'Null' } {
  return value === undefined || value.type === 'Null'
}

const SCALARS: Readonly<
  Record<ScalarType, { readonly write: ValueWriter; readonly byteLength: number }>
> = {
  String: { byteLength: 1, write: writeText },
  Bytes: {
    byteLength: 1,
    write: (sink, value) => {
      if (value.type !== 'Bytes') return 'bytes'
      writeLength(sink, value.value.length)
      writeRaw(sink, value.value)
    },
  },
  Int: {
    byteLength: 4,
    write: (sink, value) => {
      if (value.type !== 'Int') return 'an integer of 32 bits'
      reserve(sink, 4)
      sink.length = sink.bytes.writeInt32LE(value.value, sink.length)
    },
  },
  Int8: {
    byteLength: 8,
    write: (sink, value) =>
      value.type === 'Int8' ? writeInt64(sink, value.value) : 'an integer of 64 bits',
  },
  Timestamp: {
    byteLength: 8,
    write: (sink, value) =>
      value.type === 'Timestamp' ? writeInt64(sink, value.value) : 'a timestamp',
  },
  BigInt: {
    byteLength: 32,
    write: (sink, value) => {
      if (value.type !== 'BigInt') return 'an integer'
      writeInt256(sink, value.value)
    },
  },
  BigDecimal: {
    byteLength: 1,
    write: (sink, value) => {
      if (value.type !== 'BigDecimal') return 'a decimal'
      writeString(sink, formatDecimal(value.value))
    },
  },
  Boolean: {
    byteLength: 1,
    write: (sink, value) => {
      if (value.type !== 'Bool') return 'true or false'
      writeByte(sink, value.value ? 1 : 0)
    },
  },
}

function writeText(sink: Sink, value: StoreValue): string | undefined {
  if (value.type !== 'String' || !value.value.isWellFormed()) return 'well-formed text'
  writeString(sink, value.value)
}

function writeInt64(sink: Sink, value: bigint): undefined {
  reserve(sink, 8)
  sink.length = sink.bytes.writeBigInt64LE(value, sink.length)
}

function writeInt256(sink: Sink, value: bigint): void {
  if (value < -INT_64_BOUND || value >= INT_64_BOUND) {
    const least = value < -INT_256_BOUND ? -INT_256_BOUND : value
    const held = least >= INT_256_BOUND ? INT_256_BOUND - 1n : least
    writeLimbs(sink, BigInt.asUintN(256, held), 4)
    return
  }
  writeInt64(sink, value)
  reserve(sink, 24)
  sink.bytes.fill(value < 0n ? 0xff : 0, sink.length, sink.length + 24)
  sink.length += 24
}

function writeId(sink: Sink, scalar: ScalarType, id: string): void {
  if (scalar === 'Int8') writeInt64(sink, BigInt(id))
  else if (scalar === 'String') writeString(sink, id)
  else {
    const bytes = Buffer.from(id.slice(2), 'hex')
    writeLength(sink, bytes.length)
    writeRaw(sink, bytes)
  }
}

/** What a column holds where there is nothing: null, none or zero. */
function writeNothing(sink: Sink, { scalar, isList, isRequired }: EntityField): void {
  if (isList) writeByte(sink, 0)
  else if (!isRequired) writeByte(sink, 1)
  else {
    const { byteLength } = SCALARS[scalar]
    reserve(sink, byteLength)
    sink.bytes.fill(0, sink.length, sink.length + byteLength)
    sink.length += byteLength
  }
}

/** A value does not fit the column of its field. */
export class EntityUnfitError extends FatalError {
  constructor(
    { entityType, id }: EntityChange,
    field: EntityField,
    expected: string,
    found: StoreValue | undefined,
  ) {
    const shown = found === undefined ? 'none' : shownValue(found)
    super(
      'SUBGRAPH_VALUE_UNFIT',
      `${entityType}[${id}].${field.name}: expected ${expected}, found ${shown}`,
      { hint: 'Postgres would refuse it too: give the field a value, or let it be null.' },
    )
  }
}

function shownValue(value: StoreValue): string {
  if (value.type === 'Null') return 'null'
  return `a value of type ${value.type}`
}
