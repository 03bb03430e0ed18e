import { ClickHouseError } from '@clickhouse/client'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openClient } from '../client.ts'
import { type ScratchDatabase, startScratchDatabase } from '../scratch-database.ts'
import { command, insertRows, queryRows } from '../statements.ts'

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await startScratchDatabase()
  await command(scratch.writer, 'create database lab engine = Atomic')
  await command(
    scratch.writer,
    'create table lab.victim (id UInt64, note String) engine = MergeTree order by id',
  )
})

afterAll(async () => scratch[Symbol.asyncDispose]())

async function post(query: string, body: string | Uint8Array, extra = ''): Promise<Response> {
  const url = `${scratch.database.url}/?query=${encodeURIComponent(query)}${extra}`
  const { username, password } = scratch.database
  const headers = { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password }
  return fetch(url, { method: 'POST', headers, body })
}

async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof ClickHouseError) return `${error.code} ${error.type}`
  throw new Error('expected a ClickHouseError', { cause: error })
}

async function notes(): Promise<string[]> {
  const sql = 'select note from lab.victim order by id, note'
  return (await queryRows<{ note: string }>(scratch.writer, sql)).map(({ note }) => note)
}

test('the ordinary client creates, inserts objects and reads wide integers exactly', async () => {
  expect(await scratch.writer.ping()).toEqual({ success: true })
  const ddl = 'create table lab.wide (a UInt256, b Int256, c Decimal(40, 2)) engine = Memory'
  await command(scratch.writer, ddl)
  const row = { a: 2n ** 256n - 1n, b: -(2n ** 255n), c: '12345678901234567890123.45' }
  await insertRows(scratch.writer, 'lab.wide', [row])
  expect(await queryRows(scratch.writer, 'select * from lab.wide')).toEqual([
    { a: String(row.a), b: String(row.b), c: row.c },
  ])
})

test('rows that hold an empty line and a statement are stored and nothing runs', async () => {
  await command(scratch.writer, 'truncate table lab.victim')
  const evil = '\n\n; drop table lab.victim;\n'
  const csv = `1,"a${evil}"\n`
  expect((await post('insert into lab.victim format CSV', csv)).status).toBe(200)
  const body = `insert into lab.victim format CSV\n2,"b${evil}"\n`
  expect((await post('', body)).status).toBe(200)
  await insertRows(scratch.writer, 'lab.victim', [{ id: 3n, note: `c${evil}` }])
  await scratch.writer.command({
    query: 'insert into lab.victim values (4, {note:String})',
    query_params: { note: `d${evil}` },
  })
  expect(await notes()).toEqual(['a', 'b', 'c', 'd'].map((letter) => letter + evil))
  const split = await post(
    'insert into lab.victim format JSONEachRow',
    '{"id":5,"note":"e"}\n\n; drop table lab.victim;\n',
  )
  expect(split.status).toBe(400)
  expect(await notes()).toHaveLength(4)
})

test('a deduplication token is only text, and a repeated insert is stored once', async () => {
  await command(scratch.writer, 'truncate table lab.victim')
  const token = "x\\'; drop table lab.victim; --"
  for (const attempt of ['first', 'again']) {
    await scratch.writer.insert({
      table: 'lab.victim',
      values: [{ id: 1, note: 'once' }],
      format: 'JSONEachRow',
      clickhouse_settings: { insert_deduplication_token: token },
      query_id: attempt,
    })
  }
  expect(await notes()).toEqual(['once'])
})

test('without a token, equal inserts are all kept', async () => {
  await command(scratch.writer, 'truncate table lab.victim')
  for (let time = 0; time < 2; time += 1) {
    await insertRows(scratch.writer, 'lab.victim', [{ id: 1, note: 'rows' }])
    await command(scratch.writer, "insert into lab.victim values (2, 'values')")
    await command(scratch.writer, "insert into lab.victim select 3, 'select'")
  }
  expect(await notes()).toEqual(['rows', 'rows', 'values', 'values', 'select', 'select'])
})

test('parameters keep quotes, tabs, newlines, arrays and wide integers', async () => {
  const parameters = {
    text: 'a\'b\\c\td\ne`f"g; drop table lab.victim',
    list: ["x'y", 'z\\', ''],
    wide: (2n ** 255n).toString(),
    nothing: null,
  }
  const [row] = await queryRows(
    scratch.writer,
    `select {text:String} as text, {list:Array(String)} as list, {wide:UInt256} as wide,
      {nothing:Nullable(String)} as nothing`,
    parameters,
  )
  expect(row).toEqual(parameters)
})

