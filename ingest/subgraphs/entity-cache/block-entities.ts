import { DeterministicError, NonDeterministicError } from '../failure.ts'
import type { HandlerPlace } from '../handler-error.ts'
import type { BlockProof } from '../poi/proof-of-indexing.ts'
import {
  type EntityCache,
  openEntityCache,
  type ReadableStore,
  type ReadScope,
} from './entity-cache.ts'
import type { EntityField, EntitySchema, EntityType } from './entity-schema.ts'
import type { EntityChange } from './entity-store.ts'
import { bytesText, type Entity, type StoreValue } from './entity.ts'

/** Sequence numbers below are graph-node's own. */
const RESERVED_VIDS = 100n
const MICROSECONDS = 1_000_000n

/** The entities as the handlers of one block see and change them. */
export type BlockEntities = {
  get(typeName: string, id: string, scope: ReadScope): Entity | undefined
  related(typeName: string, id: string, field: string): readonly Entity[]
  set(typeName: string, id: string, entity: Map<string, StoreValue>): void
  remove(typeName: string, id: string): void
  /** Starts a handler, or the same one again. */
  startHandler(place: HandlerPlace): HandlerMark
  goBack(mark: HandlerMark): void
  keepHandler(): void
  dropHandler(): void
  changes(): readonly EntityChange[]
  /** The sequence number of the next write. */
  nextVid(): bigint
}

/** A point to which a replayed handler goes back. */
export type HandlerMark = { readonly vidCount: bigint; readonly idCount: bigint }

/** What a block's entities depend on. */
export type BlockEntitiesOptions = {
  readonly store: ReadableStore
  readonly schema: EntitySchema
  readonly proof: Pick<BlockProof, 'write'>
  readonly blockNumber: number
  /** Seconds. */
  readonly timestamp: bigint
  /** From apiVersion 0.0.8 on a field outside of the schema is an error; before, it is dropped. */
  readonly refusesUnknownFields: boolean
  /** The sequence number of the first write, where others of the block came before. */
  readonly firstVid?: bigint
}

/** Opens the entities for the handlers of a block. */
export function openBlockEntities(options: BlockEntitiesOptions): BlockEntities {
  const { schema, proof, store } = options
  const cache = openEntityCache(store)
  const block = BigInt(options.blockNumber) << 32n
  let vidCount = options.firstVid ?? RESERVED_VIDS
  let idCount = 0n
  return {
    get: (typeName, id, scope) => {
      const type = storedType(schema, typeName, 'get')
      return cache.get(type, parseId(type, id), scope)
    },
    related: (typeName, id, field) => {
      const type = storedType(schema, typeName, 'get')
      return relatedTo(schema, cache, { type, id: parseId(type, id), fieldName: field })
    },
    set: (typeName, givenId, entity) => {
      const type = storedType(schema, typeName, 'set')
      let id = givenId
      if (givenId === 'auto' || type.isTimeseries) {
        const value = generatedId(type, block + idCount)
        idCount += 1n
        entity.set('id', value)
        id = idText(value)
      }
      id = parseId(type, id)
      if (type.isTimeseries) {
        entity.set('timestamp', { type: 'Timestamp', value: options.timestamp * MICROSECONDS })
      }
      checkId(type, id, entity)
      dropUnknownFields(type, entity, options.refusesUnknownFields)
      proof.write({ type: 'set', entityType: type.name, id, entity })
      const vid = block + vidCount
      vidCount += 1n
      cache.set(type, id, entity, vid)
      if (invalidity(type, id, entity) === undefined) return
      const message = invalidity(type, id, cache.get(type, id, 'store') ?? entity)
      if (message !== undefined) throw new NonDeterministicError(message, 'SUBGRAPH_ENTITY_INVALID')
    },
    remove: (typeName, id) => {
      proof.write({ type: 'remove', entityType: typeName, id })
      const type = storedType(schema, typeName, 'remove')
      cache.remove(type, parseId(type, id))
    },
    startHandler: (place) => {
      cache.startHandler(place)
      return { vidCount, idCount }
    },
    goBack: (mark) => {
      vidCount = mark.vidCount
      idCount = mark.idCount
      cache.dropHandler()
    },
    keepHandler: cache.keepHandler,
    dropHandler: cache.dropHandler,
    changes: cache.changes,
    nextVid: () => vidCount,
  }
}

function relatedTo(
  schema: EntitySchema,
  cache: EntityCache,
  query: { readonly type: EntityType; readonly id: string; readonly fieldName: string },
): readonly Entity[] {
  const field = query.type.fields.get(query.fieldName)
  const other = schema.entities.get(field?.refersTo ?? '')
  if (field?.derivedFrom === undefined || other === undefined) {
    throw new NonDeterministicError(
      `expected a derived field, found ${query.type.name}.${query.fieldName}`,
      'SUBGRAPH_FIELD_NOT_DERIVED',
    )
  }
  return cache.related(other, field.derivedFrom, query.id)
}

