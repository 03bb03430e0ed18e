import { rowBinaryBlocks } from './row-binary.ts'
import type { SqlRow, SqlSession, StatementOptions } from './sql-session.ts'

/** What a ClickHouse client must be able to do; the caller owns it and closes it. */
export type ClickHouseFunctions = {
  /** Runs a query; integers of 64 bits and more come as text. */
  readonly query: (sql: string, options: StatementOptions) => Promise<readonly SqlRow[]>
  readonly run: (sql: string, options: StatementOptions) => Promise<void>
  /** Inserts rows that are encoded as RowBinary, `columns` in encoded order. */
  readonly insertRowBinary: (
    table: string,
    columns: readonly string[],
    encodedRows: Uint8Array,
    options: StatementOptions,
  ) => Promise<void>
}

/**
 * A session of a ClickHouse that the caller reaches in its own way, server or embedded. Its user must
 * be allowed to create tables in the database that unqualified names belong to.
 *
 * ```ts
 * const session = clickHouseSession({
 *   query: (sql, { signal }) => queryRows(client, sql, {}, { abortSignal: signal }),
 *   run: (sql, { signal }) => command(client, sql, {}, { abortSignal: signal }),
 *   insertRowBinary: (table, columns, rows) => insertRowBinary(client, table, columns, rows),
 * })
 * ```
 */
export function clickHouseSession(functions: ClickHouseFunctions): SqlSession {
  return {
    dialect: 'clickhouse',
    query: (sql, options = {}) => functions.query(sql, options),
    run: (sql, options = {}) => functions.run(sql, options),
    load: async (table, columns, options = {}) => {
      const names = columns.map(({ name }) => name)
      for (const block of rowBinaryBlocks(columns)) {
        await functions.insertRowBinary(table, names, block, options)
      }
    },
  }
}
