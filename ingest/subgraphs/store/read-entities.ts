import type { EntityField, ScalarType } from '../entity-cache/entity-schema.ts'
import { type Entity, NULL_VALUE, type StoreValue } from '../entity-cache/entity.ts'
import type { BigDecimal } from '../numbers/big-decimal.ts'
import type { EntityTable } from './entity-table.ts'

/** A row of {@link entityColumns}. */
export type EntityRow = Readonly<Record<string, unknown>>

/** An entity as it was read from a table. */
export type ReadEntity = {
  /** Bytes as lower-case hex after `0x`. */
  readonly id: string
  readonly entity: Entity
  /** 0 for the chain. */
  readonly region: number
}

/** The columns of an entity as text that JSON carries exactly, for a `select` over its rows. */
export function entityColumns({ columns }: EntityTable): string {
  const fields = columns.map(({ name, field }, index) => `${textOf(name, field)} as c${index}`)
  return [...fields, '_region as r', '_null_fields as n', '_absent_lists as a', '_large as l'].join(
    ', ',
  )
}

/** Turns rows of a table back into what handlers stored, null fields among it. */
export function entityReader({ columns, isBucket }: EntityTable): (row: EntityRow) => ReadEntity {
  const slabs = openSlabs()
  const readers = columns.map(({ field }, index) => ({
    name: field.name,
    key: `c${index}`,
    // Of buckets the zeros at the end count.
    read:
      isBucket && field.scalar === 'BigDecimal'
        ? (value: unknown): StoreValue => ({
            type: 'BigDecimal',
            value: writtenDecimal(String(value)),
          })
        : field.isList
          ? listReader(field)
          : SCALARS[field.scalar].read,
  }))
  return (row) => {
    const entity = new Map<string, StoreValue>()
    const nulls = row['n'] as readonly string[]
    const absent = row['a'] as readonly string[]
    const large = Object.entries(row['l'] as Readonly<Record<string, string>>)
    for (const { name, key, read } of readers) {
      const value = row[key]
      if (nulls.length > 0 && nulls.includes(name)) entity.set(name, NULL_VALUE)
      else if (value !== null && !(absent.length > 0 && absent.includes(name))) {
        entity.set(name, read(value, slabs))
      }
    }
    for (const [name, text] of large) {
      const isList = entity.get(name)?.type === 'List'
      const value = isList ? listOf(text) : integerOf(text)
      entity.set(name, value)
    }
    const idKey = readers.find(({ name }) => name === 'id')?.key ?? ''
    const id = String(row[idKey])
    const region = Number(row['r'])
    return { id: entity.get('id')?.type === 'Bytes' ? `0x${id}` : id, entity, region }
  }
}

function textOf(name: string, { scalar, isList }: EntityField): string {
  const column = `\`${name}\``
  const { text } = SCALARS[scalar]
  if (text === undefined) return column
  return isList ? `arrayMap(item -> ${text('item')}, ${column})` : text(column)
}

function integerOf(text: string): StoreValue {
  return text === '' ? NULL_VALUE : { type: 'BigInt', value: BigInt(text) }
}

function listOf(text: string): StoreValue {
  return { type: 'List', value: text.split(',').map(integerOf) }
}

function listReader({ scalar }: EntityField): ScalarReader['read'] {
  const { read } = SCALARS[scalar]
  return (value, slabs) => ({
    type: 'List',
    value: (value as readonly unknown[]).map((item) =>
      item === null ? NULL_VALUE : read(item, slabs),
    ),
  })
}

type ScalarReader = {
  /** How the column becomes text; absent where JSON carries it as it is. */
  readonly text?: (name: string) => string
  readonly read: (value: unknown, slabs: Slabs) => StoreValue
}

const SCALARS: Readonly<Record<ScalarType, ScalarReader>> = {
  String: { read: (value) => ({ type: 'String', value: String(value) }) },
  Bytes: {
    text: (name) => `lower(hex(${name}))`,
    read: (value, slabs) => ({ type: 'Bytes', value: slabs.bytes(String(value)) }),
  },
  Int: { read: (value) => ({ type: 'Int', value: Number(value) }) },
  Int8: { read: (value) => ({ type: 'Int8', value: BigInt(String(value)) }) },
  BigInt: { read: (value) => ({ type: 'BigInt', value: BigInt(String(value)) }) },
  BigDecimal: { read: (value) => ({ type: 'BigDecimal', value: storedDecimal(String(value)) }) },
  Boolean: { read: (value) => ({ type: 'Bool', value: value === true }) },
  Timestamp: {
    text: (name) => `toUnixTimestamp64Micro(${name})`,
    read: (value) => ({ type: 'Timestamp', value: BigInt(String(value)) }),
  },
}

/** Makes bytes of hex digits. */
type Slabs = { bytes(digits: string): Uint8Array }

const SLAB_BYTES = 64 * 1024
const SHARED_BYTES_MAX = 1024

/** Many short values share a buffer: one of their own takes five times their length. */
function openSlabs(): Slabs {
  let slab = new ArrayBuffer(0)
  let usedBytes = 0
  return {
    bytes: (digits) => {
      const byteLength = digits.length / 2
      if (byteLength > SHARED_BYTES_MAX) return new Uint8Array(Buffer.from(digits, 'hex'))
      if (usedBytes + byteLength > slab.byteLength) {
        slab = new ArrayBuffer(SLAB_BYTES)
        usedBytes = 0
      }
      Buffer.from(slab, usedBytes, byteLength).write(digits, 'hex')
      usedBytes += byteLength
      return new Uint8Array(slab, usedBytes - byteLength, byteLength)
    },
  }
}

/**
 * A decimal of an entity: without zeros at the end, and its digits as they stand, for rounding them
 * again would take the 35th from some negative numbers.
 */
function storedDecimal(text: string): BigDecimal {
  const { digits, scale } = writtenDecimal(text)
  if (digits === 0n) return { digits, scale: 0 }
  if (digits % 10n !== 0n) return { digits, scale }
  const all = digits.toString()
  const kept = all.replace(/0+$/, '')
  return { digits: BigInt(kept), scale: scale - (all.length - kept.length) }
}

/** A decimal as it is written. */
function writtenDecimal(text: string): BigDecimal {
  const point = text.indexOf('.')
  if (point < 0) return { digits: BigInt(text), scale: 0 }
  const digits = text.slice(0, point) + text.slice(point + 1)
  return { digits: BigInt(digits), scale: text.length - 1 - point }
}
