import { randomBytes } from 'node:crypto'

import type { FoggaraError } from '@foggara/schema'
import { FatalError } from '@foggara/schema'

import { type DatabaseProcess, type ProcessOptions, spawnDatabase } from './database-process.ts'

/** What the embedded database may use and whom it tells. */
export type DatabaseOptions = {
  /** Directory of the data; created when missing, owned by one database at a time. */
  readonly dataDir: string
  /** Port on 127.0.0.1; a free one when absent or 0. */
  readonly port?: number
  /** Memory of the engine in MiB; queries beyond it fail. 640 by default. */
  readonly memoryMib?: number
  /** Queries that run at the same time; 6 by default. */
  readonly concurrencyMax?: number
  /** MiB of disk that inserts leave free; 64 by default. */
  readonly keepFreeMib?: number
  /** Unexpected ends in a row after which the database is given up; 5 by default. */
  readonly restartsMax?: number
  /** Password of the read-only user `reader`; a random one when absent. */
  readonly readerPassword?: string
  /** Receives one line about each event worth knowing. */
  readonly log: (line: string) => void
  /** Called after a crash when the database answers again, with its new process id. */
  readonly onRestart?: (pid: number) => void
  /** Called once if the database cannot be kept running; every later query fails. */
  readonly onGiveUp?: (error: FoggaraError) => void
}

/** A running embedded database. Url and passwords stay the same across restarts. */
export type Database = AsyncDisposable & {
  readonly url: string
  /** The user who may do everything. */
  readonly username: string
  readonly password: string
  /** The user who may only read. */
  readonly reader: { readonly username: string; readonly password: string }
  /** The current process; it changes when the database restarts. */
  readonly pid: number
  /** Ends the database; resolves when its process has gone. */
  readonly stop: () => Promise<void>
}

/** How long it must run for the next end to count as the first again. */
const CALM_MS = 30_000
const BACKOFF_MS_MIN = 50
const BACKOFF_MS_MAX = 5_000

/**
 * Starts the embedded database in a process of its own and keeps it running.
 *
 * Raises `DATA_DIRECTORY_IN_USE`, `DATA_DIRECTORY_UNWRITABLE`, `PORT_IN_USE`, `DISK_FULL`,
 * `DATABASE_BROKEN` (the data cannot be opened) or `DATABASE_NOT_STARTED`.
 */
export async function startDatabase(options: DatabaseOptions): Promise<Database> {
  const password = randomBytes(24).toString('base64url')
  const readerPassword = options.readerPassword ?? randomBytes(24).toString('base64url')
  const processOptions: ProcessOptions = {
    dataDir: options.dataDir,
    port: options.port ?? 0,
    memoryMib: options.memoryMib ?? 640,
    concurrencyMax: options.concurrencyMax ?? 6,
    keepFreeMib: options.keepFreeMib ?? 64,
    password,
    readerPassword,
    log: options.log,
  }
  const first = await spawnDatabase(processOptions)
  const guard = new Guard(first, { ...processOptions, port: first.port }, options)
  const stop = (): Promise<void> => guard.stop()
  return {
    url: first.url,
    username: 'default',
    password,
    reader: { username: 'reader', password: readerPassword },
    get pid() {
      return guard.pid
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Owns the current process: waits for its end and replaces it. */
class Guard {
  #current: DatabaseProcess
  readonly #processOptions: ProcessOptions
  readonly #options: DatabaseOptions
  readonly #stopping = new AbortController()
  readonly #ended: Promise<void>
  #endCount = 0

  constructor(first: DatabaseProcess, processOptions: ProcessOptions, options: DatabaseOptions) {
    this.#current = first
    this.#processOptions = processOptions
    this.#options = options
    this.#ended = this.#keepRunning()
  }

  get pid(): number {
    return this.#current.pid
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#current.stop()
    await this.#ended
  }

  async #keepRunning(): Promise<void> {
    while (true) {
      // A database that held for a while starts with a clean record.
      const calm = setTimeout(() => (this.#endCount = 0), CALM_MS)
      const end = await this.#current.ended
      clearTimeout(calm)
      if (this.#stopping.signal.aborted) return
      this.#options.log(`the database ended unexpectedly (${end}), it is started again`)
      const next = await this.#restart()
      if (next === undefined) return
      this.#current = next
      if (this.#stopping.signal.aborted) return next.stop()
      this.#options.log(`the database runs again (pid ${next.pid})`)
      this.#options.onRestart?.(next.pid)
    }
  }

  /** Tries until it runs, with growing pauses, or gives up. */
  async #restart(): Promise<DatabaseProcess | undefined> {
    let failure: unknown
    const restartsMax = this.#options.restartsMax ?? 5
    while (this.#endCount < restartsMax) {
      const backoffMs = BACKOFF_MS_MIN * 4 ** this.#endCount
      this.#endCount += 1
      await pause(Math.min(backoffMs, BACKOFF_MS_MAX), this.#stopping.signal)
      if (this.#stopping.signal.aborted) return undefined
      try {
        return await spawnDatabase(this.#processOptions)
      } catch (error) {
        failure = error
        this.#options.log(`the database did not start: ${messageOf(error)}`)
      }
    }
    this.#giveUp(new DatabaseKeepsEndingError(restartsMax, failure))
    return undefined
  }

  #giveUp(error: DatabaseKeepsEndingError): void {
    this.#options.log(error.message)
    this.#options.onGiveUp?.(error)
  }
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, durationMs)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The database process ended again and again. */
class DatabaseKeepsEndingError extends FatalError {
  constructor(restartsMax: number, cause: unknown) {
    const last = cause === undefined ? '' : `, the last start failed: ${messageOf(cause)}`
    super(
      'DATABASE_KEEPS_ENDING',
      `expected the database to keep running, found ${restartsMax} unexpected ends${last}`,
      { cause, hint: 'Look at the lines before this one; the data directory is left as it is.' },
    )
  }
}
