import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { QUERY_LIMITS } from '../limits.ts'
import { type ScratchDatabase, startScratchDatabase } from '../scratch-database.ts'
import { command, queryRows } from '../statements.ts'

let scratch: ScratchDatabase
let outside: Server
let outsideUrl: string
let outsideRequestCount = 0

beforeAll(async () => {
  scratch = await startScratchDatabase()
  outside = createServer((_, response) => {
    outsideRequestCount += 1
    response.end('a,b\n1,2\n')
  })
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve))
  const address = outside.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  outsideUrl = `http://127.0.0.1:${port}/lake/x.csv`
  await command(scratch.writer, 'create database lab engine = Atomic')
  await command(
    scratch.writer,
    'create table lab.asset engine = MergeTree order by id as select number as id from numbers(10)',
  )
})

afterAll(async () => {
  outside.close()
  await scratch[Symbol.asyncDispose]()
})

async function codeOf(sql: string, settings: Record<string, string> = {}): Promise<string> {
  return queryRows(scratch.reader, sql, {}, { settings }).then(
    () => 'ALLOWED',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'NONE'),
  )
}

test.each([
  'select count() from lab.asset',
  'with 2 as x select x + id from lab.asset order by id limit 3',
  'select {text:String} as file',
  "select format('{} {}', 'file', 'url') as url, file from (select 1 as file)",
  'select * from numbers(3)',
  'select \'file(1)\', "id" from lab.asset -- url(1)',
  'explain select * from lab.asset',
  'describe table lab.asset',
  'show tables from lab',
  'exists table lab.asset',
])('a reader may run %j', async (sql) => {
  await expect(queryRows(scratch.reader, sql, { text: 'x' })).resolves.toBeDefined()
})

test.each([
  'insert into lab.asset values (1)',
  'insert into lab.asset select 1',
  'insert into lab.asset format CSV',
  'drop table lab.asset',
  'truncate table lab.asset',
  'alter table lab.asset delete where 1',
  'delete from lab.asset where 1',
  'optimize table lab.asset final',
  'create table lab.other (a UInt8) engine = Memory',
  'create temporary table other (a UInt8)',
  'create function f as x -> x',
  'kill query where 1',
  'system flush logs',
  'set max_memory_usage = 0',
  'use lab',
  "backup table lab.asset to File('x')",
  'detach table lab.asset',
  'rename table lab.asset to lab.other',
  'grant all on *.* to reader',
])('a reader may not run %j', async (sql) => {
  await expect(command(scratch.reader, sql)).rejects.toMatchObject({ code: 'DATABASE_READONLY' })
})

test.each([
  "select file('/etc/hostname')",
  "select `file`('/etc/hostname')",
  "select FILE /* x */ ('/etc/hostname')",
  "select * from file('/etc/hostname', 'LineAsString')",
  "describe table file('/etc/hostname', 'LineAsString')",
  "describe (select * from file('/etc/hostname', 'LineAsString'))",
  "select 1 union all (select length(file('/etc/hostname')))",
  "with (select file('/etc/hostname')) as x select x",
  "select * from executable('id', 'TSV', 'a String')",
  "select * from sqlite('/x', 'y')",
  "select * from filesystem('/etc')",
  "select * from eval('select 1')",
  "select * from remote('127.0.0.1:9', 'a', 'b')",
  "select * from mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
  'select sleep(3)',
])('a reader may not reach outside the tables: %j', async (sql) => {
  expect(await codeOf(sql)).toBe('DATABASE_READONLY')
})

test('a reader cannot make the database send a request', async () => {
  for (const call of [
    (url: string) => `url('${url}')`,
    (url: string) => `url('${url}', 'CSV')`,
    (url: string) => `s3('${url}', 'CSV')`,
    (url: string) => `deltaLake('${url}')`,
    (url: string) => `icebergS3('${url}')`,
    (url: string) => `gcs('${url}', 'CSV')`,
    (url: string) => `"url"('${url}')`,
  ]) {
    for (const sql of [`select * from ${call(outsideUrl)}`, `describe table ${call(outsideUrl)}`]) {
      expect(await codeOf(sql)).toBe('DATABASE_READONLY')
    }
  }
  expect(outsideRequestCount).toBe(0)
  await queryRows(scratch.writer, `describe table url('${outsideUrl}', 'CSV')`)
  expect(outsideRequestCount).toBeGreaterThan(0)
})

test('a reader cannot read a file by naming it as a table', async () => {
  for (const name of ['`/etc/hostname`', 'default.`/etc/hostname`', "'/etc/hostname'"]) {
    expect(await codeOf(`select * from ${name}`)).not.toBe('ALLOWED')
    expect(await codeOf(`describe table ${name}`)).not.toBe('ALLOWED')
  }
})

test('a reader writes no file', async () => {
  const path = join(scratch.dataDir, 'outfile')
  expect(await codeOf(`select 1 into outfile '${path}'`)).toBe('DATABASE_READONLY')
  expect(existsSync(path)).toBe(false)
})

test('a reader may lower its limits, raise none, and set nothing else', async () => {
  expect(await codeOf('select 1', { max_execution_time: '1' })).toBe('ALLOWED')
  expect(await codeOf('select * from numbers(10)', { max_result_rows: '5' })).toBe(
    'QUERY_TOO_EXPENSIVE',
  )
  const ask = "select getSetting('max_memory_usage') as memory, getSetting('readonly') as only"
  const settings = { max_memory_usage: '99000000000' }
  const [row] = await queryRows<{ memory: string; only: number }>(
    scratch.reader,
    ask,
    {},
    { settings },
  )
  expect(Number(row?.memory)).toBeLessThan(500_000_000)
  expect(row?.only).toBe(1)
  for (const name of ['readonly', 'allow_ddl', 'log_comment', 'max_result_rows=1 or']) {
    expect(await codeOf('select 1', { [name]: '0' })).toBe('DATABASE_READONLY')
  }
  expect(await codeOf('select 1 settings max_memory_usage = 0')).toBe('DATABASE_READONLY')
})

test('every limit of the API is one that a reader may ask for', async () => {
  for (const limits of Object.values(QUERY_LIMITS)) {
    const settings = { ...limits }
    const rows = await queryRows(
      scratch.reader,
      'select count() as n from lab.asset',
      {},
      { settings },
    )
    expect(rows).toEqual([{ n: '10' }])
  }
})
