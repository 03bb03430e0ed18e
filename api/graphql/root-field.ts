import { columnsNamed } from '../sql/statement.ts'
import { BLOCK_INPUT } from './block-input.ts'
import { builder } from './builder.ts'
import { scalarOf } from './column-field.ts'
import { readPage } from './list.ts'
import { selectionColumns } from './projection.ts'
import type { EntityType } from './registry.ts'

/** Adds the root fields of a type: its list and its lookup. */
export function rootFields(type: EntityType): void {
  const { plural, single } = type
  if (plural !== undefined) listField(type, plural)
  if (single !== undefined) lookupField(type, single.field, single.argument, single.column)
}

function listField(type: EntityType, name: string): void {
  builder.queryField(name, (t) =>
    t.field({
      type: type.connection,
      description: `A page of ${type.name}: ${type.description}`,
      args: { ...type.listArguments(t.arg), at: t.arg({ type: BLOCK_INPUT }) },
      extensions: { cost: { statements: 1, list: true } },
      resolve: async (_root, args, context, info) => {
        const reader = await context.at(args.at)
        const place = { reader, isBlockGiven: (args.at ?? undefined) !== undefined }
        return readPage(type, args, place, context, info)
      },
    }),
  )
}

function lookupField(type: EntityType, name: string, argument: string, keyColumn: string): void {
  const [column] = columnsNamed(type.source, [keyColumn])
  if (column === undefined) return
  builder.queryField(name, (t) =>
    t.field({
      type: type.ref,
      nullable: true,
      description: `${type.description} Null when there is none at the block.`,
      args: {
        [argument]: t.arg({ type: scalarOf(column), required: true }),
        at: t.arg({ type: BLOCK_INPUT, required: false }),
      },
      extensions: { cost: { statements: 1 } },
      resolve: async (_root, args, context, info) => {
        const from = await context.at(args['at'] as never)
        const columns = [...selectionColumns(info, type.name), ...type.source.key]
        const key = keyText(args[argument])
        const row = await from.lookup(type.source, columns, keyColumn, key)
        return row === null ? null : { row, from }
      },
    }),
  )
}

function keyText(key: unknown): string {
  return typeof key === 'string' ? key : JSON.stringify(key)
}
