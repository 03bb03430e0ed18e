import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

import { createClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchDatabase, startScratchDatabase } from '../scratch-database.ts'
import { command, insertRowBinary, queryRowBlocks, queryRows } from '../statements.ts'

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await startScratchDatabase({ concurrencyMax: 4 })
})

afterAll(async () => scratch[Symbol.asyncDispose]())

async function runningQueries(): Promise<number> {
  const sql = "select count() as n from system.processes where query not like '%system.processes%'"
  const [row] = await queryRows<{ n: string }>(scratch.writer, sql)
  return Number(row?.n)
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 15_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`expected ${what} within 15 s`)
  }
}

const ENDLESS = 'select sum(sipHash64(number)) as s from numbers(100000000000)'

test('200,000 rows go in and come back block by block', async () => {
  await command(
    scratch.writer,
    'create table big (id UInt64, h FixedString(8)) engine = MergeTree order by id',
  )
  const encoded = new Uint8Array(200_000 * 16)
  const view = new DataView(encoded.buffer)
  for (let row = 0; row < 200_000; row += 1) view.setBigUint64(row * 16, BigInt(row), true)
  await insertRowBinary(scratch.writer, 'big', ['id', 'h'], encoded, { deduplicationToken: 'ab' })
  let next = 0
  let blocks = 0
  for await (const rows of queryRowBlocks<{ id: string }>(
    scratch.writer,
    'select id from big order by id',
  )) {
    blocks += 1
    for (const { id } of rows) expect(id === String(next++)).toBe(true)
  }
  expect(next).toBe(200_000)
  expect(blocks).toBeGreaterThan(1)
})

test('compression works in both directions', async () => {
  await command(scratch.writer, 'create table small (id UInt64) engine = Memory')
  const { url, username, password } = scratch.database
  const client = createClient({
    url,
    username,
    password,
    compression: { request: true, response: true },
  })
  const values = Array.from({ length: 1000 }, (_, id) => ({ id }))
  await client.insert({ table: 'small', values, format: 'JSONEachRow' })
  expect(await queryRows(client, 'select count() as n, sum(id) as s from small')).toEqual([
    { n: '1000', s: '499500' },
  ])
  expect(await queryRows(client, 'select id from small')).toHaveLength(1000)
  await client.close()
  const headers = { 'X-ClickHouse-Key': password, 'X-ClickHouse-User': username }
  const truncated = await fetch(`${url}/?query=insert+into+small+format+CSV`, {
    method: 'POST',
    headers: { ...headers, 'Content-Encoding': 'gzip' },
    body: gzipSync('1\n2\n').subarray(0, 20),
  })
  expect(await truncated.text()).toMatch(/^Code: 354\./u)
})

test('parallel queries get their own answers', async () => {
  const answers = await Promise.all(
    Array.from({ length: 120 }, async (_, x) => {
      const [row] = await queryRows<{ x: string }>(
        scratch.writer,
        'select {x:UInt64} as x from numbers(1)',
        { x },
      )
      return Number(row?.x)
    }),
  )
  expect(answers).toEqual(Array.from({ length: 120 }, (_, x) => x))
})

test('a list of many values is one parameter', async () => {
  const ids = Array.from({ length: 60_000 }, (_, id) => id)
  const sql = 'select length({ids:Array(UInt32)}) as n, arraySum({ids:Array(UInt32)}) as s'
  expect(await queryRows(scratch.writer, sql, { ids })).toEqual([
    { n: '60000', s: String((60_000 * 59_999) / 2) },
  ])
})

test('queries that are left at any moment leave nothing running and no thread behind', async () => {
  const random = mulberry32(20261102)
  const left = Array.from({ length: 150 }, async () => {
    const leave = new AbortController()
    setTimeout(() => leave.abort(), random() * 400)
    const sql = random() < 0.5 ? ENDLESS : 'select number from numbers(100000000000)'
    const rows = queryRowBlocks(scratch.writer, sql, {}, { abortSignal: leave.signal })
    for await (const _block of rows);
  })
  const outcomes = await Promise.allSettled(left)
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  await until(async () => (await runningQueries()) === 0, 'every query to be gone')
  const fours = await Promise.all(
    Array.from({ length: 4 }, () =>
      queryRows(scratch.writer, 'select sum(number) from numbers(1e7)'),
    ),
  )
  expect(fours).toHaveLength(4)
})

test('a large scalar subquery does not keep other queries waiting', async () => {
  const leave = new AbortController()
  const slow = queryRows(
    scratch.writer,
    `select (${ENDLESS}) as x`,
    {},
    { abortSignal: leave.signal },
  )
  await until(async () => (await runningQueries()) > 0, 'the slow query to run')
  const startMs = performance.now()
  await queryRows(scratch.writer, 'select 1')
  expect(performance.now() - startMs).toBeLessThan(3_000)
  leave.abort()
  await expect(slow).rejects.toMatchObject({ code: 'QUERY_CANCELLED' })
  await until(async () => (await runningQueries()) === 0, 'the slow query to be gone')
})

test('leaving a query ends it inside the database, also before and while it sends', async () => {
  for (const sql of [ENDLESS, 'select number from numbers(100000000000)']) {
    const leave = new AbortController()
    const rows = queryRowBlocks(scratch.writer, sql, {}, { abortSignal: leave.signal })
    const reading = rows.next().then(() => rows.next())
    await until(async () => (await runningQueries()) > 0, 'the query to run')
    leave.abort()
    await Promise.allSettled([reading])
    await Promise.allSettled([rows.return(undefined)])
    await until(async () => (await runningQueries()) === 0, 'the query to be gone')
    expect(await queryRows(scratch.writer, 'select 1 as one')).toEqual([{ one: 1 }])
  }
})

test('a slow reader costs little memory and breaks nothing when it leaves', async () => {
  const rows = queryRowBlocks(scratch.writer, 'select number from numbers(300000000)')
  await rows.next()
  const before = residentMib()
  await queryRows(scratch.writer, 'select sleep(1)')
  expect(residentMib() - before).toBeLessThan(100)
  await rows.return(undefined)
  await until(async () => (await runningQueries()) === 0, 'the query to be gone')
})

test('an error in the middle of an answer is an error, never a short answer', async () => {
  const sql = 'select number, throwIf(number = 290000) from numbers(300000)'
  await expect(queryRows(scratch.writer, sql)).rejects.toMatchObject({
    code: 'QUERY_FAILED',
    message: expect.stringContaining('395'),
  })
})

test('limits of time, rows and memory have their own codes', async () => {
  const run = (sql: string, settings: Record<string, string>): Promise<unknown> =>
    queryRows(scratch.writer, sql, {}, { settings })
  await expect(run(ENDLESS, { max_execution_time: '0.3' })).rejects.toMatchObject({
    code: 'QUERY_TIMEOUT',
  })
  const ten = 'select number from numbers(10)'
  for (const [sql, settings] of [
    [ten, { max_result_rows: '3' }],
    ['select sum(id) from big', { max_rows_to_read: '10' }],
    ['select groupArray(number) from numbers(30000000)', { max_memory_usage: '10000000' }],
  ] as const) {
    await expect(run(sql, settings)).rejects.toMatchObject({ code: 'QUERY_TOO_EXPENSIVE' })
  }
})

/** A small generator of fractions, so that a failing run can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function residentMib(): number {
  const status = readFileSync(`/proc/${scratch.database.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1]) / 1024
}
