import {
  type ClickHouseClient,
  command,
  insertRowBinary,
  openClient,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import {
  type SqlSession,
  clickHouseSession,
  createSqlEngine,
  openDuckDbSession,
} from '@foggara/gpu-analytics'

import { serverConnection } from '../service/open-database.ts'
import type { EngineSettings, OpenEngine } from './open-engine.ts'

/**
 * Opens an engine that lets a database compute. DuckDB runs in this process; ClickHouse is the server
 * of the settings, else an embedded one in a temporary folder.
 *
 * @throws {DuckDbUnavailableError | ClickHouseUrlError}
 */
export async function openSqlEngine(
  name: 'duckdb' | 'clickhouse',
  { threadCount, clickhouseUrl }: EngineSettings,
): Promise<OpenEngine> {
  if (name === 'duckdb') {
    const session = await openDuckDbSession(threadCount === undefined ? {} : { threadCount })
    return openedWith(session, () => session[Symbol.asyncDispose]())
  }
  if (clickhouseUrl !== undefined) {
    const client = openClient(serverConnection(clickhouseUrl))
    return openedWith(sessionOf(client), () => client.close())
  }
  const scratch = await startScratchDatabase()
  return openedWith(sessionOf(scratch.writer), () => scratch[Symbol.asyncDispose]())
}

function openedWith(session: SqlSession, close: () => PromiseLike<void>): OpenEngine {
  return { engine: createSqlEngine(session), [Symbol.asyncDispose]: async () => close() }
}

function sessionOf(client: ClickHouseClient): SqlSession {
  return clickHouseSession({
    query: (sql, { signal }) =>
      queryRows<Readonly<Record<string, unknown>>>(client, sql, {}, abortable(signal)),
    run: (sql, { signal }) => command(client, sql, {}, abortable(signal)),
    insertRowBinary: (table, columns, rows) => insertRowBinary(client, table, columns, rows),
  })
}

function abortable(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { abortSignal: signal }
}
