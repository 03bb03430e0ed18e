import { NonDeterministicError } from '../failure.ts'
import { HandlerError, type HandlerPlace } from '../handler-error.ts'
import { byCodePoint } from '../heap/store-values.ts'
import { writtenOut } from '../numbers/big-decimal.ts'
import type { EntityType } from './entity-schema.ts'
import type { EntityChange, EntityStore } from './entity-store.ts'
import { type Entity, sameEntity, sameValue, type StoreValue, valueText } from './entity.ts'

/** Whether a read sees the store, or only what this block wrote. */
export type ReadScope = 'store' | 'block'

/** What a block's handlers did so far, over the store. */
export type EntityCache = {
  get(type: EntityType, id: string, scope: ReadScope): Entity | undefined
  /** In the order of their ids. */
  related(type: EntityType, field: string, id: string): readonly Entity[]
  set(type: EntityType, id: string, entity: Entity, vid: bigint): void
  remove(type: EntityType, id: string): void
  /** Says which handler the next writes come from; what only shows at the end of a block names it. */
  readonly startHandler: (place: HandlerPlace) => void
  /** Takes over what the handler did. */
  readonly keepHandler: () => void
  /** Forgets what the handler did. */
  readonly dropHandler: () => void
  /** One change per entity that is another one after the block. */
  readonly changes: () => readonly EntityChange[]
}

/** What a block's handlers read of a store. */
export type ReadableStore = Pick<EntityStore, 'get' | 'related'>

/** Layers the writes of a handler over those of its block over the store, as graph-node does. */
export function openEntityCache(store: ReadableStore): EntityCache {
  const block: Layer = new Map()
  const handler: Layer = new Map()
  let place: HandlerPlace | undefined
  const get = (type: EntityType, id: string, scope: ReadScope) => {
    const key = keyOf(type, id)
    const stored = scope === 'block' ? undefined : store.get(type.name, id)
    return applied(handler.get(key), applied(block.get(key), stored))
  }
  return {
    get,
    related: (type, field, id) => {
      const stored = store.related(type.name, field, id)
      const ids = new Set(stored.keys())
      for (const layer of [block, handler]) {
        for (const operation of layer.values()) {
          if (operation.entityType === type) ids.add(operation.id)
        }
      }
      return [...ids].toSorted(idOrder(type)).flatMap((own) => {
        const key = keyOf(type, own)
        const entity = applied(
          handler.get(key),
          applied(block.get(key), columnsOf(stored.get(own))),
        )
        return entity !== undefined && refersTo(entity.get(field), id) ? [entity] : []
      })
    },
    set: (entityType, id, entity, vid) =>
      accumulate(handler, keyOf(entityType, id), {
        type: 'update',
        entityType,
        id,
        entity,
        vid,
        place,
      }),
    remove: (entityType, id) =>
      accumulate(handler, keyOf(entityType, id), { type: 'remove', entityType, id, place }),
    startHandler: (from) => {
      place = from
    },
    keepHandler: () => {
      for (const [key, operation] of handler) accumulate(block, key, operation)
      handler.clear()
    },
    dropHandler: () => handler.clear(),
    changes: () =>
      [...block.values()].flatMap((operation) => {
        const stored = store.get(operation.entityType.name, operation.id)
        const change = changeOf(operation, stored)
        return change === undefined ? [] : [change]
      }),
  }
}

const NOTHING: Entity = new Map()

type Write = {
  readonly type: 'update' | 'overwrite'
  readonly entityType: EntityType
  readonly id: string
  readonly entity: Entity
  readonly vid: bigint
  readonly place: HandlerPlace | undefined
}
type Remove = {
  readonly type: 'remove'
  readonly entityType: EntityType
  readonly id: string
  readonly place: HandlerPlace | undefined
}
type Layer = Map<string, Write | Remove>

function keyOf(type: EntityType, id: string): string {
  return `${type.name}\0${id}`
}

