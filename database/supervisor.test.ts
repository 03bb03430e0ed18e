import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { RetryableError } from '@foggara/schema'
import { afterAll, expect, test } from 'vitest'

import { openClient } from './client.ts'
import { startScratchDatabase } from './scratch-database.ts'
import { command, insertRows, queryRows } from './statements.ts'
import { type DatabaseOptions, startDatabase } from './supervisor.ts'

const directory = mkdtempSync(join(tmpdir(), 'foggara-supervisor-'))

afterAll(() => rmSync(directory, { recursive: true, force: true }))

function options(name: string): DatabaseOptions {
  return { dataDir: join(directory, name), log: () => undefined }
}

/** Leaves a database whose definition nobody can read. */
function breakData(dataDir: string): void {
  const metadata = join(dataDir, 'clickhouse', 'metadata')
  mkdirSync(join(metadata, 'lab'), { recursive: true })
  writeFileSync(join(metadata, 'lab.sql'), 'no statement at all')
}

function isUnreachable(error: unknown): boolean {
  return error instanceof RetryableError && error.code === 'DATABASE_UNREACHABLE'
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`expected ${what} within 20 s`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('every acknowledged row survives kill -9 exactly once when inserts are repeated', async () => {
  let restartCount = 0
  await using scratch = await startScratchDatabase({ onRestart: () => (restartCount += 1) })
  const { writer, database } = scratch
  await command(writer, 'create table t (batch UInt32, x UInt64) engine = MergeTree order by x')
  const killed = new Set([3, 15])
  let retryCount = 0
  for (let batch = 0; batch < 20; batch += 1) {
    const rows = Array.from({ length: 500 }, (_, x) => ({ batch, x }))
    const deduplicationToken = batch.toString(16).padStart(64, '0')
    // The kill lands before, during or after the insert; the client cannot tell which.
    if (killed.has(batch)) setTimeout(() => process.kill(database.pid, 'SIGKILL'), batch)
    await until(async () => {
      try {
        await insertRows(writer, 't', rows, { deduplicationToken })
        return true
      } catch (error) {
        if (!isUnreachable(error)) throw error
        retryCount += 1
        return false
      }
    }, 'an insert to be acknowledged')
  }
  const sql = 'select count() as n, uniqExact(batch, x) as different from t'
  expect(await queryRows(writer, sql)).toEqual([{ n: '10000', different: '10000' }])
  expect(restartCount).toBe(2)
  expect(retryCount).toBeGreaterThan(0)
})

test('a restart keeps the address and the passwords', async () => {
  const restarted = Promise.withResolvers<number>()
  await using database = await startDatabase({
    ...options('restart'),
    onRestart: restarted.resolve,
  })
  const { url, password, pid } = database
  process.kill(pid, 'SIGKILL')
  expect(await restarted.promise).toBe(database.pid)
  expect(database.pid).not.toBe(pid)
  const client = openClient({ url, username: 'default', password })
  expect(await queryRows(client, 'select 1 as one')).toEqual([{ one: 1 }])
  await client.close()
})

test('a data directory has one owner, and the second hears which', async () => {
  await using first = await startDatabase(options('shared'))
  await expect(startDatabase(options('shared'))).rejects.toMatchObject({
    code: 'DATA_DIRECTORY_IN_USE',
    message: expect.stringContaining(`(pid ${first.pid})`),
  })
  const client = openClient(first)
  await expect(queryRows(client, 'select 1')).resolves.toHaveLength(1)
  await client.close()
})

test('a port in use is named before anything is served', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expect(startDatabase({ ...options('port'), port })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: `expected port ${port} to be free, found it in use`,
  })
  other.close()
})

test('a path that cannot be a data directory is named', async () => {
  writeFileSync(join(directory, 'file'), '')
  for (const name of ['file', 'file/inside']) {
    await expect(startDatabase(options(name))).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNWRITABLE',
    })
  }
})

test('data that cannot be opened is reported as broken and left as it is', async () => {
  const broken = options('broken')
  const before = await startDatabase(broken)
  await before.stop()
  breakData(broken.dataDir)
  await expect(startDatabase(broken)).rejects.toMatchObject({ code: 'DATABASE_BROKEN' })
})

test('the database ends when its parent dies, even by kill -9', async () => {
  const program = `
    import { startDatabase } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
    const database = await startDatabase({ dataDir: process.argv[1], log: () => {} })
    console.log(database.pid)
    setInterval(() => {}, 1000)`
  const cwd = fileURLToPath(new URL('.', import.meta.url))
  const argument = join(directory, 'orphan')
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program, argument], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(parent.stdout, 'data')
  const pid = Number(String(line).trim())
  expect(isAlive(pid)).toBe(true)
  parent.kill('SIGKILL')
  await until(() => !isAlive(pid), 'the orphaned database to end')
})

test('stopping lets the same directory be opened again at once, with its data', async () => {
  for (const count of ['1', '2']) {
    const database = await startDatabase(options('again'))
    const client = openClient(database)
    await command(client, 'create table if not exists t (x UInt8) engine = MergeTree order by x')
    await insertRows(client, 't', [{ x: 1 }])
    expect(await queryRows(client, 'select count() as n from t')).toEqual([{ n: count }])
    await client.close()
    await database.stop()
    expect(isAlive(database.pid)).toBe(false)
  }
})

test('a database that ends again and again is given up with the reason', async () => {
  const given = Promise.withResolvers<{ readonly code: string }>()
  const broken = options('given-up')
  await using database = await startDatabase({
    ...broken,
    restartsMax: 2,
    onGiveUp: given.resolve,
  })
  breakData(broken.dataDir)
  process.kill(database.pid, 'SIGKILL')
  expect(await given.promise).toMatchObject({ code: 'DATABASE_KEEPS_ENDING' })
})
