import { type ClickHouseClient, command } from '@foggara/database'
import {
  type Column,
  type Table,
  TABLES,
  clickhouseType,
  hexLiteral,
  hotTable,
  parseHex,
  settledTable,
} from '@foggara/schema'

/** A value of a test row: bytes as `0x…`, wide integers as bigint. */
export type TestValue = string | number | bigint | boolean | readonly (string | number | bigint)[]

/** A test row by snake_case column name; columns left out are zero or empty. */
export type TestRow = Readonly<Record<string, TestValue>>

/** Inserts rows into the table that a writer would have written them to. */
export async function insertTestRows(
  client: ClickHouseClient,
  name: string,
  rows: readonly TestRow[],
  place: 'hot' | 'settled' = 'hot',
): Promise<void> {
  if (rows.length === 0) return
  const table = tableNamed(name)
  const isAttempt = place === 'hot' && table.stream !== 'none'
  const columns: readonly Column[] = isAttempt
    ? [...table.columns, { name: 'commit_seq', type: 'UInt64' }]
    : table.columns
  const target = place === 'hot' ? hotTable(table) : settledTable(table)
  const selects = rows.map(
    (row) => `select ${columns.map((column) => literal(column, row[column.name])).join(', ')}`,
  )
  for (let start = 0; start < selects.length; start += 200) {
    const names = columns.map((column) => column.name).join(', ')
    const part = selects.slice(start, start + 200).join(' union all ')
    await command(client, `insert into ${target} (${names}) ${part}`)
  }
}

function tableNamed(name: string): Table {
  const table = TABLES.find((candidate) => candidate.name === name)
  if (table === undefined) throw new Error(`no table ${name}`)
  return table
}

function literal({ type }: Column, value: TestValue | undefined): string {
  const native = clickhouseType(type)
  const isBytes = type === 'Bytes' || type.includes('FixedString')
  if (Array.isArray(value) || type.startsWith('Array(')) {
    const items = (Array.isArray(value) ? value : []).map((item) => scalar(item, isBytes))
    return `cast([${items.join(', ')}] as ${native})`
  }
  if (type === 'Map(String, UInt64)') return `cast(map() as ${native})`
  if (value === undefined) return `defaultValueOfTypeName('${native}')`
  return `cast(${scalar(value, isBytes)} as ${native})`
}

function scalar(value: TestValue, isBytes: boolean): string {
  if (typeof value === 'bigint') return `'${value}'`
  if (typeof value !== 'string') return String(value)
  return isBytes ? hexLiteral(parseHex(value, (value.length - 2) / 2, 'value')) : quoted(value)
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
