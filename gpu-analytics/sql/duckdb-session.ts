import type * as DuckDb from '@duckdb/node-api'
import { FatalError } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { type SqlColumn, type SqlSession, rowCountOf } from './sql-session.ts'

/** Where DuckDB keeps its tables and how much it may use. */
export type DuckDbOptions = {
  /** A file; in memory when absent. */
  readonly path?: string
  /** As many as the machine has cores when absent. */
  readonly threadCount?: number
  /** Memory in MiB beyond which DuckDB spills to disk or fails; its own default when absent. */
  readonly memoryMib?: number
}

/** A session that owns its database; disposing closes it. */
export type DuckDbSession = SqlSession & AsyncDisposable

/** Groups are an array and not a hash table up to this many bits of node numbers. */
const GROUP_BITS_MAX = 22

/**
 * Opens a DuckDB inside this process. Node only: `@duckdb/node-api` is loaded when this is called.
 *
 * @throws {DuckDbUnavailableError} when the package is not installed or its library does not load.
 */
export async function openDuckDbSession(options: DuckDbOptions = {}): Promise<DuckDbSession> {
  const duckdb = await loadDuckDb()
  const { path = ':memory:', threadCount, memoryMib } = options
  const instance = await duckdb.DuckDBInstance.create(path, {
    ...(threadCount === undefined ? {} : { threads: String(threadCount) }),
    ...(memoryMib === undefined ? {} : { memory_limit: `${memoryMib}MiB` }),
  })
  const connection = await instance.connect()
  await connection.run(`set perfect_ht_threshold = ${GROUP_BITS_MAX}`)
  const inTurn = createTurns(connection)
  return {
    dialect: 'duckdb',
    query: async (sql, { signal } = {}) => {
      const reader = await inTurn(signal, () => connection.runAndReadAll(sql))
      return reader.getRowObjectsJS()
    },
    run: async (sql, { signal } = {}) => {
      await inTurn(signal, () => connection.run(sql))
    },
    load: (table, columns, { signal } = {}) =>
      inTurn(signal, () => append(duckdb, connection, table, columns, signal)),
    [Symbol.asyncDispose]: async () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

type DuckDbPackage = typeof DuckDb

async function loadDuckDb(): Promise<DuckDbPackage> {
  try {
    return await import('@duckdb/node-api')
  } catch (cause) {
    throw new DuckDbUnavailableError(cause)
  }
}

/** A connection does one thing at a time, so that runs side by side neither mix nor end each other. */
function createTurns(connection: DuckDb.DuckDBConnection) {
  let former: Promise<unknown> = Promise.resolve()
  return <Result>(signal: AbortSignal | undefined, work: () => Promise<Result>) => {
    const turn = former.then(() => interruptible(connection, signal, work))
    former = turn.catch(() => undefined)
    return turn
  }
}

async function interruptible<Result>(
  connection: DuckDb.DuckDBConnection,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted()
  const interrupt = () => connection.interrupt()
  signal?.addEventListener('abort', interrupt, { once: true })
  try {
    return await work()
  } finally {
    signal?.removeEventListener('abort', interrupt)
  }
}

async function append(
  duckdb: DuckDbPackage,
  connection: DuckDb.DuckDBConnection,
  table: string,
  columns: readonly SqlColumn[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { DuckDBDataChunk, listValue } = duckdb
  const itemOf = ({ values, offsets }: SqlColumn, row: number) =>
    offsets === undefined
      ? at<number | bigint>(values, row)
      : listValue(Array.from<number | bigint>(values.slice(at(offsets, row), at(offsets, row + 1))))
  const types = columns.map((column) => typeOf(duckdb, column))
  const rowCount = rowCountOf(columns)
  const rowCountMax = 2048
  const appender = await connection.createAppender(table)
  try {
    for (let first = 0; first < rowCount; first += rowCountMax) {
      signal?.throwIfAborted()
      const last = Math.min(first + rowCountMax, rowCount)
      const chunk = DuckDBDataChunk.create(types, last - first)
      for (const [index, column] of columns.entries()) {
        const vector = chunk.getColumnVector(index)
        for (let row = first; row < last; row++) vector.setItem(row - first, itemOf(column, row))
        vector.flush()
      }
      appender.appendDataChunk(chunk)
    }
  } finally {
    appender.closeSync()
  }
}

function typeOf({ LIST, HUGEINT, UBIGINT, UINTEGER, UTINYINT }: DuckDbPackage, column: SqlColumn) {
  const { values, offsets } = column
  let type: DuckDb.DuckDBType = HUGEINT
  if (values instanceof Uint8Array) type = UTINYINT
  if (values instanceof Uint32Array) type = UINTEGER
  if (values instanceof BigUint64Array) type = UBIGINT
  return offsets === undefined ? type : LIST(type)
}

/** DuckDB's package is not installed, or its library does not load on this machine. */
export class DuckDbUnavailableError extends FatalError {
  constructor(cause: unknown) {
    super('DUCKDB_UNAVAILABLE', 'expected @duckdb/node-api to load, found it missing or broken', {
      cause,
      hint: 'Install it with `npm install @duckdb/node-api`, or choose another engine.',
    })
  }
}
