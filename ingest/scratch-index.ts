import {
  type ClickHouseClient,
  type Database,
  command,
  migrate,
  openClient,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import { TABLES, type Table, migrations, selectText } from '@foggara/schema'

import { mapConcurrently } from './store/map-concurrently.ts'

/** A scratch database server for tests, with a migrated database per name. */
export type ScratchIndex = AsyncDisposable & {
  readonly server: Database
  /** Creates and migrates another database and returns a writer's client of it. */
  readonly open: (name: string) => Promise<ClickHouseClient>
  /** Creates another database without tables and returns a writer's client of it. */
  readonly openEmpty: (name: string) => Promise<ClickHouseClient>
}

/** Starts a database server in a temporary directory; disposing removes it. */
export async function startScratchIndex(): Promise<ScratchIndex> {
  // The engine counts over 100 MiB for a migrated database, whatever it really takes.
  const scratch = await startScratchDatabase({ memoryMib: 3_000 })
  const clients: ClickHouseClient[] = []
  const { url, username, password } = scratch.database
  const connect = (database: string): ClickHouseClient => {
    const client = openClient({ url, username, password, database })
    clients.push(client)
    return client
  }
  return {
    server: scratch.database,
    open: async (name) => {
      await migrate({ url, username, password, database: name }, migrations('single'))
      return connect(name)
    },
    openEmpty: async (name) => {
      await command(scratch.writer, `create database ${name} engine = Atomic`)
      return connect(name)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.close()))
      await scratch[Symbol.asyncDispose]()
    },
  }
}

/** Every visible row of the given tables as text, in the order of all columns; empty tables too. */
export async function visibleRows(
  client: ClickHouseClient,
  tables: readonly Table[] = TABLES.filter((table) => table.stream === 'chain'),
): Promise<Readonly<Record<string, readonly string[]>>> {
  const rows = await mapConcurrently(tables, 3, async (table) => {
    const key = table.orderBy.map((column) => `source.${column}`).join(', ')
    const sql = `${selectText(table.columns, table.name)} order by ${key}`
    const found = await queryRows(client, sql)
    return [table.name, found.map((row) => JSON.stringify(row))] as const
  })
  return Object.fromEntries(rows)
}
