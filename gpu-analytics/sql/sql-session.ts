/** The databases whose SQL the engines speak. */
export type SqlDialect = 'clickhouse' | 'duckdb'

/** One row of an answer: integers as `bigint`, `number` or decimal text, lists as arrays. */
export type SqlRow = Readonly<Record<string, unknown>>

/**
 * A column of a table to load. What its values are decides how wide it is: 8, 32 or 64 bits; amounts
 * (`bigint[]`) have 127 bits in DuckDB, and in ClickHouse 256 or what `bits` says.
 */
export type SqlColumn = {
  readonly name: string
  readonly values: Uint8Array | Uint32Array | BigUint64Array | readonly bigint[]
  readonly bits?: 64 | 128 | 256
  /** When present, row i holds the list of the values from `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets?: Uint32Array
}

/** How one statement runs. */
export type StatementOptions = {
  /** Aborting it ends the statement inside the database. */
  readonly signal?: AbortSignal
}

/**
 * A database that the engines may compute in. They make tables of their own, named
 * `foggara_run_<unique>_…`, and drop them when a run ends, however it ends.
 */
export type SqlSession = {
  readonly dialect: SqlDialect
  /** Runs a statement that answers with rows. */
  readonly query: (sql: string, options?: StatementOptions) => Promise<readonly SqlRow[]>
  /** Runs a statement that answers with nothing. */
  readonly run: (sql: string, options?: StatementOptions) => Promise<void>
  /** Appends rows to a table; every column has a value or a list per row. */
  readonly load: (
    table: string,
    columns: readonly SqlColumn[],
    options?: StatementOptions,
  ) => Promise<void>
}

/** How many rows the columns hold. */
export function rowCountOf(columns: readonly SqlColumn[]): number {
  const [first] = columns
  if (first === undefined) return 0
  return first.offsets === undefined ? first.values.length : first.offsets.length - 1
}
