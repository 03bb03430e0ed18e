import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { invariant } from '@foggara/schema'

import { type Engine, type Statement, streamable } from '../engine/engine.ts'
import { ClickHouseException, httpStatusOf } from '../engine/exception.ts'
import type { Access } from '../engine/gate.ts'
import { parseInsertText } from '../engine/insert-text.ts'
import { sqlTokens } from '../engine/tokens.ts'
import { readSqlBody, saveRowsBody } from './request-body.ts'
import { sendAnswer } from './response-body.ts'
import { urlSettings } from './url-settings.ts'
import { authenticate, type Passwords } from './users.ts'

/** The HTTP server that makes the engine look like a ClickHouse server. */
export type Front = {
  /** The port in use, also when 0 was asked for. */
  readonly port: number
  /** Stops listening and breaks the connections that remain. */
  readonly close: () => Promise<void>
}

/**
 * Listens on 127.0.0.1 with ClickHouse's HTTP protocol.
 *
 * `GET` and `POST /` run a statement, `/ping` answers `Ok.`. Not supported: sessions, temporary
 * tables, roles, progress headers and the native compression of `compress=1`.
 * Rejects with the error of `listen`, for example `EADDRINUSE`.
 */
export async function openFront(
  engine: Engine,
  passwords: Passwords,
  port: number,
): Promise<Front> {
  const server = createServer({ maxHeaderSize: HEAD_BYTES_MAX }, (request, response) => {
    void answerRequest(engine, passwords, request, response)
  })
  server.keepAliveTimeout = 30_000
  server.requestTimeout = 600_000
  return { port: await listen(server, port), close: () => closeServer(server) }
}

async function answerRequest(
  engine: Engine,
  passwords: Passwords,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const leaving = new AbortController()
  response.once('close', () => leaving.abort())
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  try {
    if (url.pathname === '/ping' || url.pathname === '/replicas_status') response.end('Ok.\n')
    else if (url.pathname !== '/') response.writeHead(404).end('There is no such page.\n')
    else {
      const access = authenticate(request, url.searchParams, passwords)
      await answerStatement(engine, access, url.searchParams, { request, response }, leaving.signal)
    }
  } catch (error) {
    sendException(request, response, exceptionOf(error))
  }
}

/** Parameters travel in the URL, lists of ids among them. */
const HEAD_BYTES_MAX = 8 * 1024 * 1024

/** How long running statements may go on when the server closes. */
const GRACE_MS = 2_000

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse }

async function answerStatement(
  engine: Engine,
  user: Access,
  query: URLSearchParams,
  { request, response }: Exchange,
  signal: AbortSignal,
): Promise<void> {
  if (query.get('compress') === '1' || query.get('decompress') === '1') {
    const text = 'Native compression is not supported, use Content-Encoding.'
    throw new ClickHouseException(48, 'NOT_IMPLEMENTED', text)
  }
  // ClickHouse runs GET requests in readonly mode, so a link can never change anything.
  const access = request.method === 'POST' ? user : 'reader'
  const { settings, parameters } = urlSettings(query, access)
  const text = await statementText(engine, query.get('query') ?? '', request, access)
  const format = formatOf(text.sql) ?? defaultFormat(request, query)
  const database = headerText(request, 'x-clickhouse-database') ?? query.get('database')
  const statement: Statement = {
    sql: text.sql,
    access,
    format,
    streamable: streamable(format),
    database: database === null || database === '' ? undefined : database,
    settings,
    parameters,
  }
  const head = {
    queryId: queryIdOf(query),
    format,
    compressed: wantsGzip(request, query),
    isInsert: /^\s*insert\b/iu.test(text.sql),
  }
  try {
    if (text.isEmptyInsert) response.end()
    else await sendAnswer(response, head, engine.run(statement, signal), exceptionOf)
  } finally {
    if (text.rowsFile !== undefined) rmSync(text.rowsFile, { force: true })
  }
}

type StatementText = {
  readonly sql: string
  readonly rowsFile?: string
  readonly isEmptyInsert: boolean
}

async function statementText(
  engine: Engine,
  head: string,
  request: IncomingMessage,
  access: Access,
): Promise<StatementText> {
  const headInsert = parseInsertText(head)
  const sql = headInsert !== undefined ? head : joined(head, await readSqlBody(request))
  const insert = headInsert ?? parseInsertText(sql)
  if (insert === undefined) return { sql, isEmptyInsert: false }
  if (access === 'reader') {
    const text = 'reader: Cannot execute query in readonly mode.'
    throw new ClickHouseException(164, 'READONLY', text)
  }
  const rowsFile = `${engine.incomingPath}/${randomUUID()}`
  const byteLength = await saveRowsBody(request, insert.inlineRows, rowsFile).catch(
    (error: unknown) => {
      rmSync(rowsFile, { force: true })
      throw error
    },
  )
  return { sql: insert.fromFile(rowsFile), rowsFile, isEmptyInsert: byteLength === 0 }
}

function joined(head: string, body: string): string {
  if (head === '') return body
  return body === '' ? head : `${head}\n${body}`
}

/** The format named at the end of a statement, as the engine will use it. */
function formatOf(sql: string): string | undefined {
  let found: string | undefined
  let previous = ''
  for (const token of sqlTokens(sql)) {
    if (token.depth === 0 && token.type === 'word' && previous === 'FORMAT') found = token.text
    previous = token.depth === 0 && token.type === 'word' ? token.text.toUpperCase() : ''
  }
  return found
}

function defaultFormat(request: IncomingMessage, query: URLSearchParams): string {
  const wanted = headerText(request, 'x-clickhouse-format') ?? query.get('default_format')
  if (wanted === null || wanted === undefined) return 'TabSeparated'
  if (/^\w{1,64}$/u.test(wanted)) return wanted
  throw new ClickHouseException(73, 'UNKNOWN_FORMAT', 'Unknown format.')
}

function headerText(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

function queryIdOf(query: URLSearchParams): string {
  const wanted = query.get('query_id') ?? ''
  return /^[\w.:-]{1,128}$/u.test(wanted) ? wanted : randomUUID()
}

function wantsGzip(request: IncomingMessage, query: URLSearchParams): boolean {
  const accepted = headerText(request, 'accept-encoding') ?? ''
  return query.get('enable_http_compression') === '1' && /\bgzip\b/u.test(accepted)
}

function exceptionOf(error: unknown): ClickHouseException {
  if (error instanceof ClickHouseException) return error
  return ClickHouseException.parse(error instanceof Error ? error.message : String(error))
}

function sendException(
  request: IncomingMessage,
  response: ServerResponse,
  exception: ClickHouseException,
): void {
  if (response.destroyed || response.headersSent) {
    response.destroy()
    return
  }
  // The rest of the body is read and dropped, so that the client gets to read the answer.
  request.resume()
  for (const name of ['Content-Encoding', 'X-ClickHouse-Exception-Tag']) response.removeHeader(name)
  response.writeHead(httpStatusOf(exception.exceptionCode), {
    'X-ClickHouse-Exception-Code': String(exception.exceptionCode),
    'Content-Type': 'text/plain; charset=UTF-8',
  })
  response.end(`${exception.message}\n`)
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  invariant(typeof address === 'object' && address !== null, 'a TCP server has an address')
  return address.port
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const breaking = setTimeout(() => server.closeAllConnections(), GRACE_MS)
  await closed
  clearTimeout(breaking)
}
