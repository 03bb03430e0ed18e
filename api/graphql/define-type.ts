import { builder } from './builder.ts'
import { columnFields } from './column-field.ts'
import { connectionOf } from './connection.ts'
import type { Entity, EntityDefinition } from './entity.ts'
import { listArguments } from './list.ts'
import { NODE, nodeId } from './node.ts'
import { type EntityType, register } from './registry.ts'
import { linkFields, nestedListFields } from './relation-field.ts'
import { rootFields } from './root-field.ts'

/**
 * Defines an object type over a relation: a field per column, its links and nested lists, its
 * connection, order and filter inputs and its root fields.
 */
export function defineType(
  definition: EntityDefinition,
  ref = builder.objectRef<Entity>(definition.name),
): EntityType {
  const type = register({
    ...definition,
    ref,
    connection: connectionOf(definition.name, ref),
    listArguments: listArguments(definition),
  })
  ref.implement({
    description: definition.description,
    interfaces: [NODE],
    fields: (t) => ({
      id: nodeId(t, definition),
      ...columnFields(t, definition),
      ...linkFields(t, definition),
      ...nestedListFields(t, definition),
    }),
  })
  rootFields(type)
  return type
}