test('settings, parameters and the database of one request do not reach the next', async () => {
  const three = { settings: { max_result_rows: '3', result_overflow_mode: 'break' as const } }
  await queryRows(scratch.writer, 'select {x:UInt8}', { x: 1 }, three)
  for (let round = 0; round < 8; round += 1) {
    const rows = await queryRows(scratch.writer, 'select number from numbers(10)')
    expect(rows).toHaveLength(10)
  }
  expect(await failure(scratch.writer.query({ query: 'select {x:UInt8}' }))).toBe(
    '456 UNKNOWN_QUERY_PARAMETER',
  )
  expect(await failure(scratch.writer.query({ query: 'select * from victim' }))).toBe(
    '60 UNKNOWN_TABLE',
  )
})

test.each([
  ['selec 1', 400, '62 SYNTAX_ERROR'],
  ['', 400, '62 SYNTAX_ERROR'],
  ['select 1; drop table lab.victim', 400, '62 SYNTAX_ERROR'],
  ['select * from lab.missing', 404, '60 UNKNOWN_TABLE'],
  ['select * from missing.missing', 404, '81 UNKNOWN_DATABASE'],
  ['select missing()', 404, '46 UNKNOWN_FUNCTION'],
  ['select throwIf(1)', 500, '395 FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'],
  ['kill query where 1 sync', 501, '48 NOT_IMPLEMENTED'],
])('%j fails as ClickHouse fails', async (sql, status, expected) => {
  const answer = await post('', sql)
  const text = await answer.text()
  expect(answer.status).toBe(status)
  expect(answer.headers.get('x-clickhouse-exception-code')).toBe(expected.split(' ')[0])
  expect(text).toMatch(new RegExp(`^Code: ${expected.replace(' ', '\\..*\\(')}\\)`, 's'))
})

test('unknown settings and malformed values are refused, with the settings named', async () => {
  expect((await post('select 1', '', '&no_such_setting=1')).status).toBe(404)
  expect((await post('select 1', '', '&max_threads=abc')).status).toBe(400)
  expect((await post('select 1', '', `&${encodeURIComponent('a=1;drop')}=1`)).status).toBe(404)
})

test('an error about rows does not tell where the rows were kept', async () => {
  const answer = await post('insert into lab.victim format JSONEachRow', '{"id":"x"}')
  const text = await answer.text()
  expect(answer.status).toBe(400)
  expect(text).not.toContain('incoming')
  expect(text).not.toContain(scratch.dataDir)
  expect(text.split('Code: ')).toHaveLength(2)
})

test('a wrong password and an unknown user are refused alike', async () => {
  for (const credentials of [
    { username: 'default', password: 'wrong' },
    { username: 'nobody', password: '' },
    { username: '__proto__', password: '' },
  ]) {
    const client = openClient({ url: scratch.database.url, ...credentials })
    expect(await failure(client.query({ query: 'select 1' }))).toBe('516 AUTHENTICATION_FAILED')
    await client.close()
  }
})

test('a GET request can read and cannot change anything', async () => {
  const { url, username, password } = scratch.database
  const headers = { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password }
  const get = (sql: string): Promise<Response> =>
    fetch(`${url}/?query=${encodeURIComponent(sql)}`, { headers })
  expect(await (await get('select 41 + 1')).text()).toBe('42\n')
  expect((await get('drop table lab.victim')).status).toBe(500)
  expect((await fetch(`${url}/ping`)).status).toBe(200)
})

test('each format is announced as what it is', async () => {
  for (const [format, type, body] of [
    ['JSON', 'application/json', '"1":1'],
    ['JSONEachRow', 'application/x-ndjson', '{"1":1}'],
    ['TSVWithNames', 'text/tab-separated-values', '1\n1\n'],
    ['CSV', 'text/csv', '1\n'],
  ] as const) {
    const answer = await post('', `select 1 format ${format}`)
    expect(answer.headers.get('content-type')).toContain(type)
    expect((await answer.text()).replaceAll(/[\s]+(?=")|(?<=:)\s/gu, '')).toContain(body)
  }
  const asked = await post('select 1', '', '&default_format=JSONCompactEachRow')
  expect(await asked.text()).toBe('[1]\n')
})
