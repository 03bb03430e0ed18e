import { createHash } from 'node:crypto'

import { camelCase, invariant } from '@foggara/schema'
import type { ArgBuilder } from '@pothos/core'
import type { GraphQLResolveInfo } from 'graphql'

import { CursorMismatchError, decodeCursor, encodeCursor } from '../sql/cursor.ts'
import { orderColumns } from '../sql/keyset.ts'
import type { ListSelection, Parent, Reader } from '../sql/reader.ts'
import type { Condition, Order, Row } from '../sql/row.ts'
import { builder } from './builder.ts'
import { scalarOf } from './column-field.ts'
import type { BlockReaders } from './context.ts'
import type { ApiTypes, EntityDefinition } from './entity.ts'
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, type Page, PageSizeError } from './page.ts'
import { connectionColumns } from './projection.ts'
import { DIRECTION, WORDS } from './words.ts'

/** The arguments of a list field as resolvers get them. */
export type ListArguments = {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly orderBy?: string | null | undefined
  readonly direction?: 'ASC' | 'DESC' | null | undefined
  readonly filter?: Readonly<Record<string, unknown>> | null | undefined
}

/** The inputs that a type's lists share, made once per type. */
export function listArguments(definition: EntityDefinition) {
  const orderBy = builder.enumType(`${definition.name}OrderBy`, {
    description: `What lists of ${definition.name} can be sorted by.`,
    values: Object.keys(definition.orders),
  })
  const hasFilter = Object.keys(definition.filters).length > 0
  const filter = hasFilter ? filterInput(definition) : undefined
  return (arg: ArgBuilder<ApiTypes>) => ({
    first: arg.int({
      defaultValue: PAGE_SIZE_DEFAULT,
      description: `How many rows, up to ${PAGE_SIZE_MAX}.`,
    }),
    after: arg.string({ description: 'The cursor after which the page starts.' }),
    orderBy: arg({ type: orderBy, required: false }),
    direction: arg({ type: DIRECTION, required: false }),
    ...(filter === undefined ? {} : { filter: arg({ type: filter, required: false }) }),
  })
}

/** Where a list is read. */
export type ListPlace = {
  readonly reader: Reader
  /** The row that the list hangs on. */
  readonly parent?: Parent
  /** Whether the request names the block itself, so that a cursor of another block is refused. */
  readonly isBlockGiven?: boolean
}

/** Reads a page of a list: at the cursor's block when there is a cursor. */
export async function readPage(
  definition: EntityDefinition,
  args: ListArguments,
  { reader, parent, isBlockGiven }: ListPlace,
  context: BlockReaders,
  info: GraphQLResolveInfo,
): Promise<Page> {
  const { source } = definition
  const first = args.first ?? PAGE_SIZE_DEFAULT
  if (first < 1 || first > PAGE_SIZE_MAX) throw new PageSizeError(first)
  const order = orderOf(definition, args)
  const conditions = conditionsOf(definition, args.filter)
  const names = orderColumns(order, source)
  const list = listDigest(definition, order, conditions, parent)
  const cursor = args.after ?? undefined
  const after = cursor === undefined ? undefined : decodeCursor(cursor, list, names.length)
  if (isBlockGiven === true && after !== undefined && after.blockHash !== reader.pin.blockHash) {
    throw new CursorMismatchError()
  }
  const from = after === undefined ? reader : await context.atCursor(after.block, after.blockHash)
  const selection: ListSelection = {
    source,
    columns: connectionColumns(info, definition.name),
    conditions,
    order,
    after: after?.values,
    limit: first + 1,
  }
  const rows = await from.page(selection, parent)
  return {
    rows: rows.slice(0, first),
    hasNextPage: rows.length > first,
    from,
    cursorOf: (row) => cursorOf(row, names, list, from),
    count: () => from.count({ source, conditions }, parent),
  }
}

function filterInput(definition: EntityDefinition) {
  return builder.inputType(`${definition.name}Filter`, {
    description: `Which ${definition.name} rows a list holds; all conditions must be met.`,
    fields: (t) =>
      Object.fromEntries(
        Object.entries(definition.filters).map(([name, filter]) => {
          const column = definition.source.columns.find(
            (candidate) => candidate.name === filter.column,
          )
          invariant(column !== undefined, `${definition.name} has no column ${filter.column}`)
          const words = definition.enums?.[column.name]
          const type = words === undefined ? scalarOf(column) : WORDS[words]
          const isList = filter.operator === 'in' || filter.operator === 'hasAny'
          return [name, isList ? t.field({ type: [type] }) : t.field({ type })]
        }),
      ),
  })
}

function orderOf(definition: EntityDefinition, args: ListArguments): Order {
  const name = args.orderBy ?? Object.keys(definition.orders)[0]
  const columns = name === undefined ? undefined : definition.orders[name]
  invariant(columns !== undefined, `${definition.name} has no order ${name}`)
  return { columns, direction: args.direction ?? definition.defaultDirection }
}

function conditionsOf(
  definition: EntityDefinition,
  filter: Readonly<Record<string, unknown>> | null | undefined,
): readonly Condition[] {
  return Object.entries(filter ?? {}).flatMap(([name, value]) => {
    const condition = definition.filters[name]
    if (condition === undefined || value === null || value === undefined) return []
    return [{ ...condition, value: value as Condition['value'] }]
  })
}

function listDigest(
  definition: EntityDefinition,
  order: Order,
  conditions: readonly Condition[],
  parent: Parent | undefined,
): string {
  const { relation, name } = definition.source
  // One type may list rows of many relations of other databases.
  const which = relation === undefined ? definition.name : name
  const text = JSON.stringify([which, order, conditions, parent ?? null])
  return createHash('sha256').update(text).digest('base64url').slice(0, 12)
}

function cursorOf(row: Row, names: readonly string[], list: string, from: Reader): string {
  return encodeCursor({
    block: from.pin.block,
    blockHash: from.pin.blockHash,
    list,
    values: names.map((name) => String(row[camelCase(name)])),
  })
}
