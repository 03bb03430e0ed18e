import { COMMITS_TABLE, type Column, STATUS_TABLE, clickhouseType } from '@foggara/schema'

import {
  type EntityTable,
  type FieldColumn,
  VERSION_COLUMNS,
  hasIntegers,
  lookupSuffix,
} from './entity-table.ts'
import { DEPLOYMENT_COLUMNS, type OwnTable, OWN_TABLES } from './own-tables.ts'

/** Entities are looked up one by one: fewer rows are read for each than by ClickHouse's 8192. */
const INDEX_GRANULARITY = 512

/** Names of tables in the database of one subgraph, as SQL. */
export type SqlNames = { (name: string): string }

/** Names in the given database, in quotes: entities may be called like keywords. */
export function sqlNames(database: string): SqlNames {
  return (name) => `\`${database}\`.\`${name}\``
}

/** A table or view of a subgraph's database. */
export type Creation = {
  readonly name: string
  /** May be repeated. */
  readonly sql: string
}

/** Everything in a subgraph's database, in an order in which it can be made. */
export function creations(tables: readonly EntityTable[], names: SqlNames): readonly Creation[] {
  return [
    createPlain('_commits', COMMITS_TABLE.columns, COMMITS_TABLE.orderBy, names),
    createPlain('_status', STATUS_TABLE.columns, STATUS_TABLE.orderBy, names),
    ...OWN_TABLES.flatMap((table) => createOwn(table, names)),
    ...tables.flatMap((table) => createEntity(table, names)),
  ]
}

/** The statement that makes the table which says what a database belongs to. */
export function createDeploymentTable(names: SqlNames): string {
  return createPlain('_deployment', DEPLOYMENT_COLUMNS, ['deployment'], names).sql
}

/** Which rows are visible as of the newest commit, as a condition of SQL. */
export function visibleRows(names: SqlNames): string {
  const commits = names('_commits')
  return `commit_seq <= (select max(commit_seq) from ${commits}) and commit_seq not in (select arrayJoin(kills) from ${commits})`
}

function createPlain(
  name: string,
  columns: readonly Column[],
  orderBy: readonly string[],
  names: SqlNames,
): Creation {
  const list = columns.map((column) => `${column.name} ${clickhouseType(column.type)}`)
  return { name, sql: tableSql(names(name), list, orderBy) }
}

function createOwn({ name, columns, orderBy }: OwnTable, names: SqlNames): readonly Creation[] {
  const rows = columns.map((column) => `${column.name} ${clickhouseType(column.type)}`)
  const list = columns.map((column) => column.name).join(', ')
  const table = `${name}_rows`
  const body = `select ${list} from ${names(table)} where ${visibleRows(names)}`
  return [
    { name: table, sql: tableSql(names(table), [...rows, 'commit_seq UInt64'], orderBy) },
    createView(name, body, names),
  ]
}

function createEntity(table: EntityTable, names: SqlNames): readonly Creation[] {
  const columns = [
    ...table.columns.map(({ name, type }) => `\`${name}\` ${type}`),
    ...Object.entries(VERSION_COLUMNS).map(([name, type]) => `${name} ${type}`),
  ]
  const projections = table.lookups.map(
    ({ name }) => `projection \`by_${name}\` (select \`${name}\`, id order by \`${name}\`, id)`,
  )
  const settings = [`index_granularity = ${INDEX_GRANULARITY}`]
  // A projection would else refuse the deletion of rows that were retracted.
  if (projections.length > 0) settings.push(`lightweight_mutation_projection_mode = 'rebuild'`)
  const rows = `${table.name}_rows`
  const order = ['id', 'block_from']
  const sql = tableSql(names(rows), [...columns, ...projections], order, settings)
  return [
    { name: rows, sql },
    createView(table.name, currentSql(table, names), names),
    createView(`${table.name}_history`, historySql(table, names), names),
    createView(
      `${table.name}_at`,
      currentSql(table, names, 'block_from <= {block:UInt64} and '),
      names,
    ),
    ...table.lookups.map((column) =>
      createView(table.name + lookupSuffix(column), lookupSql(table, column, names), names),
    ),
  ]
}

function tableSql(
  name: string,
  columns: readonly string[],
  orderBy: readonly string[],
  settings: readonly string[] = [],
): string {
  return [
    `create table if not exists ${name} (`,
    `  ${columns.join(',\n  ')}`,
    `) engine = MergeTree`,
    `order by (${orderBy.join(', ')})`,
    ...(settings.length === 0 ? [] : [`settings ${settings.join(', ')}`]),
  ].join('\n')
}

function createView(name: string, body: string, names: SqlNames): Creation {
  return { name, sql: `create view if not exists ${names(name)} as\n${body}` }
}

/** The newest version of each entity that is still there; a condition on the id stays a look-up. */
function currentSql(table: EntityTable, names: SqlNames, condition = ''): string {
  const columns = viewColumns(table)
  const rows = names(`${table.name}_rows`)
  const where = `${condition}${visibleRows(names)}`
  if (table.isImmutable) return `select ${columns} from ${rows} where ${where}`
  return `select ${columns} from (
    select ${columns}, _removed
    from ${rows}
    where ${where}
    order by id, block_from desc
    limit 1 by id
  )
  where not _removed`
}

/** Every version; it ends where the next row of its entity begins, which may be its removal. */
function historySql(table: EntityTable, names: SqlNames): string {
  const columns = viewColumns(table)
  const rows = names(`${table.name}_rows`)
  const where = visibleRows(names)
  if (table.isImmutable) {
    const open = 'cast(null as Nullable(UInt64)) as block_to'
    return `select ${columns}, ${open} from ${rows} where ${where}`
  }
  return `select ${columns}, block_to from (
    select ${columns}, _removed, leadInFrame(toNullable(block_from)) over (
      partition by id
      order by block_from
      rows between current row and unbounded following
    ) as block_to
    from ${rows}
    where ${where}
  )
  where not _removed`
}

/** The current entities whose field holds a value: versions that ever did say which to look at. */
function lookupSql(table: EntityTable, { name, field }: FieldColumn, names: SqlNames): string {
  const parameter = `{${name}:${field.scalar === 'Int8' ? 'Int64' : 'String'}}`
  const candidates = `select id from ${names(`${table.name}_rows`)} where \`${name}\` = ${parameter}`
  return `select * from (${currentSql(table, names, `id in (${candidates}) and `)})
  where \`${name}\` = ${parameter}`
}

function viewColumns(table: EntityTable): string {
  const fields = table.columns.map(({ name }) => `\`${name}\``)
  return [...fields, ...(hasIntegers(table) ? ['_large'] : []), 'vid', 'block_from'].join(', ')
}
