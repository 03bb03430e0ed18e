import { FatalError } from '@foggara/schema'

import type { RunOptions } from '../engine.ts'
import { RunAbortedError, checkNotAborted } from '../run-aborted.ts'
import type { SqlColumn, SqlRow, SqlSession } from './sql-session.ts'
import { SqlAnswerError } from './sql-value.ts'

/** The tables of one run in a session, under names that no other run has. */
export class RunTables {
  readonly session: SqlSession
  readonly #signal: AbortSignal | undefined
  readonly #prefix: string
  readonly #names: string[] = []

  private constructor(session: SqlSession, signal: AbortSignal | undefined, prefix: string) {
    this.session = session
    this.#signal = signal
    this.#prefix = prefix
  }

  /**
   * Runs `work` with tables of its own and drops them afterwards, whatever happened.
   *
   * @throws {RunAbortedError} when the signal ended a statement.
   * @throws {SqlStatementFailedError} when the database refuses one.
   */
  static async use<Result>(
    session: SqlSession,
    { signal }: RunOptions,
    work: (run: RunTables) => Promise<Result>,
  ): Promise<Result> {
    const run = new RunTables(session, signal, `foggara_run_${await uniqueName(session)}`)
    let result: Result
    try {
      result = await work(run)
    } catch (error) {
      await run.#drop().catch(() => undefined)
      if (signal?.aborted !== true || error instanceof RunAbortedError) throw error
      throw new RunAbortedError('a statement that was ended', error)
    }
    await run.#drop()
    return result
  }

  /** Makes a table; `definition` follows its name in the statement that creates it. */
  async create(name: string, definition: string): Promise<string> {
    const full = `${this.#prefix}_${name}`
    this.#names.push(full)
    await this.run(`create table ${full} ${definition}`)
    return full
  }

  /** Drops a table before the run ends. */
  async remove(full: string): Promise<void> {
    await this.run(this.#dropStatement(full))
    this.#names.splice(this.#names.indexOf(full), 1)
  }

  async run(sql: string): Promise<void> {
    await stated(this.session.run(sql, this.#options()))
  }

  async query(sql: string): Promise<readonly SqlRow[]> {
    return stated(this.session.query(sql, this.#options()))
  }

  async load(table: string, columns: readonly SqlColumn[]): Promise<void> {
    await stated(this.session.load(table, columns, this.#options()))
  }

  /** A client may not look at a signal that is spent before the statement starts. */
  #options() {
    checkNotAborted(this.#signal, 'the statement before')
    return this.#signal === undefined ? {} : { signal: this.#signal }
  }

  /** Not under the signal: an aborted run leaves nothing either. */
  async #drop(): Promise<void> {
    for (const name of this.#names) await this.session.run(this.#dropStatement(name))
  }

  /** ClickHouse otherwise keeps the data of a dropped table for minutes. */
  #dropStatement(name: string): string {
    return `drop table if exists ${name}${this.session.dialect === 'clickhouse' ? ' sync' : ''}`
  }
}

/** The database draws it: this library has no randomness of its own. */
async function uniqueName({ dialect, query }: SqlSession): Promise<string> {
  const uuid = dialect === 'clickhouse' ? 'toString(generateUUIDv4())' : 'uuid()::varchar'
  const [row] = await query(`select replace(${uuid}, '-', '') as name`)
  const name = row?.['name']
  if (typeof name !== 'string' || !/^[0-9a-f]{32}$/u.test(name)) {
    throw new SqlAnswerError('a unique name', name)
  }
  return name
}

async function stated<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer
  } catch (cause) {
    throw new SqlStatementFailedError(cause)
  }
}

/** The database fails a generated statement: it is too full, was ended, or found an overflow. */
export class SqlStatementFailedError extends FatalError {
  constructor(cause: unknown) {
    const detail = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    super('SQL_STATEMENT_FAILED', `expected a statement to run, found ${detail}`, { cause })
  }
}