function storedType(schema: EntitySchema, name: string, operation: string): EntityType {
  const type = schema.entities.get(name)
  if (type !== undefined) return type
  if (!schema.otherTypes.has(name)) {
    throw new NonDeterministicError(
      `expected an entity of the schema, found \`${name}\``,
      'SUBGRAPH_ENTITY_UNKNOWN',
    )
  }
  throw new DeterministicError(
    `Cannot ${operation} entity of type \`${name}\`. The type must be an @entity type`,
  )
}

/** The id as it is compared and shown: bytes as lower-case hex after `0x`. */
function parseId(type: EntityType, id: string): string {
  if (type.idType === 'String') return id
  if (type.idType === 'Int8') {
    if (/^[+-]?\d+$/.test(id)) return BigInt.asIntN(64, BigInt(id)).toString()
  } else {
    if (id.length % 2 === 0 && /^0x[0-9a-f]*$/.test(id)) return id
    const digits = id.replace(/^(0x)+/, '')
    if (/^([0-9a-fA-F]{2})*$/.test(digits)) return `0x${digits.toLowerCase()}`
  }
  throw new NonDeterministicError(
    `can not convert \`${id}\` to Id::${type.idType}`,
    'SUBGRAPH_ID_INVALID',
  )
}

function generatedId(type: EntityType, sequence: bigint): StoreValue {
  if (type.idType === 'Int8') return { type: 'Int8', value: sequence }
  if (type.idType === 'Bytes') {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, sequence)
    return { type: 'Bytes', value: bytes }
  }
  throw new NonDeterministicError(
    `String does not support generating ids, found ${type.name}`,
    'SUBGRAPH_ID_INVALID',
  )
}

/** Whether bytes are what lower-case hex after `0x` says, without writing them out. */
function isHexOf(text: string, bytes: Uint8Array): boolean {
  if (text.length !== 2 + 2 * bytes.length) return false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    if (text.charCodeAt(2 + 2 * at) !== HEX_DIGITS.charCodeAt(byte >> 4)) return false
    if (text.charCodeAt(3 + 2 * at) !== HEX_DIGITS.charCodeAt(byte & 15)) return false
  }
  return true
}

const HEX_DIGITS = '0123456789abcdef'

function isIdText(value: StoreValue, id: string): boolean {
  return value.type === 'Bytes' ? isHexOf(id, value.value) : idText(value) === id
}

function idText(value: StoreValue): string {
  if (value.type === 'Bytes') return bytesText(value.value)
  return value.type === 'Int8' || value.type === 'String' ? String(value.value) : ''
}

function checkId(type: EntityType, id: string, entity: Map<string, StoreValue>): void {
  const found = entity.get('id')
  if (found?.type === type.idType && isIdText(found, id)) return
  const expected = idValue(type, id)
  if (found === undefined) {
    entity.set('id', expected)
    return
  }
  const message =
    found.type === expected.type
      ? `Value of ${type.name} attribute 'id' conflicts with ID passed to \`store.set()\`: ${idText(found)} != ${id}`
      : `Attribute \`${type.name}.id\` has wrong type: expected ${type.idType} but got ${found.type}`
  throw new NonDeterministicError(message, 'SUBGRAPH_ID_INVALID')
}

function idValue(type: EntityType, id: string): StoreValue {
  if (type.idType === 'Int8') return { type: 'Int8', value: BigInt(id) }
  if (type.idType === 'String') return { type: 'String', value: id }
  return { type: 'Bytes', value: new Uint8Array(Buffer.from(id.slice(2), 'hex')) }
}

function dropUnknownFields(
  type: EntityType,
  entity: Map<string, StoreValue>,
  refuses: boolean,
): void {
  const unknown: string[] = []
  for (const name of entity.keys()) if (!type.fields.has(name)) unknown.push(name)
  if (unknown.length === 0) return
  if (refuses) {
    const names = unknown.toSorted().join(', ')
    throw new DeterministicError(
      `Attempted to set undefined fields [${names}] for the entity type \`${type.name}\`. Make sure those fields are defined in the schema.`,
    )
  }
  for (const name of unknown) entity.delete(name)
}

/** Why the entity cannot be stored, in graph-node's words; undefined where it can. */
function invalidity(type: EntityType, id: string, entity: Entity): string | undefined {
  const of = `Entity ${type.name}[${id}]`
  for (const field of type.fields.values()) {
    const value = entity.get(field.name)
    if (field.derivedFrom !== undefined) {
      if (value !== undefined) return `${of}: field \`${field.name}\` is derived and cannot be set`
    } else if (value === undefined) {
      if (field.isRequired) return `${of}: missing value for non-nullable field \`${field.name}\``
    } else if (!isAssignable(value, field)) {
      return `${of}: the value for field \`${field.name}\` must have type ${field.scalar} but has type ${value.type}`
    }
  }
  return undefined
}

function isAssignable(value: StoreValue, field: EntityField): boolean {
  if (value.type === 'Null') return true
  if (value.type !== 'List') return scalarName(value) === field.scalar
  return (
    field.isList &&
    value.value.every((item) => item.type === 'Null' || scalarName(item) === field.scalar)
  )
}

function scalarName(value: StoreValue): string {
  return value.type === 'Bool' ? 'Boolean' : value.type
}
