import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { type Migration, migrations } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { auditStorage } from './audit.ts'
import { type ClientOptions, openClient } from './client.ts'
import { migrate } from './migrations.ts'
import { type ScratchDatabase, startScratchDatabase } from './scratch-database.ts'
import { command, queryRows } from './statements.ts'
import { startDatabase } from './supervisor.ts'

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await startScratchDatabase()
})

afterAll(async () => scratch[Symbol.asyncDispose]())

function connection(database: string): ClientOptions & { readonly database: string } {
  const { url, username, password } = scratch.database
  return { url, username, password, database }
}

const FIRST: Migration = {
  id: '1',
  statements: ['create table if not exists a (x UInt8) engine = Memory'],
  applied: 'once',
}
const SECOND: Migration = {
  id: '2',
  statements: ['create or replace view b as select x from a'],
  applied: 'anew',
}

test('the whole schema is applied once, and a second time changes nothing', async () => {
  const list = migrations('single')
  const ids = list.map(({ id }) => id)
  expect(await migrate(connection('whole'), list)).toEqual({ applied: ids })
  expect(await migrate(connection('whole'), list)).toEqual({ applied: [] })
  const engine = "select engine from system.databases where name = 'whole'"
  expect(await queryRows(scratch.writer, engine)).toEqual([{ engine: 'Atomic' }])
})

test('a longer list applies only what is new', async () => {
  expect(await migrate(connection('grown'), [FIRST])).toEqual({ applied: ['1'] })
  expect(await migrate(connection('grown'), [FIRST, SECOND])).toEqual({ applied: ['2'] })
})

test('a migration that was cut short is taken up again', async () => {
  const broken = { ...FIRST, statements: [...FIRST.statements, 'create table broken'] }
  await expect(migrate(connection('cut'), [broken])).rejects.toMatchObject({ code: 'QUERY_FAILED' })
  expect(await migrate(connection('cut'), [FIRST, SECOND])).toEqual({ applied: ['1', '2'] })
})

test('a changed or unknown past migration is refused before anything is touched', async () => {
  await migrate(connection('past'), [FIRST, SECOND])
  const changed: Migration = {
    ...FIRST,
    statements: ['create table if not exists other (x UInt8) engine = Memory'],
  }
  await expect(migrate(connection('past'), [changed, SECOND])).rejects.toMatchObject({
    code: 'MIGRATION_CHANGED',
  })
  await expect(migrate(connection('past'), [FIRST])).rejects.toMatchObject({
    code: 'DATABASE_NEWER',
  })
  expect(await queryRows(scratch.writer, 'show tables from past')).toHaveLength(3)
})

test('views that read differently now are made anew, and then no more', async () => {
  const database = connection('seen')
  await migrate(database, [FIRST, SECOND])
  await command(scratch.writer, 'insert into seen.a values (7)')
  const changed = {
    ...SECOND,
    statements: ['create or replace view b as select x + 1 as y from a'],
  }
  expect(await migrate(database, [FIRST, changed])).toEqual({ applied: ['2'] })
  expect(await queryRows(scratch.writer, 'select y from seen.b')).toEqual([{ y: 8 }])
  expect(await migrate(database, [FIRST, changed])).toEqual({ applied: [] })
  expect(await migrate(database, [FIRST, SECOND])).toEqual({ applied: ['2'] })
})

test('a table may come between others', async () => {
  const between: Migration = {
    id: 'between',
    statements: ['create table if not exists c (x UInt8) engine = Memory'],
    applied: 'once',
  }
  await migrate(connection('between'), [FIRST, SECOND])
  expect(await migrate(connection('between'), [FIRST, between, SECOND])).toEqual({
    applied: ['between'],
  })
})

test('the audit names a part whose rows silently vanished at a start', async () => {
  await using own = await startScratchDatabase()
  await command(own.writer, 'create database lab engine = Atomic')
  await command(own.writer, 'create table lab.t (x UInt64) engine = MergeTree order by x')
  await command(own.writer, 'insert into lab.t select number from numbers(100)')
  await command(own.writer, 'insert into lab.t select number from numbers(7)')
  expect(await auditStorage(own.writer, 'lab')).toEqual([])
  const path = "select path from system.parts where table = 't' order by name limit 1"
  const [part] = await queryRows<{ path: string }>(own.writer, path)
  await own.database.stop()
  const partPath = part?.path ?? ''
  for (const name of readdirSync(partPath)) {
    if (/\.bin$|^count/u.test(name)) rmSync(join(partPath, name))
  }
  await using again = await startDatabase({ dataDir: own.dataDir, log: () => undefined })
  const client = openClient(again)
  expect(await queryRows(client, 'select count() as n from lab.t')).toEqual([{ n: '7' }])
  const findings = await auditStorage(client, 'lab')
  expect(findings).toMatchObject([{ type: 'part-broken', table: 't', reason: 'broken-on-start' }])
  await client.close()
})
