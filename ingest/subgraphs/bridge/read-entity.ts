import type { EntityField, EntityType } from '../entity-cache/entity-schema.ts'
import type { Entity, StoreValue } from '../entity-cache/entity.ts'
import { NULL_VALUE } from '../entity-cache/entity.ts'
import { type GraphData, fieldsOf } from './graph-node.ts'

/** Entities of a nested list: graph-node gives no more of them. */
const NESTED_COUNT_MAX = 1000

/** The fields of an entity as a query asks for them: of references the ids. */
export function selectionOf(type: EntityType): string {
  return storedFields(type)
    .map(({ name, refersTo, isList }) => {
      if (refersTo === undefined) return name
      return isList ? `${name}(first: ${NESTED_COUNT_MAX}) { id }` : `${name} { id }`
    })
    .join(' ')
}

/** Reads an entity from an answer: its id as text, and the fields that are not null. */
export function readEntity(
  type: EntityType,
  answer: GraphData,
): { readonly id: string; readonly entity: Entity } {
  const entity = new Map<string, StoreValue>()
  for (const field of storedFields(type)) {
    const value = readField(field, answer[field.name])
    if (value.type !== 'Null') entity.set(field.name, value)
  }
  return { id: String(answer['id']), entity }
}

function storedFields(type: EntityType): readonly EntityField[] {
  return [...type.fields.values()].filter(({ derivedFrom }) => derivedFrom === undefined)
}

function readField(field: EntityField, value: unknown): StoreValue {
  if (value === null || value === undefined) return NULL_VALUE
  if (!Array.isArray(value)) return readItem(field, value)
  return { type: 'List', value: value.map((item) => readItem(field, item)) }
}

function readItem({ scalar, refersTo }: EntityField, answer: unknown): StoreValue {
  const value = refersTo === undefined ? answer : fieldsOf(answer)['id']
  if (value === null || value === undefined) return NULL_VALUE
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  switch (scalar) {
    case 'String':
      return { type: 'String', value: text }
    case 'Bytes':
      return { type: 'Bytes', value: new Uint8Array(Buffer.from(text.slice(2), 'hex')) }
    case 'Int':
      return { type: 'Int', value: Number(value) }
    case 'Int8':
      return { type: 'Int8', value: BigInt(text) }
    case 'BigInt':
      return { type: 'BigInt', value: BigInt(text) }
    case 'Timestamp':
      return { type: 'Timestamp', value: BigInt(text) }
    case 'Boolean':
      return { type: 'Bool', value: value === true }
    case 'BigDecimal':
      return { type: 'BigDecimal', value: decimalOf(text) }
  }
}

/** Decimals come without an exponent, and with the digits that they are stored with. */
function decimalOf(text: string): { readonly digits: bigint; readonly scale: number } {
  const [whole = '0', fraction = ''] = text.split('.')
  return { digits: BigInt(whole + fraction), scale: fraction.length }
}
