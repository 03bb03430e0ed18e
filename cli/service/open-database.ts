import { mkdir } from 'node:fs/promises'
import path from 'node:path'

import {
  type ClickHouseClient,
  type ClientOptions,
  migrate,
  openClient,
  startDatabase,
} from '@foggara/database'
import { FatalError, type FoggaraError, migrations } from '@foggara/schema'

import type { Config } from '../config.ts'
import { memoryShares } from '../memory/memory-shares.ts'
import { readRunning } from './running-file.ts'

/** A database that is ready to use, embedded or a server. */
export type OpenDatabase = AsyncDisposable & {
  readonly connection: Connection
  /** The same with the rights of a reader, where there is such a user. */
  readonly reader: Connection
  readonly client: ClickHouseClient
  /** The embedded engine's current process. */
  readonly pid: () => number | undefined
  /** Rejects when the database cannot be kept running. */
  readonly failed: Promise<never>
}

/** Where a database is, named. */
export type Connection = ClientOptions & { readonly database: string }

/** The name of the database when the URL has none. */
const DATABASE_NAME = 'foggara'

/**
 * Opens the configured server or starts the embedded database, which locks its directory. Its schema
 * may be old: see {@link migrateDatabase}.
 */
export async function openDatabase(
  config: Config,
  directory: string,
  log: (line: string) => void,
): Promise<OpenDatabase> {
  return config.clickhouseUrl === undefined
    ? startEmbedded(path.resolve(directory, config.dataDirectory), config.memory, log)
    : connected(serverConnection(config.clickhouseUrl))
}

/** Brings the schema of a database up to date. */
export async function migrateDatabase(database: OpenDatabase): Promise<void> {
  await migrate(database.connection, migrations('single'))
}

/** Opens the database and brings its schema up to date. */
export async function openOwnDatabase(
  config: Config,
  directory: string,
  log: (line: string) => void,
): Promise<OpenDatabase> {
  const database = await openDatabase(config, directory, log)
  try {
    await migrateDatabase(database)
  } catch (error) {
    await database[Symbol.asyncDispose]()
    throw error
  }
  return database
}

/**
 * Opens a database to read from: the configured server, or that of the service that runs on the data
 * directory, or the directory itself.
 */
export async function openDatabaseToRead(
  config: Config,
  directory: string,
  log: (line: string) => void,
): Promise<OpenDatabase> {
  const dataDirectory = path.resolve(directory, config.dataDirectory)
  const running = config.clickhouseUrl === undefined ? await readRunning(dataDirectory) : undefined
  if (running !== undefined) return connected(running.reader)
  return openOwnDatabase(config, directory, log)
}

/**
 * Opens a database to write tables of one's own beside what else writes there: the configured server,
 * or that of the service that runs on the data directory, or the directory itself.
 */
export async function openDatabaseToWrite(
  config: Config,
  directory: string,
  log: (line: string) => void,
): Promise<OpenDatabase> {
  const dataDirectory = path.resolve(directory, config.dataDirectory)
  const running = config.clickhouseUrl === undefined ? await readRunning(dataDirectory) : undefined
  if (running?.writer !== undefined) return connected(running.writer)
  return openOwnDatabase(config, directory, log)
}

/**
 * The connection that a ClickHouse URL describes: user, password and database may stand in it.
 *
 * @throws {ClickHouseUrlError}
 */
export function serverConnection(text: string): Connection {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new ClickHouseUrlError(text)
  const database = url.pathname.replace(/^\//, '')
  return {
    url: url.origin,
    username: decodeURIComponent(url.username) || 'default',
    password: decodeURIComponent(url.password),
    database: database === '' ? DATABASE_NAME : database,
  }
}

async function startEmbedded(
  dataDirectory: string,
  memory: number | undefined,
  log: (line: string) => void,
): Promise<OpenDatabase> {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new DataDirectoryError(dataDirectory, cause)
  })
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  const database = await startDatabase({
    dataDir: path.join(dataDirectory, 'database'),
    ...(memory === undefined ? {} : { memoryMib: memoryShares(memory).engineMib }),
    log: (line) => log(`database: ${line}`),
    onGiveUp: (error: FoggaraError) => failure.reject(error),
  })
  const connection = {
    url: database.url,
    username: database.username,
    password: database.password,
    database: DATABASE_NAME,
  }
  const opened = connected(connection)
  return {
    ...opened,
    reader: { ...connection, ...database.reader },
    pid: () => database.pid,
    failed: failure.promise,
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]()
      await database.stop()
    },
  }
}

function connected(connection: Connection): OpenDatabase {
  const client = openClient(connection)
  return {
    connection,
    reader: connection,
    client,
    pid: () => undefined,
    failed: new Promise(() => undefined),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

/** The data directory cannot be made. */
export class DataDirectoryError extends FatalError {
  constructor(directory: string, cause: unknown) {
    const found = cause instanceof Error && 'code' in cause ? String(cause.code) : 'a failure'
    super(
      'DATA_DIRECTORY_UNWRITABLE',
      `expected ${directory} to be a directory that can be written, found ${found}`,
      { cause, hint: 'Check the path and its permissions.' },
    )
  }
}

/** A ClickHouse URL is malformed. */
export class ClickHouseUrlError extends FatalError {
  constructor(found: string) {
    super(
      'CLICKHOUSE_URL_MALFORMED',
      `expected http://user:password@host:port/database, found ${found}`,
    )
  }
}
