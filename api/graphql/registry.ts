import { invariant } from '@foggara/schema'
import type { ObjectRef } from '@pothos/core'

import type { ApiTypes, Entity, EntityDefinition } from './entity.ts'
import type { listArguments } from './list.ts'
import type { Page } from './page.ts'

/** A defined type, with the refs that its neighbours need. */
export type EntityType = EntityDefinition & {
  readonly ref: ObjectRef<ApiTypes, Entity>
  readonly connection: ObjectRef<ApiTypes, Page>
  readonly listArguments: ReturnType<typeof listArguments>
}

const TYPES = new Map<string, EntityType>()

/** Adds a type under its name; names are unique. */
export function register(type: EntityType): EntityType {
  invariant(!TYPES.has(type.name), `type ${type.name} is defined twice`)
  TYPES.set(type.name, type)
  return type
}

/** The type of a name. Links name types, so that no noun's file has to import another's. */
export function entityType(name: string): EntityType {
  const type = TYPES.get(name)
  invariant(type !== undefined, `no type is named ${name}`)
  return type
}

/** Every type defined so far, in order of definition. */
export function entityTypes(): readonly EntityType[] {
  return [...TYPES.values()]
}
