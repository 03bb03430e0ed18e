import { readFileSync } from 'node:fs'

import {
  type DocumentNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeNode,
  parse,
} from 'graphql'
import type { Sql } from 'postgres'

/**
 * One version of an entity as graph-node keeps it. Values are text: bytes as `0x…` hex, lists as a
 * JSON array of such texts, timestamps in microseconds, null where there is none.
 */
export type EntityVersion = {
  readonly vid: bigint
  /** The first block in which the version holds. */
  readonly fromBlock: number
  /** The first block in which it no longer does; null while it does. */
  readonly toBlock: number | null
  /** By the field's name in the schema. */
  readonly fields: Readonly<Record<string, string | readonly string[] | null>>
}

/** A kind of entity, or one interval of an aggregation, as a table has it. */
export type EntityType = {
  /** The type's name in the schema; of an aggregation followed by `_hour` or `_day`. */
  readonly name: string
  readonly isImmutable: boolean
  readonly isAggregation: boolean
  /** The stored fields in the order of the schema. */
  readonly fields: readonly { readonly name: string; readonly isList: boolean }[]
}

/** The types that a schema stores, in its order. */
export function entityTypes(schemaFile: string): readonly EntityType[] {
  const document: DocumentNode = parse(readFileSync(schemaFile, 'utf8'))
  return document.definitions.flatMap((definition) => {
    return definition.kind === Kind.OBJECT_TYPE_DEFINITION ? typesOf(definition) : []
  })
}

/** Reads every version of a type, in the order of their first blocks and ids. */
export async function readVersions(
  sql: Sql,
  namespace: string,
  type: EntityType,
): Promise<readonly EntityVersion[]> {
  const table = snakeCase(type.name)
  const columns = await sql<{ name: string; kind: string }[]>`
    select column_name as name, udt_name as kind
    from information_schema.columns
    where table_schema = ${namespace} and table_name = ${table}
      and column_name not in ('vid', 'block$', 'block_range', 'causality_region')
    order by ordinal_position`
  if (columns.length !== type.fields.length) {
    const found = columns.map(({ name }) => name).join(' ')
    throw new Error(`expected the fields of ${type.name}, found columns ${found} of ${table}`)
  }
  const range = type.isImmutable
    ? ['"block$" as from_block', 'null::int as to_block']
    : ['lower(block_range) as from_block', 'upper(block_range) as to_block']
  const values = columns.map(({ name, kind }, index) => `${textOf(name, kind)} as field_${index}`)
  const rows = await sql.unsafe(`
    select vid::text as vid, ${[...range, ...values].join(', ')}
    from "${namespace}"."${table}"
    order by 2, id`)
  return rows.map((row) => ({
    vid: BigInt(row['vid']),
    fromBlock: row['from_block'],
    toBlock: row['to_block'],
    fields: Object.fromEntries(
      type.fields.map(({ name }, index) => [name, row[`field_${index}`] ?? null]),
    ),
  }))
}

function typesOf(definition: ObjectTypeDefinitionNode): readonly EntityType[] {
  const flag = (directive: string, argument: string) => {
    const found = definition.directives?.find(({ name }) => name.value === directive)
    const value = found?.arguments?.find(({ name }) => name.value === argument)?.value
    return value?.kind === Kind.BOOLEAN && value.value
  }
  const has = (directive: string) =>
    definition.directives?.some(({ name }) => name.value === directive) === true
  const fields = (definition.fields ?? [])
    .filter((field) => !field.directives?.some(({ name }) => name.value === 'derivedFrom'))
    .map((field) => ({ name: field.name.value, isList: isList(field.type) }))
  const name = definition.name.value
  if (has('aggregation')) {
    const shape = { isImmutable: true, isAggregation: true, fields }
    return intervalsOf(definition).map((interval) => ({ name: `${name}_${interval}`, ...shape }))
  }
  if (!has('entity')) return []
  const isImmutable = flag('entity', 'immutable') || flag('entity', 'timeseries')
  return [{ name, isImmutable, isAggregation: false, fields }]
}

function intervalsOf(definition: ObjectTypeDefinitionNode): readonly string[] {
  const aggregation = definition.directives?.find(({ name }) => name.value === 'aggregation')
  const list = aggregation?.arguments?.find(({ name }) => name.value === 'intervals')?.value
  const values = list?.kind === Kind.LIST ? list.values : []
  return values.flatMap((value) => (value.kind === Kind.STRING ? [value.value] : []))
}

function isList(type: TypeNode): boolean {
  if (type.kind === Kind.NON_NULL_TYPE) return isList(type.type)
  return type.kind === Kind.LIST_TYPE
}

/** The name of a type's table, as graph-node makes it. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
}

function textOf(column: string, kind: string): string {
  const quoted = `"${column}"`
  switch (kind) {
    case 'bytea':
      return `'0x' || encode(${quoted}, 'hex')`
    case '_bytea':
      return `(select array_agg('0x' || encode(item, 'hex') order by place)
        from unnest(${quoted}) with ordinality as list(item, place))`
    case 'timestamptz':
      return `(extract(epoch from ${quoted}) * 1000000)::bigint::text`
    default:
      return kind.startsWith('_') ? `${quoted}::text[]` : `${quoted}::text`
  }
}