function accumulate(layer: Layer, key: string, next: Write | Remove): void {
  const current = layer.get(key)
  if (current === undefined || next.type !== 'update') layer.set(key, next)
  else if (current.type === 'remove') layer.set(key, { ...next, type: 'overwrite' })
  else {
    const entity = new Map(current.entity)
    for (const [name, value] of next.entity) entity.set(name, value)
    layer.set(key, { ...next, type: current.type, entity })
  }
}

function applied(
  operation: Write | Remove | undefined,
  entity: Entity | undefined,
): Entity | undefined {
  if (operation === undefined) return entity
  if (operation.type === 'remove') return undefined
  if (operation.type === 'overwrite' || entity === undefined) return operation.entity
  return merged(entity, operation.entity)
}

/**
 * An entity as graph-node's database gives it back: related entities come from there, past the cache.
 *
 * Null fields are gone, and a decimal with zeros before its point has them among its digits, where
 * the next rounding of a negative one counts them.
 */
function columnsOf(entity: Entity | undefined): Entity | undefined {
  if (entity === undefined) return undefined
  const columns = new Map<string, StoreValue>()
  for (const [name, value] of entity) if (value.type !== 'Null') columns.set(name, column(value))
  return columns
}

function column(value: StoreValue): StoreValue {
  if (value.type === 'List') return { type: 'List', value: value.value.map(column) }
  if (value.type !== 'BigDecimal' || value.value.scale >= 0) return value
  return { type: 'BigDecimal', value: writtenOut(value.value) }
}

/** A null in the update removes the field. */
function merged(entity: Entity, update: Entity): Entity {
  if (isWhole(entity, update)) return update
  const result = new Map(entity)
  for (const [name, value] of update) {
    if (value.type === 'Null') result.delete(name)
    else result.set(name, value)
  }
  return result
}

/**
 * A new entity loses its null fields and so does an updated one; an entity that was removed and set
 * again in one block keeps them, and later reads see them.
 */
function changeOf(operation: Write | Remove, stored: Entity | undefined): EntityChange | undefined {
  const { id } = operation
  const entityType = operation.entityType.name
  if (operation.type === 'remove') {
    if (stored === undefined) return undefined
    if (!operation.entityType.isImmutable) return { type: 'remove', entityType, id }
    if (operation.entityType.skipsDuplicates) return undefined
    throw immutableError(operation, 'removes')
  }
  const { vid } = operation
  if (stored === undefined) {
    return { type: 'insert', entityType, id, vid, entity: merged(NOTHING, operation.entity) }
  }
  const isOverwrite = operation.type === 'overwrite'
  const entity = isOverwrite ? operation.entity : merged(stored, operation.entity)
  const isSame = isOverwrite ? sameEntity(entity, stored) : isUnchanged(stored, operation.entity)
  if (isSame) return undefined
  if (!operation.entityType.isImmutable) return { type: 'overwrite', entityType, id, vid, entity }
  if (operation.entityType.skipsDuplicates) return undefined
  throw immutableError(operation, 'changes')
}

function isUnchanged(stored: Entity, update: Entity): boolean {
  for (const [name, value] of update) {
    const before = stored.get(name)
    if (value.type === 'Null' ? before !== undefined : !sameValue(before, value)) return false
  }
  return true
}

/** Mappings save whole entities, as a rule: then the update is what becomes of the entity. */
function isWhole(entity: Entity, update: Entity): boolean {
  for (const name of entity.keys()) if (!update.has(name)) return false
  for (const value of update.values()) if (value.type === 'Null') return false
  return true
}

function refersTo(value: StoreValue | undefined, id: string): boolean {
  return value !== undefined && value.type !== 'List' && valueText(value) === id
}

function idOrder(type: EntityType): (a: string, b: string) => number {
  if (type.idType !== 'Int8') return byCodePoint
  return (a, b) => (BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0)
}

function immutableError({ entityType, id, place }: Write | Remove, what: string): Error {
  const { name } = entityType
  const error = new NonDeterministicError(
    `expected ${name}[${id}] to stay as it is, found a handler that ${what} it`,
    'SUBGRAPH_ENTITY_IMMUTABLE',
    `Do not change ${name}, or declare it @entity(immutable: false).`,
  )
  return place === undefined ? error : new HandlerError(place, error)
}
