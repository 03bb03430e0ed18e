import { CanonicalLineError, type Column } from './column.ts'

/**
 * A table in canonical form: one JSON object a line, keys in the order of `columns`, no white space,
 * rows ascending by the key columns, which are in the order of `columns` as well.
 */
export type CanonicalTable<Row extends object> = {
  readonly columns: { readonly [Name in keyof Row & string]: Column<Row[Name]> }
  readonly key: readonly (keyof Row & string)[]
}

/** Writes rows as canonical lines; the order of the rows does not matter. */
export function toLines<Row extends object>(
  table: CanonicalTable<Row>,
  rows: readonly Row[],
): string[] {
  const columns = columnsOf(table)
  return rows.toSorted(compareBy(table)).map((row) => {
    const values = new Map<string, unknown>(Object.entries(row))
    return JSON.stringify(
      Object.fromEntries(columns.map(([name, column]) => [name, column.write(values.get(name))])),
    )
  })
}

/**
 * Reads canonical lines back; unknown, missing or reordered keys and rows out of order are refused.
 *
 * @throws {CanonicalLineError}
 */
export function fromLines<Row extends object>(
  table: CanonicalTable<Row>,
  lines: readonly string[],
): Row[] {
  const rows = lines.map((line) => readLine(table, line))
  const written = toLines(table, rows)
  for (const [index, line] of lines.entries()) {
    if (line !== written[index]) {
      throw new CanonicalLineError(`expected ${written[index]}, found ${line} at line ${index + 1}`)
    }
  }
  return rows
}

function readLine<Row extends object>(table: CanonicalTable<Row>, line: string): Row {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new CanonicalLineError(`expected JSON, found ${line.slice(0, 80)}`)
  }
  if (typeof value !== 'object' || value === null) {
    throw new CanonicalLineError(`expected a JSON object, found ${line.slice(0, 80)}`)
  }
  const values = new Map<string, unknown>(Object.entries(value))
  return Object.fromEntries(
    columnsOf(table).map(([name, column]) => [name, column.read(values.get(name))]),
  ) as Row
}

function compareBy<Row extends object>(table: CanonicalTable<Row>): (a: Row, b: Row) => number {
  const keys = columnsOf(table).filter(([name]) => table.key.some((key) => key === name))
  return (a, b) => {
    const left = new Map<string, unknown>(Object.entries(a))
    const right = new Map<string, unknown>(Object.entries(b))
    for (const [name, column] of keys) {
      const order = column.compare(left.get(name), right.get(name))
      if (order !== 0) return order
    }
    return 0
  }
}

function columnsOf<Row extends object>(table: CanonicalTable<Row>): [string, Column<unknown>][] {
  return Object.entries(table.columns)
}
