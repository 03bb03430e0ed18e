import { CanonicalLineError, type Column } from './column.ts'

/**
 * A table in canonical form: one JSON object a line, keys in the order of `columns`, no white space,
 * rows ascending by the key columns.
 */
export type CanonicalTable<Row> = {
  readonly columns: { readonly [Name in keyof Row & string]: Column<Row[Name]> }
  readonly key: readonly (keyof Row & string)[]
}

/** Writes rows as canonical lines; the order of the rows does not matter. */
export function toLines<Row>(table: CanonicalTable<Row>, rows: readonly Row[]): string[] {
  const names = columnNames(table)
  return [...rows]
    .sort(compareBy(table))
    .map((row) =>
      JSON.stringify(
        Object.fromEntries(names.map((name) => [name, table.columns[name].write(row[name])])),
      ),
    )
}

/**
 * Reads canonical lines back; unknown, missing or reordered keys and rows out of order are refused.
 *
 * @throws {CanonicalLineError}
 */
export function fromLines<Row>(table: CanonicalTable<Row>, lines: readonly string[]): Row[] {
  const rows = lines.map((line) => readLine(table, line))
  const written = toLines(table, rows)
  for (const [index, line] of lines.entries()) {
    if (line !== written[index]) {
      throw new CanonicalLineError(`expected ${written[index]}, found ${line} at line ${index + 1}`)
    }
  }
  return rows
}

function readLine<Row>(table: CanonicalTable<Row>, line: string): Row {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new CanonicalLineError(`expected JSON, found ${line.slice(0, 80)}`)
  }
  if (typeof value !== 'object' || value === null) {
    throw new CanonicalLineError(`expected a JSON object, found ${line.slice(0, 80)}`)
  }
  const entries = new Map(Object.entries(value))
  const read = columnNames(table).map((name) => [name, table.columns[name].read(entries.get(name))])
  return Object.fromEntries(read) as Row
}

function columnNames<Row>(table: CanonicalTable<Row>): (keyof Row & string)[] {
  return Object.keys(table.columns) as (keyof Row & string)[]
}

function compareBy<Row>(table: CanonicalTable<Row>): (a: Row, b: Row) => number {
  return (a, b) => {
    for (const name of table.key) {
      const order = table.columns[name].compare(a[name], b[name])
      if (order !== 0) return order
    }
    return 0
  }
}
