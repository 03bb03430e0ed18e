import { VIEWS } from '../view/views.ts'
import { CHAIN_TABLES } from './chain-tables.ts'
import { type Table, clickhouseType, columnNames, hotTable, settledTable } from './column.ts'
import { COMMIT_TABLES } from './commit-tables.ts'
import { EPOCH_TABLES } from './epoch-tables.ts'
import { RECEIPT_TABLES } from './receipt-tables.ts'
import { LATEST_RELATIONS, latestRows } from './relation.ts'

/** An ordered step of the database's schema, as `database/migrations.ts` applies it. */
export type Migration = { readonly id: string; readonly statements: readonly string[] }

/** Every logical table. */
export const TABLES: readonly Table[] = [
  ...COMMIT_TABLES,
  ...CHAIN_TABLES,
  ...RECEIPT_TABLES,
  ...EPOCH_TABLES,
]

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

/** The whole schema as migrations: tables first, then the views that read the latest commit. */
export function migrations(mode: StorageMode): readonly Migration[] {
  const visible = TABLES.filter((table) => table.stream !== 'none').map(
    (table) => `create view if not exists ${table.name} as ${latestRows(table)}`,
  )
  const domain = VIEWS.map(
    (view) => `create view if not exists ${view.name} as ${view.sql(LATEST_RELATIONS)}`,
  )
  return [
    { id: '0001-tables', statements: TABLES.flatMap((table) => createTable(table, mode)) },
    { id: '0002-visible', statements: visible },
    { id: '0003-views', statements: domain },
  ]
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
