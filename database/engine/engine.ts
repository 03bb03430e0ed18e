import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Session } from 'chdb'

import { ClickHouseException } from './exception.ts'
import { type Access, type Gate, openGate } from './gate.ts'
import { quotedName, stringLiteral } from './quote.ts'
import { type ResidentMemory, watchResidentMemory } from './resident-memory.ts'
import { type EngineLimits, serverConfigXml, sessionArguments } from './server-config.ts'
import type { Counts } from './thread-messages.ts'
import { openThreadPool, type ThreadPool } from './thread-pool.ts'

/** One statement with everything that came with it. */
export type Statement = {
  readonly sql: string
  readonly access: Access
  /** Output format when the statement names none, for example `TabSeparated`. */
  readonly format: string
  /** True when the answer may be handed over block by block (see `streamable`). */
  readonly streamable: boolean
  readonly database: string | undefined
  /** Settings of this statement only, values as ClickHouse writes them. */
  readonly settings: ReadonlyMap<string, string>
  /** Values of `{name:Type}` placeholders, escaped as in a tab-separated file. */
  readonly parameters: ReadonlyMap<string, string>
}

/** An answer as it arrives; its return value counts what was read. */
export type Answer = AsyncGenerator<Uint8Array, Counts, void>

/** The embedded ClickHouse of one data directory. */
export type Engine = {
  /** Directory for the rows of inserts; relative, and free of characters a glob would expand. */
  readonly incomingPath: string
  /**
   * Runs one statement. Aborting `signal` cancels the query inside the engine. Raises
   * {@link ClickHouseException}; code 202 when too many statements wait already.
   */
  readonly run: (statement: Statement, signal: AbortSignal) => Answer
  /** Cancels every running query and closes the data directory. */
  readonly close: () => Promise<void>
}

/**
 * Opens the data directory in the current directory of the process.
 *
 * One process owns a data directory; the engine itself refuses a second one and prints why on the
 * error output. Raises what `chdb` raises when the directory cannot be opened.
 */
export async function openEngine(limits: EngineLimits): Promise<Engine> {
  rmSync(INCOMING, { recursive: true, force: true })
  for (const path of [INCOMING, BACKUPS]) mkdirSync(path, { recursive: true, mode: 0o700 })
  writeFileSync(CONFIG_FILE, serverConfigXml(limits))
  const path = join(process.cwd(), STORE)
  const arguments_ = sessionArguments(limits)
  // Held open: the engine shuts down with its last session. It also carries the cancellations.
  const control = new Session(path, {
    connectionArgs: [...arguments_, `--config-file=${join(process.cwd(), CONFIG_FILE)}`],
  })
  const gate = await openGate(path, join(process.cwd(), BACKUPS), await tableFunctions(control))
  const pool = openThreadPool({ path, sessionArguments: arguments_ }, limits.concurrencyMax)
  const memory = watchResidentMemory(limits.memoryMib, async () => {
    await control.queryAsync('system jemalloc purge').catch(() => undefined)
  })
  const parts: Parts = { control, gate, pool, memory }
  return {
    incomingPath: INCOMING,
    run: (statement, signal) => runStatement(parts, statement, signal),
    close: () => closeEngine(parts),
  }
}

/** True for formats whose blocks may be concatenated, so that they can be streamed. */
export function streamable(format: string): boolean {
  return STREAMABLE_FORMATS.has(format.toLowerCase())
}

type Parts = {
  readonly control: Session
  readonly gate: Gate
  readonly pool: ThreadPool
  readonly memory: ResidentMemory
}

const INCOMING = 'incoming'
const BACKUPS = 'backups'
const STORE = 'clickhouse'
const CONFIG_FILE = 'clickhouse.xml'

const STREAMABLE_FORMATS = new Set(
  [
    ['jsoneachrow', 'jsoncompacteachrow', 'jsonstringseachrow', 'jsoncompactstringseachrow'],
    ['jsonlines', 'ndjson', 'csv', 'tsv', 'tabseparated', 'tsvraw', 'tabseparatedraw'],
    ['rowbinary', 'native'],
  ].flat(),
)

const CANCEL_PAUSE_MS = 50

/** Only a plain query can be streamed; SHOW, DESCRIBE, EXISTS, EXPLAIN and CHECK cannot. */
const PLAIN_QUERY = /^(?:select|with|\()/iu

async function* runStatement(parts: Parts, statement: Statement, signal: AbortSignal): Answer {
  const { sql, access, database } = statement
  const verdict = await parts.gate.check(sql, database ?? 'default', access)
  const thread = await parts.pool.acquire(signal)
  // The engine knows a query by this comment; it is ours alone, so nobody can cancel another's.
  const mark = `foggara:${randomUUID()}`
  const running = { ended: false }
  const cancel = (): void => void cancelMarked(parts.control, mark, running)
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  try {
    return yield* thread.run({
      preparation: preparation(statement, mark),
      sql,
      format: statement.format,
      streamed: verdict.reads && statement.streamable && PLAIN_QUERY.test(sql.trimStart()),
    })
  } finally {
    running.ended = true
    signal.removeEventListener('abort', cancel)
    parts.pool.release(thread)
    parts.memory.check()
  }
}

/** Repeats, because the query may not have begun when the first cancellation arrives. */
async function cancelMarked(
  control: Session,
  mark: string,
  running: { readonly ended: boolean },
): Promise<void> {
  while (!running.ended) {
    await killQueries(control, `Settings['log_comment'] = ${stringLiteral(mark)}`)
    await new Promise((resolve) => setTimeout(resolve, CANCEL_PAUSE_MS))
  }
}

/** Always `async`: waiting for the end of a query would deadlock the engine. */
async function killQueries(control: Session, condition: string): Promise<void> {
  await control.queryAsync(`kill query where ${condition} async`).catch(() => undefined)
}

/** Only a token asks for deduplication: by itself the engine would drop an equal second insert. */
const DEDUPLICATE =
  "set deduplicate_insert = 'enable', deduplicate_insert_select = 'enable_when_possible'"

function preparation(statement: Statement, mark: string): string {
  const { access, database, settings, parameters } = statement
  const assignments = settings.has('insert_deduplication_token') ? [DEDUPLICATE] : []
  for (const [name, value] of settings) assignments.push(assignment(name, value))
  for (const [name, value] of parameters) assignments.push(assignment(`param_${name}`, value))
  assignments.push(`set log_comment = ${stringLiteral(mark)}`)
  if (database !== undefined) assignments.push(`use ${quotedName(database)}`)
  // Last, because nothing can be set after it.
  if (access === 'reader') assignments.push('set readonly = 1')
  return assignments.join(';')
}

function assignment(name: string, value: string): string {
  if (!/^[A-Za-z_]\w{0,127}$/u.test(name)) {
    throw new ClickHouseException(115, 'UNKNOWN_SETTING', `Unknown setting '${name}'.`)
  }
  return `set ${name} = ${stringLiteral(value)}`
}

async function tableFunctions(control: Session): Promise<string[]> {
  const format = { format: 'TSV' }
  const result = await control.queryAsync('select name from system.table_functions', format)
  return result.text().split('\n').filter(Boolean)
}

async function closeEngine({ control, gate, pool }: Parts): Promise<void> {
  await killQueries(control, "startsWith(Settings['log_comment'], 'foggara:')")
  await pool.idle()
  await gate.close()
  control.close()
}
