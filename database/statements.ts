import { Readable } from 'node:stream'

import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import { invariant } from '@foggara/schema'

import { databaseError } from './client-error.ts'
import { quotedName } from './engine/quote.ts'

/** How one query runs. */
export type QueryOptions = {
  /** Name of the query in `system.processes` and logs; letters, digits, `_`, `.`, `:`, `-`. */
  readonly queryId?: string
  readonly settings?: ClickHouseSettings
  /** Aborting it cancels the query inside the database. */
  readonly abortSignal?: AbortSignal
}

/** Values of the `{name:Type}` placeholders of a query. */
export type QueryParameters = Readonly<Record<string, unknown>>

/**
 * Runs a query and returns its rows; integers of 64 bits and more, and decimals, are strings.
 *
 * `T` is what the caller's decoder expects, it is not checked here. Raises the codes of
 * {@link databaseError}.
 */
export async function queryRows<T>(
  client: ClickHouseClient,
  sql: string,
  parameters: QueryParameters = {},
  options: QueryOptions = {},
): Promise<T[]> {
  const rows: T[] = []
  for await (const block of queryRowBlocks<T>(client, sql, parameters, options)) {
    for (const row of block) rows.push(row)
  }
  return rows
}

/**
 * Runs a query and yields its rows in blocks as they arrive, so that a large result needs little
 * memory. Leaving the loop early cancels the query. Raises the codes of {@link databaseError}.
 */
export async function* queryRowBlocks<T>(
  client: ClickHouseClient,
  sql: string,
  parameters: QueryParameters = {},
  options: QueryOptions = {},
): AsyncGenerator<readonly T[]> {
  const signal = options.abortSignal
  let leave: (() => void) | undefined
  try {
    const result = await client.query({ ...request(sql, parameters, options), format: ROWS })
    // The client forgets the signal once the answer has begun.
    leave = () => result.close()
    signal?.addEventListener('abort', leave, { once: true })
    if (signal?.aborted === true) leave()
    for await (const rows of result.stream<T>()) yield rows.map((row) => row.json<T>())
  } catch (error) {
    throw databaseError(error, signal)
  } finally {
    if (leave !== undefined) signal?.removeEventListener('abort', leave)
  }
}

/** Options of an insert. */
export type InsertOptions = {
  /**
   * Lower-case hex. Repeating an insert with the same token and the same rows stores them once,
   * while the table remembers the token. A token must never be used for other rows.
   */
  readonly deduplicationToken?: string
  readonly abortSignal?: AbortSignal
}

/**
 * Inserts objects whose keys are column names; a `bigint` is written in decimal.
 *
 * Returns when the rows are on disk. `table` is trusted text (`name` or `database.name`). Values
 * must fit their columns: ClickHouse stores 0 for an integer that is too large. Raises the codes
 * of {@link databaseError}.
 */
export async function insertRows(
  client: ClickHouseClient,
  table: string,
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>,
  options: InsertOptions = {},
): Promise<void> {
  const settings = insertSettings(options)
  if (rows.length === 0) return
  try {
    await client.insert({
      table,
      values: rows.map(withDecimalIntegers),
      format: ROWS,
      clickhouse_settings: settings,
      ...abortSignal(options),
    })
  } catch (error) {
    throw databaseError(error, options.abortSignal)
  }
}

/**
 * Inserts rows that are already encoded as RowBinary, the way in for single rows and for bytes that
 * are no text.
 *
 * `columns` are the column names in encoded order. Otherwise as {@link insertRows}.
 */
export async function insertRowBinary(
  client: ClickHouseClient,
  table: string,
  columns: readonly string[],
  encodedRows: Uint8Array,
  options: InsertOptions = {},
): Promise<void> {
  if (encodedRows.length === 0) return
  const into = `${table} (${columns.map(quotedName).join(', ')})`
  await insertEncoded(client, `insert into ${into} format RowBinary`, [encodedRows], options)
}

/**
 * Inserts one block of ClickHouse's Native format, in pieces: the fastest way in for columns.
 *
 * The block names its columns. Otherwise as {@link insertRows}.
 */
export async function insertNative(
  client: ClickHouseClient,
  table: string,
  block: readonly Uint8Array[],
  options: InsertOptions = {},
): Promise<void> {
  await insertEncoded(client, `insert into ${table} format Native`, block, options)
}

async function insertEncoded(
  client: ClickHouseClient,
  query: string,
  pieces: readonly Uint8Array[],
  options: InsertOptions,
): Promise<void> {
  const settings = insertSettings(options)
  try {
    const answer = await client.exec({
      query,
      values: Readable.from(pieces, { objectMode: false }),
      clickhouse_settings: settings,
      ...abortSignal(options),
    })
    for await (const _ of answer.stream);
  } catch (error) {
    throw databaseError(error, options.abortSignal)
  }
}

/** Runs a statement that returns nothing. Raises the codes of {@link databaseError}. */
export async function command(
  client: ClickHouseClient,
  sql: string,
  parameters: QueryParameters = {},
  options: QueryOptions = {},
): Promise<void> {
  try {
    await client.command(request(sql, parameters, options))
  } catch (error) {
    throw databaseError(error, options.abortSignal)
  }
}

const ROWS = 'JSONEachRow'

function request(sql: string, parameters: QueryParameters, options: QueryOptions) {
  return {
    query: sql,
    query_params: parameters,
    ...(options.queryId === undefined ? {} : { query_id: options.queryId }),
    ...(options.settings === undefined ? {} : { clickhouse_settings: options.settings }),
    ...abortSignal(options),
  }
}

function abortSignal(options: { readonly abortSignal?: AbortSignal }) {
  return options.abortSignal === undefined ? {} : { abort_signal: options.abortSignal }
}

function insertSettings(options: InsertOptions): ClickHouseSettings {
  const token = options.deduplicationToken
  invariant(
    token === undefined || /^[0-9a-f]{1,128}$/u.test(token),
    'a deduplication token must be lower-case hex of at most 128 digits',
  )
  return { async_insert: 0, ...(token === undefined ? {} : { insert_deduplication_token: token }) }
}

function withDecimalIntegers(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(withDecimalIntegers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withDecimalIntegers(item)]),
  )
}
