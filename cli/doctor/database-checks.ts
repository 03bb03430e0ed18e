import { existsSync } from 'node:fs'
import path from 'node:path'

import { type ClickHouseClient, auditStorage, queryRows } from '@foggara/database'

import type { Context } from '../command.ts'
import type { Config } from '../config.ts'
import { type OpenDatabase, openDatabaseToRead } from '../service/open-database.ts'
import { type Finding, findingOf, findingsOf } from './finding.ts'

type Found = Omit<Finding, 'what'>

/** What the database must be like; where it does not open, only that is found. */
export async function* databaseFindings(
  config: Config,
  context: Context,
): AsyncGenerator<Finding, void, void> {
  const own = path.resolve(context.directory, config.dataDirectory, 'database')
  if (config.clickhouseUrl === undefined && !existsSync(own)) {
    yield { what: 'database', level: 'ok', text: 'none yet: the first start makes one' }
    return
  }
  let opened: OpenDatabase | undefined
  yield await findingOf({
    what: 'database',
    run: async () => {
      opened = await openDatabaseToRead(config, context.directory, () => undefined)
      return checkTables(opened.client, opened.connection.database)
    },
  })
  if (opened === undefined) return
  await using database: OpenDatabase = opened
  const { client } = database
  yield* findingsOf([
    { what: 'database version', run: () => checkVersion(client) },
    { what: 'durability', run: () => checkDurability(client) },
    { what: 'database memory', run: () => checkMemoryLimit(client) },
    { what: 'database disk', run: () => checkDisks(client) },
    { what: 'database clock', run: () => checkClock(client, context.nowMs) },
  ])
}

async function checkTables(client: ClickHouseClient, database: string): Promise<Found> {
  const [row] = await queryRows<{ blocks: string }>(client, 'select count() as blocks from block')
  const findings = await auditStorage(client, database)
  const text = `${row?.blocks} blocks indexed, every part is whole`
  const [first] = findings
  return first === undefined
    ? { level: 'ok', text }
    : {
        level: 'fail',
        text: `expected whole parts, found ${findings.length} broken, first ${first.type} in ${first.table}`,
        advice: 'Keep a copy of the data directory, then index again into an empty one.',
      }
}

/** The oldest release that everything was tried on. */
const VERSION_MIN = [26, 1] as const

async function checkVersion(client: ClickHouseClient): Promise<Found> {
  const [row] = await queryRows<{ version: string }>(client, 'select version() as version')
  const version = row?.version ?? ''
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isOld = major < VERSION_MIN[0] || (major === VERSION_MIN[0] && minor < VERSION_MIN[1])
  return isOld
    ? {
        level: 'warn',
        text: `expected ClickHouse ${VERSION_MIN.join('.')} or later, found ${version}`,
        advice: 'Upgrade the server; older ones were not tried.',
      }
    : { level: 'ok', text: `ClickHouse ${version}` }
}

async function checkDurability(client: ClickHouseClient): Promise<Found> {
  const rows = await queryRows<{ name: string; value: string }>(
    client,
    `select name, value from system.merge_tree_settings
    where name in ('fsync_after_insert', 'fsync_part_directory') order by name`,
  )
  const off = rows.filter(({ value }) => value !== '1').map(({ name }) => name)
  return off.length === 0
    ? { level: 'ok', text: 'what is acknowledged survives a power cut' }
    : {
        level: 'warn',
        text: `expected ${off.join(' and ')} to be 1, found 0`,
        advice: `Set <merge_tree><${off[0]}>1</${off[0]}>…</merge_tree>: a power cut may lose the newest rows.`,
      }
}

const MEMORY_BYTES_GOOD = 512 * 1024 * 1024

async function checkMemoryLimit(client: ClickHouseClient): Promise<Found> {
  const [row] = await queryRows<{ value: string; used: string }>(
    client,
    `select value, (select value from system.metrics where metric = 'MemoryTracking') as used
    from system.server_settings where name = 'max_server_memory_usage'`,
  )
  const bytes = Number(row?.value ?? 0)
  const text = `limit ${megabytes(bytes)}, in use ${megabytes(Number(row?.used ?? 0))}`
  if (bytes === 0) {
    const advice = 'Set max_server_memory_usage, or the system may end the server for memory.'
    return { level: 'warn', text: 'expected a limit of memory, found none', advice }
  }
  return bytes >= MEMORY_BYTES_GOOD
    ? { level: 'ok', text }
    : { level: 'warn', text, advice: 'Summaries over long histories may need 512 MB.' }
}

const DISK_BYTES_MIN = 1e9

async function checkDisks(client: ClickHouseClient): Promise<Found> {
  const rows = await queryRows<{ name: string; free: string; kept: string }>(
    client,
    `select name, toString(unreserved_space) as free, toString(keep_free_space) as kept
    from system.disks order by name`,
  )
  const text = rows.map(({ name, free }) => `${name}: ${megabytes(Number(free))} free`).join(', ')
  const isTight = rows.some(({ free, kept }) => Number(free) - Number(kept) < DISK_BYTES_MIN)
  return isTight
    ? {
        level: 'warn',
        text,
        advice: 'Free space: inserts fail when it is used up; reading goes on.',
      }
    : { level: 'ok', text }
}

const CLOCK_MS_GOOD = 2_000

async function checkClock(client: ClickHouseClient, nowMs: () => number): Promise<Found> {
  const beforeMs = nowMs()
  const [row] = await queryRows<{ at_ms: string; zone: string }>(
    client,
    'select toUnixTimestamp64Milli(now64(3)) as at_ms, timezone() as zone',
  )
  const middleMs = (beforeMs + nowMs()) / 2
  const offMs = Math.round(Number(row?.at_ms ?? 0) - middleMs)
  const text = `${offMs} ms from this clock, time zone ${row?.zone}`
  if (Math.abs(offMs) > CLOCK_MS_GOOD) {
    const advice = 'Set both clocks (NTP): ages and lags are told by them.'
    return { level: 'warn', text: `expected one time, found the database ${text}`, advice }
  }
  return row?.zone === 'UTC'
    ? { level: 'ok', text }
    : {
        level: 'warn',
        text: `expected the time zone UTC, found ${row?.zone}`,
        advice: 'Numbers do not depend on it, but days that people read in SQL do: set <timezone>.',
      }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
