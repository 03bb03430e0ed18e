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
 * not record yet, in order.
 *
 * Every statement must be repeatable (`create … if not exists`): a migration that was cut short is
 * run again from its first statement. Raises `MIGRATION_CHANGED` when a recorded migration differs
 * from the given one, `DATABASE_NEWER` when more are recorded than given, and the codes of
 * `databaseError`.
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
      'select position, id, statements_hash from migration order by position',
    )
    checkHistory(recorded, migrations)
    const missing = migrations.slice(recorded.length)
    for (const [index, migration] of missing.entries()) {
      await apply(client, migration, recorded.length + index)
    }
    return { applied: missing.map(({ id }) => id) }
  } finally {
    await client.close()
  }
}

/** What identifies a migration's content: sha256 over its statements, in lower-case hex. */
export function statementsHash(migration: Migration): string {
  return createHash('sha256').update(JSON.stringify(migration.statements)).digest('hex')
}

type Recorded = {
  readonly position: number
  readonly id: string
  readonly statements_hash: string
}

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

function checkHistory(recorded: readonly Recorded[], migrations: readonly Migration[]): void {
  for (const [position, past] of recorded.entries()) {
    const migration = migrations[position]
    if (migration === undefined) throw new DatabaseNewerError(past.id)
    const same = past.id === migration.id && past.statements_hash === statementsHash(migration)
    if (!same) throw new MigrationChangedError(past.id)
  }
}

async function apply(
  client: ClickHouseClient,
  migration: Migration,
  position: number,
): Promise<void> {
  for (const statement of migration.statements) await command(client, statement)
  const row = { position, id: migration.id, statements_hash: statementsHash(migration) }
  await insertRows(client, 'migration', [row], { deduplicationToken: statementsHash(migration) })
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
      `expected a database of this version or older, found migration ${id} which it does not know`,
      { hint: 'Update the program, or use another data directory.' },
    )
  }
}
