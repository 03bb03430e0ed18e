import { camelCase } from '@foggara/schema'

import type { Reader } from '../sql/reader.ts'
import type { Condition } from '../sql/row.ts'
import { BLOCK_INPUT } from './block-input.ts'
import { builder } from './builder.ts'
import type { Entity } from './entity.ts'
import { NODE } from './node.ts'
import { selectionColumns } from './projection.ts'
import { type EntityType, entityTypes } from './registry.ts'

builder.queryField('node', (t) =>
  t.field({
    type: NODE,
    nullable: true,
    description: 'Anything by its global id; null when there is none at the block.',
    args: {
      id: t.arg.id({ required: true }),
      at: t.arg({ type: BLOCK_INPUT, required: false }),
    },
    extensions: { cost: { statements: 1 } },
    resolve: async (_root, args, context, info) => {
      const found = keyOf(args.id)
      if (found === undefined) return null
      const from = await context.at(args.at)
      return readNode(from, found.type, found.key, selectionColumns(info, found.type.name))
    },
  }),
)

function keyOf(id: string): { type: EntityType; key: readonly string[] } | undefined {
  const [name, ...key] = id.split(':')
  const type = entityTypes().find((candidate) => candidate.name === name)
  if (type === undefined || key.length !== type.source.key.length) return undefined
  return { type, key }
}

async function readNode(
  from: Reader,
  type: EntityType,
  key: readonly string[],
  columns: readonly string[],
): Promise<Entity | null> {
  const { source } = type
  const names = source.key
  const conditions = names.map((column, index): Condition => {
    return { column, operator: 'equals', value: key[index] ?? '' }
  })
  const selection = {
    source,
    columns: [...columns, ...names],
    conditions,
    order: { columns: [], direction: 'ASC' as const },
    after: undefined,
    limit: 1,
  }
  const [row] = await from.page(selection, undefined)
  const matches = names.every((name, index) => String(row?.[camelCase(name)]) === key[index])
  return row === undefined || !matches ? null : { row, from, type: type.name }
}
