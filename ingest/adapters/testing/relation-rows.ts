import { type ClickHouseClient, queryRows } from '@foggara/database'
import { type ColumnType, type View, camelCase, invariant, selectText } from '@foggara/schema'

type TextRow = Readonly<Record<string, unknown>>

const EMPTY: Partial<Record<ColumnType, unknown>> = {
  Bool: false,
  UInt32: 0,
  UInt64: '0',
  UInt256: '0',
  String: '',
  'FixedString(20)': `0x${'00'.repeat(20)}`,
  'FixedString(32)': `0x${'00'.repeat(32)}`,
  'Nullable(UInt64)': null,
}

/** The rows of a view as text, in the order of their text. */
export async function relationRows(
  client: ClickHouseClient,
  view: View,
): Promise<readonly string[]> {
  const rows = await queryRows<TextRow>(client, selectText(view.columns, view.name))
  return rows.map((row) => JSON.stringify(row)).toSorted()
}

/** The same of rows that name only the columns that are not empty. */
export function expectedRows(view: View, rows: readonly TextRow[]): readonly string[] {
  return rows
    .map((row) => {
      const names = view.columns.map(({ name }) => camelCase(name))
      const odd = Object.keys(row).find((name) => !names.includes(name))
      invariant(odd === undefined, `${view.name} has no column ${odd}`)
      const cells = view.columns.map(({ name, type }) => {
        const key = camelCase(name)
        return [key, key in row ? row[key] : EMPTY[type]]
      })
      return JSON.stringify(Object.fromEntries(cells))
    })
    .toSorted()
}
