import { camelCase } from '@foggara/schema'

import type { Row } from '../sql/row.ts'
import { builder } from './builder.ts'
import type { Entity, EntityDefinition, EntityFieldBuilder } from './entity.ts'

/** Anything with a global id. */
export const NODE = builder.interfaceRef<Entity>('Node').implement({
  description: 'Anything that can be looked up by its global id.',
  resolveType: (entity) => entity.type,
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'The type and its key; pass it to `node`.',
      resolve: () => '',
    }),
  }),
})

/** The field of a type's global id: the type's name and its key, readable and stable. */
export function nodeId(t: EntityFieldBuilder, definition: EntityDefinition) {
  return t.field({
    type: 'ID',
    description: 'The type and its key; pass it to `node`.',
    extensions: { columns: definition.source.key },
    resolve: ({ row }) => globalId(definition, row),
  })
}

/** The global id of a row. */
export function globalId(definition: EntityDefinition, row: Row): string {
  const key = definition.source.key.map((column) => String(row[camelCase(column)]))
  return [definition.name, ...key].join(':')
}
