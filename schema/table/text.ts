import { type Column, type ColumnType, camelCase } from './column.ts'

/**
 * SQL that selects `columns` of `relation` as text that JSON can carry exactly, under camelCase names:
 * bytes as `0x…`, integers as ClickHouse quotes them.
 *
 * The caller appends its own `where`, `order by` and `limit`; inside those the columns have their
 * native types and snake_case names, so that conditions still prune.
 */
export function selectText(columns: readonly Column[], relation: string): string {
  const list = columns.map((column) => `${textOf(column)} as "${camelCase(column.name)}"`)
  return `select ${list.join(', ')} from ${relation} as source`
}

function textOf(column: Column): string {
  const name = `source.${column.name}`
  const render = RENDER[column.type]
  return render === undefined ? name : render(name)
}

const RENDER: Partial<Record<ColumnType, (name: string) => string>> = {
  'FixedString(20)': hexText,
  'FixedString(32)': hexText,
  Bytes: hexText,
  'Array(FixedString(20))': (name) => `arrayMap(item -> ${hexText('item')}, ${name})`,
  'Array(FixedString(32))': (name) => `arrayMap(item -> ${hexText('item')}, ${name})`,
}

function hexText(name: string): string {
  return `concat('0x', lower(hex(${name})))`
}

/** SQL literal of bytes given as checked `0x…` text. */
export function hexLiteral(hex: `0x${string}`): string {
  return `unhex('${hex.slice(2)}')`
}
