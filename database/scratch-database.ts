import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type ClickHouseClient, openClient } from './client.ts'
import { type Database, type DatabaseOptions, startDatabase } from './supervisor.ts'

/** A database of its own for one test file or one measurement. */
export type ScratchDatabase = AsyncDisposable & {
  readonly database: Database
  readonly dataDir: string
  /** A client of the user who may do everything. */
  readonly writer: ClickHouseClient
  /** A client of the user who may only read. */
  readonly reader: ClickHouseClient
}

/** Starts a real database in a new temporary directory; disposing ends it and removes the data. */
export async function startScratchDatabase(
  options: Partial<DatabaseOptions> = {},
): Promise<ScratchDatabase> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'foggara-database-')))
  const database = await startDatabase({ log: () => undefined, ...options, dataDir })
  const writer = openClient(database)
  const reader = openClient({ url: database.url, ...database.reader })
  return {
    database,
    dataDir,
    writer,
    reader,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([writer.close(), reader.close()])
      await database.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
