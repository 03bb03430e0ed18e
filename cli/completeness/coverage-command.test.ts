import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { type ScratchDatabase, command, migrate, startScratchDatabase } from '@foggara/database'
import { migrations } from '@foggara/schema'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { insertTestRows } from '../../test/insert-rows.ts'
import { COMMANDS } from '../commands.ts'
import { run } from '../run.ts'
import { blockHash } from '../test/small-economy.ts'

let scratch: ScratchDatabase
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-coverage-'))
  scratch = await startScratchDatabase()
  const { url, username, password } = scratch.database
  await migrate({ url, username, password, database: 'default' }, migrations('single'))
})

afterAll(async () => {
  await scratch[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

beforeEach(async () => {
  for (const table of ['block_hot', 'block_settled', 'commits', 'settlement']) {
    await command(scratch.writer, `truncate table ${table}`)
  }
})

/** Stores blocks with this evidence, the settled ones first. */
async function store(
  evidence: Readonly<Record<number, string>>,
  settledBlock: number,
): Promise<void> {
  const rows = Object.entries(evidence).map(([number, word]) => {
    const block = Number(number)
    return { commit_seq: 1, block, hash: blockHash(block), evidence: word }
  })
  const isSettled = ({ block }: { readonly block: number }): boolean => block <= settledBlock
  await insertTestRows(scratch.writer, 'block', rows.filter(isSettled), 'settled')
  const hot = rows.filter((row) => !isSettled(row))
  await insertTestRows(scratch.writer, 'block', hot)
  await insertTestRows(scratch.writer, 'settlement', [
    { boundary_block: settledBlock, boundary_hash: blockHash(settledBlock) },
  ])
  const last = rows.at(-1)?.block ?? 0
  await insertTestRows(scratch.writer, 'commits', [
    {
      stream: 'chain',
      commit_seq: 1,
      first_block: last,
      last_block: last,
      block_hashes: [blockHash(last)],
    },
  ])
}

async function coverage(...args: readonly string[]) {
  const { url, username, password } = scratch.database
  const server = new URL(url)
  server.username = username
  server.password = password
  server.pathname = '/default'
  const lines: string[] = []
  const code = await run(
    ['coverage', ...args, '--clickhouse-url', server.href],
    COMMANDS,
    '0.0.0',
    {
      environment: {},
      directory,
      print: (line) => lines.push(line),
      warn: (line) => lines.push(line),
      nowMs: () => 0,
      stopped: new AbortController().signal,
    },
  )
  return { code, text: lines.join('\n') }
}

test('ranges, classes and what is only trusted are told, settled or not', async () => {
  await store(
    { 1: 'trusted', 2: 'trusted', 3: 'bloom-negative', 4: 'receipts-root', 5: 'trusted' },
    3,
  )
  const { code, text } = await coverage('--json')
  expect(code).toBe(0)
  expect(JSON.parse(text)).toMatchObject({
    firstBlock: 1,
    lastBlock: 5,
    gaps: [],
    unprovenBlockCount: 3,
    ranges: [
      { firstBlock: 1, lastBlock: 2, evidence: 'trusted' },
      { firstBlock: 3, lastBlock: 3, evidence: 'bloom-negative' },
      { firstBlock: 4, lastBlock: 4, evidence: 'receipts-root' },
      { firstBlock: 5, lastBlock: 5, evidence: 'trusted' },
    ],
    isCut: false,
  })
  const trusted = await coverage('--only', 'trusted', '--limit', '1', '--strict')
  expect(trusted.code).toBe(3)
  expect(trusted.text).toContain('blocks 1 to 5: 5 blocks, no gap')
  expect(trusted.text).toMatch(/^1-2 +trusted +2 blocks\n… and more/m)
  expect(trusted.text).toContain('FOGGARA_PROOF=receipts')
})

test('a later comparison of accumulators proves what was trusted before, and no more', async () => {
  await store({ 0: 'trusted', 1: 'undecoded', 2: 'quorum', 3: 'accumulator', 4: 'trusted' }, -1)
  const { code, text } = await coverage('--json', '--strict')
  expect(code).toBe(3)
  expect(JSON.parse(text)).toMatchObject({
    ranges: [
      { firstBlock: 0, lastBlock: 0, evidence: 'trusted' },
      { firstBlock: 1, lastBlock: 1, evidence: 'undecoded' },
      { firstBlock: 2, lastBlock: 3, evidence: 'accumulator' },
      { firstBlock: 4, lastBlock: 4, evidence: 'trusted' },
    ],
  })
})

test('all that is proven answers 0, over the seam of two stretches', async () => {
  await store({ 999_998: 'quorum', 999_999: 'accumulator', 1_000_000: 'accumulator' }, 999_999)
  const { code, text } = await coverage('--strict')
  expect(code).toBe(0)
  expect(text).toContain('everything is proven')
  expect(text).toMatch(/^999998-1000000 +accumulator +3 blocks$/m)
})

test('a gap is named and answers 1', async () => {
  await store({ 1: 'accumulator', 4: 'accumulator', 1_000_003: 'accumulator' }, 0)
  const { code, text } = await coverage()
  expect(code).toBe(1)
  expect(text).toContain('GAP  2-3 is missing')
  expect(text).toContain('GAP  5-1000002 is missing')
})

test('an unknown class is refused, and an empty index is none', async () => {
  expect(await coverage('--only', 'hearsay')).toMatchObject({ code: 64 })
  expect(await coverage('--strict')).toEqual({ code: 0, text: 'no block is indexed yet' })
})
