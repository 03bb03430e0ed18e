import { FatalError } from '@foggara/schema'
import { parse } from 'csv-parse/sync'

/** A CSV file with a header: its rows with the line each starts on. */
export type CsvTable = { readonly file: string; readonly rows: readonly CsvRow[] }

export type CsvRow = {
  /** Counted from 1; the header is line 1. */
  readonly line: number
  /** The wanted columns' text, trimmed. */
  readonly cells: Readonly<Record<string, string>>
}

/**
 * Reads CSV text (RFC 4180, UTF-8, header in the first line) and keeps the `wanted` columns; other
 * columns are ignored. Empty lines are skipped.
 *
 * @throws {CsvMalformedError | CsvColumnMissingError}
 */
export function readCsv(file: string, text: string, wanted: readonly string[]): CsvTable {
  const records = parseRecords(file, text)
  const [header, ...body] = records
  if (header === undefined) throw new CsvMalformedError(file, 1, 'expected a header, found nothing')
  const names = header.cells.map((name) => name.trim())
  const places = wanted.map((column) => {
    const place = names.indexOf(column)
    if (place === -1) throw new CsvColumnMissingError(file, column, names)
    return [column, place] as const
  })
  const rows = body.map(({ line, cells }) => {
    if (cells.length !== names.length) {
      throw new CsvMalformedError(
        file,
        line,
        `expected ${names.length} columns, found ${cells.length}`,
      )
    }
    const kept = places.map(([column, place]) => [column, (cells[place] ?? '').trim()] as const)
    return { line, cells: Object.fromEntries(kept) }
  })
  return { file, rows }
}

/** The text of a wanted column. */
export function cell(row: CsvRow, column: string): string {
  return row.cells[column] ?? ''
}

type Parsed = { readonly record: readonly string[]; readonly info: { readonly lines: number } }

function parseRecords(file: string, text: string): { line: number; cells: readonly string[] }[] {
  let line = 0
  try {
    const parsed = parse(text, {
      bom: true,
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as unknown as readonly Parsed[]
    return parsed.map(({ record, info }) => {
      const cellLines = record.join('').split('\n').length - 1
      line = info.lines - cellLines
      return { line, cells: record }
    })
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new CsvMalformedError(file, line + 1, detail, cause)
  }
}

/** A CSV file breaks the format. */
export class CsvMalformedError extends FatalError {
  constructor(file: string, line: number, detail: string, cause?: unknown) {
    super('CSV_MALFORMED', `${file} line ${line}: ${detail}`, { cause })
  }
}

/** A CSV file lacks a column. */
export class CsvColumnMissingError extends FatalError {
  constructor(file: string, column: string, found: readonly string[]) {
    super(
      'CSV_COLUMN_MISSING',
      `${file} line 1: expected a column ${column}, found ${found.slice(0, 12).join(', ')}`,
    )
  }
}
