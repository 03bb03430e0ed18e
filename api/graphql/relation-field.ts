import { camelCase } from '@foggara/schema'

import type { Cell } from '../sql/row.ts'
import { cellOf, isNone } from './column-field.ts'
import type { Entity, EntityDefinition, EntityFieldBuilder, Link, NestedList } from './entity.ts'
import { readPage } from './list.ts'
import { selectionColumns } from './projection.ts'
import { entityType } from './registry.ts'

/** The fields that lead to one row of another type, or to one per item of an array column. */
export function linkFields(t: EntityFieldBuilder, definition: EntityDefinition) {
  return Object.fromEntries(
    Object.entries(definition.links ?? {}).map(([name, link]) => {
      const isArray = definition.source.columns.some(
        (column) => column.name === link.by && column.type.startsWith('Array('),
      )
      return [name, isArray ? linksField(t, link) : linkField(t, definition, link)]
    }),
  )
}

/** The fields that lead to lists of other types' rows. */
export function nestedListFields(t: EntityFieldBuilder, definition: EntityDefinition) {
  return Object.fromEntries(
    Object.entries(definition.lists ?? {}).map(([name, list]) => [
      name,
      nestedListField(t, definition, list),
    ]),
  )
}

function linkField(t: EntityFieldBuilder, definition: EntityDefinition, link: Link) {
  const target = entityType(link.to)
  return t.field({
    type: target.ref,
    nullable: true,
    description: link.description,
    extensions: { columns: [link.by], cost: { statements: 1 } },
    resolve: async (entity, _args, _context, info) => {
      const key = await cellOf(entity, definition, link.by)
      return linked(entity, link, key, selectionColumns(info, link.to))
    },
  })
}

function linksField(t: EntityFieldBuilder, link: Link) {
  const target = entityType(link.to)
  return t.field({
    type: [target.ref],
    nullable: { list: false, items: true },
    description: link.description,
    extensions: { columns: [link.by], cost: { statements: 1, rows: 16 } },
    resolve: (entity, _args, _context, info) => {
      const keys = entity.row[camelCase(link.by)]
      const columns = selectionColumns(info, link.to)
      const list = Array.isArray(keys) ? (keys as readonly string[]) : []
      return Promise.all(list.map((key) => linked(entity, link, key, columns)))
    },
  })
}

async function linked(
  { from }: Entity,
  link: Link,
  key: Cell | undefined,
  columns: readonly string[],
): Promise<Entity | null> {
  if (isNone(key)) return null
  const { source } = entityType(link.to)
  const column = link.on ?? source.key[0] ?? ''
  const row = await from.lookup(source, [...columns, ...source.key], column, String(key))
  return row === null ? null : { row, from }
}

function nestedListField(t: EntityFieldBuilder, definition: EntityDefinition, list: NestedList) {
  const target = entityType(list.of)
  return t.field({
    type: target.connection,
    description: list.description,
    args: target.listArguments(t.arg),
    extensions: { columns: [list.by], cost: { statements: 1, list: true } },
    resolve: async (entity, args, context, info) => {
      const value = await cellOf(entity, definition, list.by)
      const parent = { column: list.on, value: String(value) }
      return readPage(target, args, { reader: entity.from, parent }, context, info)
    },
  })
}
