import { type Column, type Pin, invariant, pinnedRelations, selectText } from '@foggara/schema'

import { keysetCondition, orderColumns, orderSql } from './keyset.ts'
import { type Parameters, createParameters } from './parameters.ts'
import type { Condition, Order, Source } from './row.ts'

/** One statement with its named parameters. */
export type Statement = {
  readonly sql: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** Which of the database's query limits it runs under; those of a page when absent. */
  readonly limits?: 'page' | 'summary' | 'export'
  /** It reads what the service says of itself, which no cut holds fast: its answer is not kept. */
  readonly isLive?: boolean
}

/** A page of rows, of one parent each when `parents` are given. */
export type PageSelection = {
  readonly source: Source
  readonly columns: readonly string[]
  readonly conditions: readonly Condition[]
  readonly order: Order
  /** Sort values and key of the last row of the page before. */
  readonly after: readonly string[] | undefined
  readonly limit: number
  readonly parents: Parents | undefined
}

/** The column that names a row's parent; with an array column each item is a parent. */
export type Parents = { readonly column: string; readonly values: readonly string[] }

/** The name under which a row carries its parent. */
export const PARENT_NAME = 'parent_key'

/** Rows whose `keyColumn` is one of `keys`: every row of each key, in the order of the source's key. */
export function lookupStatement(
  pin: Pin,
  source: Source,
  columns: readonly string[],
  keyColumn: string,
  keys: readonly string[],
): Statement {
  const parameters = createParameters()
  const conditions = [{ column: keyColumn, operator: 'in', value: keys } satisfies Condition]
  return {
    sql: [
      selectText(
        columnsNamed(source, [keyColumn, ...columns]),
        relationOf(
          pin,
          source,
          narrowed(pin, source, { column: keyColumn, values: keys }, parameters),
        ),
      ),
      whereSql(pin, source, conditions, parameters),
      orderSql({ columns: [], direction: 'ASC' }, source),
    ].join('\n'),
    parameters: parameters.values,
    ...(source.limits === undefined ? {} : { limits: source.limits }),
  }
}

/** A page of rows; with parents, up to `limit` rows of each. */
export function pageStatement(pin: Pin, page: PageSelection): Statement {
  const { source, order, parents } = page
  const parameters = createParameters()
  const columns = [
    ...columnsNamed(source, [...page.columns, ...orderColumns(order, source)]),
    ...parentColumns(source, parents),
  ]
  const where = [whereSql(pin, source, page.conditions, parameters, parents)]
  if (page.after !== undefined) {
    where.push(`and ${keysetCondition(order, source, page.after, parameters)}`)
  }
  return {
    sql: [
      selectText(columns, childrenOf(pin, source, parents, parameters)),
      ...where,
      orderSql(order, source),
      `limit ${page.limit}${parents === undefined ? '' : ` by source.${PARENT_NAME}`}`,
    ].join('\n'),
    parameters: parameters.values,
    limits: parents === undefined ? (source.limits ?? 'page') : 'summary',
  }
}

/** How many rows meet the conditions, per parent when parents are given. */
export function countStatement(
  pin: Pin,
  page: Pick<PageSelection, 'source' | 'conditions' | 'parents'>,
): Statement {
  const { source, parents } = page
  const parameters = createParameters()
  const relation = childrenOf(pin, source, parents, parameters)
  const where = whereSql(pin, source, page.conditions, parameters, parents)
  const counted = `select ${parents === undefined ? '' : `${PARENT_NAME}, `}count() as row_count`
  const grouped = parents === undefined ? '' : `group by ${PARENT_NAME}`
  const columns = [
    ...parentColumns(source, parents),
    { name: 'row_count', type: 'UInt64' as const },
  ]
  return {
    sql: selectText(columns, `(${counted} from ${relation} as source ${where} ${grouped})`),
    parameters: parameters.values,
    limits: 'summary',
  }
}

/** The columns of a source by name, each once. */
export function columnsNamed(source: Source, names: readonly string[]): readonly Column[] {
  const wanted = new Set(names)
  const columns = source.columns.filter((column) => wanted.has(column.name))
  invariant(
    columns.length === wanted.size,
    `${source.name} lacks a column among ${[...wanted].join(', ')}`,
  )
  return columns
}

function relationOf(pin: Pin, source: Source, narrow: string | undefined): string {
  return narrow ?? source.relation?.(pin) ?? pinnedRelations(pin).relation(source.name)
}

/** The rows of some values of the key's first column, if the source has a shorter way to them. */
function narrowed(
  pin: Pin,
  source: Source,
  { column, values }: Parents,
  parameters: Parameters,
): string | undefined {
  if (source.narrowed === undefined || column !== source.key[0]) return undefined
  const list = parameters.many(columnNamed(source, column).type, values)
  return `(${source.narrowed(pinnedRelations(pin), list)})`
}

function childrenOf(
  pin: Pin,
  source: Source,
  parents: Parents | undefined,
  parameters: Parameters,
): string {
  if (parents === undefined) return relationOf(pin, source, undefined)
  const relation = relationOf(pin, source, narrowed(pin, source, parents, parameters))
  const column = columnNamed(source, parents.column)
  const parent = column.type.startsWith('Array(') ? `arrayJoin(${column.name})` : column.name
  return `(select *, ${parent} as ${PARENT_NAME} from ${relation})`
}

function parentColumns(source: Source, parents: Parents | undefined): readonly Column[] {
  if (parents === undefined) return []
  const { type } = columnNamed(source, parents.column)
  const item = type === 'Array(FixedString(32))' ? 'FixedString(32)' : type
  return [{ name: PARENT_NAME, type: item === 'Array(FixedString(20))' ? 'FixedString(20)' : item }]
}

function whereSql(
  pin: Pin,
  source: Source,
  conditions: readonly Condition[],
  parameters: Parameters,
  parents?: Parents,
): string {
  const parts = conditions.map((condition) => conditionSql(source, condition, parameters))
  if (parents !== undefined) {
    const { type } = columnNamed(source, parents.column)
    parts.unshift(`source.${PARENT_NAME} in ${parameters.many(type, parents.values)}`)
  }
  const scope = source.scope?.(pin, (name) => pinnedRelations(pin).relation(name))
  if (scope !== undefined) parts.push(scope)
  return `where ${parts.length === 0 ? 'true' : parts.join('\n  and ')}`
}

function conditionSql(source: Source, condition: Condition, parameters: Parameters): string {
  const { type } = columnNamed(source, condition.column)
  const column = `source.${condition.column}`
  const { operator, value } = condition
  if (isList(value)) {
    const list = parameters.many(type, value)
    return operator === 'hasAny' ? `hasAny(${column}, ${list})` : `${column} in ${list}`
  }
  switch (operator) {
    case 'contains':
      return `positionCaseInsensitiveUTF8(${column}, ${parameters.one(type, value)}) > 0`
    case 'atLeast':
      return `${column} >= ${parameters.one(type, value)}`
    case 'atMost':
      return `${column} <= ${parameters.one(type, value)}`
    case 'in':
    case 'equals':
    case 'hasAny':
      return `${column} = ${parameters.one(type, value)}`
  }
}

function isList(value: Condition['value']): value is readonly string[] {
  return Array.isArray(value)
}

function columnNamed(source: Source, name: string): Column {
  const [column] = columnsNamed(source, [name])
  invariant(column !== undefined, `${source.name} has no column ${name}`)
  return column
}
