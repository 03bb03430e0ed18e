import { createHash } from 'node:crypto'

import type { ClickHouseClient } from '@clickhouse/client'
import { FatalError, type Migration, type StorageMode } from '@foggara/schema'

import { type ClientOptions, openClient } from './client.ts'
import { quotedName } from './engine/quote.ts'
import { command, insertRows, queryRows } from './statements.ts'

/** What {@link migrate} did. */
export type MigrationReport = {
  /** Ids applied now, in order; empty when the database was up to date. */
  readonly applied: readonly string[]
}

/**
 * Brings a database up to date: creates it when missing, then applies the migrations that it does
 * not record yet, in order, and those anew that hold no rows and read differently now.
 *
 * Every statement must be repeatable (`create … if not exists`, `create or replace`): migrations
 * that were cut short are run again. Raises `MIGRATION_CHANGED` when a recorded migration differs from
 * the given one, `DATABASE_NEWER` when one is recorded that is not given, and the codes of `databaseError`.
 */
export async function migrate(
  connection: ClientOptions & { readonly database: string },
  migrations: readonly Migration[],
  mode: StorageMode = 'single',
): Promise<MigrationReport> {
  await createDatabase(connection)
  const client = openClient(connection)
  try {
    await command(client, RECORD_DDL[mode])
    const recorded = await queryRows<Recorded>(
      client,
      `select id, argMax(statements_hash, position) as statements_hash from migration
      group by id order by id`,
    )
    const missing = missingOf(recorded, migrations)
    for (const { statements } of missing) {
      for (const statement of statements) await command(client, statement)
    }
    await record(client, missing)
    return { applied: missing.map(({ id }) => id) }
  } finally {
    await client.close()
  }
}

/** What identifies a migration's content: sha256 over its statements, in lower-case hex. */
export function statementsHash(migration: Migration): string {
  return createHash('sha256').update(JSON.stringify(migration.statements)).digest('hex')
}

type Recorded = { readonly id: string; readonly statements_hash: string }

const RECORD_DDL: Readonly<Record<StorageMode, string>> = {
  single: recordDdl('MergeTree'),
  replicated: recordDdl(
    "ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')",
  ),
}

function recordDdl(engine: string): string {
  return `create table if not exists migration (
  position UInt32,
  id String,
  statements_hash String,
  applied_at DateTime default now()
) engine = ${engine}
order by position`
}

async function createDatabase(connection: ClientOptions & { database: string }): Promise<void> {
  const client = openClient({ ...connection, database: 'default' })
  try {
    const name = quotedName(connection.database)
    await command(client, `create database if not exists ${name} engine = Atomic`)
  } finally {
    await client.close()
  }
}

function missingOf(
  recorded: readonly Recorded[],
  migrations: readonly Migration[],
): readonly Migration[] {
  const hashes = new Map(recorded.map(({ id, statements_hash: hash }) => [id, hash]))
  const unknown = recorded.find(({ id }) => migrations.every((each) => each.id !== id))
  if (unknown !== undefined) throw new DatabaseNewerError(unknown.id)
  return migrations.filter((migration) => {
    const hash = hashes.get(migration.id)
    if (hash === statementsHash(migration)) return false
    if (hash !== undefined && migration.applied === 'once') {
      throw new MigrationChangedError(migration.id)
    }
    return true
  })
}

async function record(client: ClickHouseClient, applied: readonly Migration[]): Promise<void> {
  if (applied.length === 0) return
  const [last] = await queryRows<{ next: number }>(
    client,
    'select toUInt32(count()) as next from migration',
  )
  const rows = applied.map((migration, index) => ({
    position: (last?.next ?? 0) + index,
    id: migration.id,
    statements_hash: statementsHash(migration),
  }))
  const token = createHash('sha256').update(JSON.stringify(rows)).digest('hex')
  await insertRows(client, 'migration', rows, { deduplicationToken: token })
}

/** A migration that was applied in the past does not read as it did then. */
export class MigrationChangedError extends FatalError {
  constructor(id: string) {
    super(
      'MIGRATION_CHANGED',
      `expected migration ${id} as it was applied to this database, found another text`,
      { hint: 'Use the version that made this database, or a new data directory.' },
    )
  }
}

/** The database was made by a newer version of the program. */
export class DatabaseNewerError extends FatalError {
  constructor(id: string) {
    super(
      'DATABASE_NEWER',
      `expected a database that this version can read, found migration ${id} which it does not know`,
      { hint: 'Use the version that made this database, or another data directory.' },
    )
  }
}
