import { VIEWS } from '../view/views.ts'
import { type Table, clickhouseType, columnNames, hotTable, settledTable } from './column.ts'
import { LATEST_RELATIONS, latestRows } from './relation.ts'
import { TABLES } from './tables.ts'

/** An ordered step of the database's schema, as `database/migrations.ts` applies it. */
export type Migration = {
  readonly id: string
  readonly statements: readonly string[]
  /** `once`: its text may never change. `anew`: it holds no rows and is applied whenever its text changes. */
  readonly applied: 'once' | 'anew'
}

/** How tables are stored: one node, or a replicated cluster. */
export type StorageMode = 'single' | 'replicated'

const ENGINES: Readonly<Record<StorageMode, string>> = {
  single: 'MergeTree',
  replicated: "ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')",
}

/** The `create table` statements of one logical table. */
export function createTable(table: Table, mode: StorageMode): readonly string[] {
  const partition = 'partition by intDiv(block, 1000000)'
  if (table.derived !== undefined) {
    return [create(settledTable(table), table, mode, false, partition)]
  }
  const hot = create(hotTable(table), table, mode, table.stream !== 'none', '')
  if (table.stream !== 'chain') return [hot]
  return [hot, create(settledTable(table), table, mode, false, partition)]
}

/** The whole schema as migrations: each table by itself, then the views that read the latest commit. */
export function migrations(mode: StorageMode): readonly Migration[] {
  const tables = TABLES.map((table) => ({
    id: `table ${table.name}`,
    statements: createTable(table, mode),
    applied: 'once' as const,
  }))
  const visible = TABLES.filter(({ stream }) => stream !== 'none').map((table) =>
    replaceView(table.name, latestRows(table)),
  )
  const domain = VIEWS.map(({ name, sql }) => replaceView(name, sql(LATEST_RELATIONS)))
  return [...tables, { id: 'views', statements: [...visible, ...domain], applied: 'anew' }]
}

function replaceView(name: string, sql: string): string {
  return `create or replace view ${name} as ${sql}`
}

function create(
  name: string,
  table: Table,
  mode: StorageMode,
  attempts: boolean,
  partition: string,
): string {
  const names = columnNames(table)
  const columns = table.columns.map(({ type }, index) => `${names[index]} ${clickhouseType(type)}`)
  if (attempts) columns.push('commit_seq UInt64')
  return [
    `create table if not exists ${name} (`,
    `  ${columns.join(',\n  ')}`,
    `) engine = ${ENGINES[mode]}`,
    partition,
    `order by (${table.orderBy.join(', ')})`,
  ]
    .filter((line) => line !== '')
    .join('\n')
}
