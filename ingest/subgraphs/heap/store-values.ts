import type { Entity, StoreValue } from '../entity-cache/entity.ts'
import { NULL_VALUE } from '../entity-cache/entity.ts'
import { DeterministicError } from '../failure.ts'
import { type AscHeap, type Pointer, READ_DEPTH_MAX } from './asc-heap.ts'
import { TYPE_INDEX } from './type-index.ts'

const KIND = {
  String: 0,
  Int: 1,
  BigDecimal: 2,
  Bool: 3,
  List: 4,
  Null: 5,
  Bytes: 6,
  BigInt: 7,
  Int8: 8,
  Timestamp: 9,
} as const

/** Writes an entity as a map whose entries are sorted by name. */
export function writeEntity(heap: AscHeap, entity: Entity): Pointer {
  const names = sortedNames(entity)
  const entries: Pointer[] = []
  for (const name of names) {
    const value = entity.get(name)
    if (value === undefined) continue
    const nameAt = heap.writeString(name)
    const valueAt = writeStoreValue(heap, value)
    entries.push(heap.writeFields(TYPE_INDEX.MapEntryStore, [nameAt, valueAt]))
  }
  const entriesAt = heap.writeArray(TYPE_INDEX.ArrayMapEntryStore, entries)
  return heap.writeFields(TYPE_INDEX.MapStore, [entriesAt])
}

/** An entity that was read before and saved has its names in order already. */
function sortedNames(entity: Entity): readonly string[] {
  const names = [...entity.keys()]
  for (let at = 1; at < names.length; at += 1) {
    if (byCodePoint(names[at - 1] ?? '', names[at] ?? '') > 0) return names.toSorted(byCodePoint)
  }
  return names
}

/** Writes entities as an array of maps. */
export function writeEntities(heap: AscHeap, entities: readonly Entity[]): Pointer {
  const items = entities.map((entity) => writeEntity(heap, entity))
  return heap.writeArray(TYPE_INDEX.ArrayMapStore, items)
}

/**
 * Reads an entity; of two entries of one name the last one counts.
 *
 * @throws {DeterministicError}
 */
export function readEntity(heap: AscHeap, pointer: Pointer): Map<string, StoreValue> {
  const entity = new Map<string, StoreValue>()
  for (const entry of heap.readArray(heap.field(pointer, 0))) {
    const name = heap.readString(heap.field(entry, 0))
    entity.set(name, readStoreValue(heap, heap.field(entry, 1), 3))
  }
  return entity
}

/** Writes a value of a field. */
export function writeStoreValue(heap: AscHeap, value: StoreValue): Pointer {
  const kind = KIND[value.type]
  const type = TYPE_INDEX.StoreValue
  switch (value.type) {
    case 'String':
      return heap.writeEnum(type, kind, heap.writeString(value.value))
    case 'Int':
      return heap.writeEnum(type, kind, value.value)
    case 'Int8':
    case 'Timestamp':
      return heap.writeLongEnum(type, kind, value.value)
    case 'BigDecimal':
      return heap.writeEnum(type, kind, heap.writeBigDecimal(value.value))
    case 'Bool':
      return heap.writeEnum(type, kind, value.value ? 1 : 0)
    case 'List': {
      const items = value.value.map((item) => writeStoreValue(heap, item))
      return heap.writeEnum(type, kind, heap.writeArray(TYPE_INDEX.ArrayStoreValue, items))
    }
    case 'Null':
      return heap.writeEnum(type, kind, 0)
    case 'Bytes':
      return heap.writeEnum(type, kind, heap.writeBytes(value.value))
    case 'BigInt':
      return heap.writeEnum(type, kind, heap.writeBigInt(value.value))
    default:
      return value satisfies never
  }
}

/**
 * Reads a value of a field that `depth` reads led to.
 *
 * @throws {DeterministicError} for an unknown kind or more than 128 reads inside each other.
 */
export function readStoreValue(heap: AscHeap, pointer: Pointer, depth = 0): StoreValue {
  if (depth + 1 > READ_DEPTH_MAX) throw new DeterministicError('recursion limit reached')
  const payload = heap.payload(pointer)
  const target = Number(BigInt.asUintN(32, payload))
  switch (heap.field(pointer, 0)) {
    case KIND.String:
      return { type: 'String', value: heap.readString(target) }
    case KIND.Int:
      return { type: 'Int', value: target | 0 }
    case KIND.BigDecimal:
      return { type: 'BigDecimal', value: heap.readBigDecimal(target) }
    case KIND.Bool:
      return { type: 'Bool', value: payload !== 0n }
    case KIND.List: {
      const items = heap.readArray(target)
      return { type: 'List', value: items.map((item) => readStoreValue(heap, item, depth + 2)) }
    }
    case KIND.Null:
      return NULL_VALUE
    case KIND.Bytes:
      return { type: 'Bytes', value: heap.readBytes(target) }
    case KIND.BigInt:
      return { type: 'BigInt', value: heap.readBigInt(target) }
    case KIND.Int8:
      return { type: 'Int8', value: payload }
    case KIND.Timestamp:
      return { type: 'Timestamp', value: payload }
    default:
      throw new DeterministicError(`value kind ${heap.field(pointer, 0)} is not valid`)
  }
}

/** The order of UTF-8 bytes, which is that of code points and not of UTF-16 units. */
export function byCodePoint(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let at = 0; at < end; at += 1) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
