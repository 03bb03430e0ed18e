import { type Entity, valueText } from '../entity-cache/entity.ts'

/** The current entities of a subgraph in memory, where handlers find them at once. */
export type HotEntities = {
  get(entityType: string, id: string): Entity | undefined
  /** The entities whose field holds the id; valid until the next change. */
  related(entityType: string, field: string, id: string): ReadonlyMap<string, Entity>
  set(entityType: string, id: string, entity: Entity): void
  remove(entityType: string, id: string): void
  count(): number
}

/** Opens an empty set of entities; a field is indexed from the first question about it on. */
export function openHotEntities(): HotEntities {
  const byType = new Map<string, OfType>()
  const ofType = (entityType: string): OfType => {
    const known = byType.get(entityType)
    if (known !== undefined) return known
    const fresh: OfType = { entities: new Map(), indexes: new Map() }
    byType.set(entityType, fresh)
    return fresh
  }
  return {
    get: (entityType, id) => byType.get(entityType)?.entities.get(id),
    related: (entityType, field, id) => {
      const { entities, indexes } = ofType(entityType)
      let index = indexes.get(field)
      if (index === undefined) {
        index = new Map()
        for (const [own, entity] of entities) add(index, field, own, entity)
        indexes.set(field, index)
      }
      return index.get(id) ?? NONE
    },
    set: (entityType, id, entity) => {
      const { entities, indexes } = ofType(entityType)
      const before = entities.get(id)
      for (const [field, index] of indexes) {
        if (before !== undefined) drop(index, field, id, before)
        add(index, field, id, entity)
      }
      entities.set(id, entity)
    },
    remove: (entityType, id) => {
      const { entities, indexes } = ofType(entityType)
      const before = entities.get(id)
      if (before === undefined) return
      for (const [field, index] of indexes) drop(index, field, id, before)
      entities.delete(id)
    },
    count: () => [...byType.values()].reduce((sum, { entities }) => sum + entities.size, 0),
  }
}

type OfType = {
  readonly entities: Map<string, Entity>
  /** By field. */
  readonly indexes: Map<string, Index>
}

/** By the id that the field holds, then by the entity's own. */
type Index = Map<string, Map<string, Entity>>

const NONE: ReadonlyMap<string, Entity> = new Map()

function add(index: Index, field: string, id: string, entity: Entity): void {
  const key = keyOf(entity, field)
  if (key === undefined) return
  const found = index.get(key)
  if (found === undefined) index.set(key, new Map([[id, entity]]))
  else found.set(id, entity)
}

function drop(index: Index, field: string, id: string, entity: Entity): void {
  const key = keyOf(entity, field)
  if (key === undefined) return
  const found = index.get(key)
  found?.delete(id)
  if (found?.size === 0) index.delete(key)
}

/** Lists refer to many and are never looked up. */
function keyOf(entity: Entity, field: string): string | undefined {
  const value = entity.get(field)
  return value === undefined || value.type === 'List' ? undefined : valueText(value)
}
