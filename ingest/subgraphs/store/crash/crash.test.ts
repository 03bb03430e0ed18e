import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { queryRows, type ScratchDatabase, startScratchDatabase } from '@foggara/database'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openRandom } from '../../../simulation/random.ts'
import { bytesText } from '../../entity-cache/entity.ts'
import { openMemoryStore } from '../../entity-cache/memory-store.ts'
import { loadSubgraph } from '../../manifest/load-subgraph.ts'
import { openSubgraphRunner } from '../../subgraph-runner.ts'
import { writeSample } from '../../testing/build-sample.ts'
import { sampleChain } from '../../testing/sample-chain.ts'
import { forkedChain } from './forked-chain.ts'

const SEED = 20_261_123
const MOMENT_COUNT = 4
const KILLS_PER_MOMENT = 2
/** Blocks that may be in memory only: a batch that is full and the next one. */
const BATCH_MAX = 16
const TABLES = ['account', 'token', 'move', 'counter', 'optional']

let scratch: ScratchDatabase
let folder = ''
const children = new Set<ChildProcess>()

beforeAll(async () => {
  scratch = await startScratchDatabase({ memoryMib: 3_000 })
  folder = await mkdtemp(join(tmpdir(), 'foggara-crash-'))
  const handlers = {
    handleTransfer: 'Transfer',
    handleCreate: 'Created',
    handleRemoveAndSet: 'Poked',
  } as const
  await writeSample(folder, { handlers })
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await scratch[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test(`a subgraph that is killed ${MOMENT_COUNT * KILLS_PER_MOMENT} times, with reorganisations in between, has the proofs and the rows of an undisturbed one (seed ${SEED})`, async () => {
  const random = openRandom(SEED)
  const moments = forkedChain(SEED, MOMENT_COUNT)
  let reached = 0
  let rerunCount = 0
  for (const [moment, { blocks, replacedCount }] of moments.entries()) {
    for (let kill = 0; kill < KILLS_PER_MOMENT; kill += 1) {
      const run = await runChild('crashed', moment, {
        killAt: 1 + random.below(kill === 0 ? 60 : 25),
        killWhen: random.pick(['before', 'during', 'after']),
        countFrom: random.oneIn(3) ? 'start' : 'run',
        killsDatabase: moment % 4 === 2 && kill === 0,
      })
      // What was reached is lost by a batch and a fork at most: nothing starts from the first block.
      const opened = run.opened ?? reached
      expect(opened).toBeGreaterThanOrEqual(Math.min(reached, reached - replacedCount - BATCH_MAX))
      rerunCount += Math.max(0, reached - opened)
      reached = opened
    }
    const run = await runChild('crashed', moment, NO_KILL)
    expect(run).toMatchObject({ exit: '0', done: blocks.length })
    reached = blocks.length
  }
  const total = moments.at(-1)?.blocks.length ?? 0
  expect(rerunCount).toBeLessThan(total)

  expect(await runChild('clean', MOMENT_COUNT - 1, NO_KILL)).toMatchObject({ done: total })
  const found = await rowsOf('crashed')
  expect(found).toEqual(await rowsOf('clean'))
  expect(found['_block']).toEqual(await proofsInMemory())
  for (const table of TABLES) expect(found[`${table}_history`]?.length).toBeGreaterThan(1)
  const [log] = await queryRows<{ fences: string }>(
    scratch.reader,
    'select count() as fences from subgraph_crashed._commits where empty(row_counts)',
  )
  expect(Number(log?.fences)).toBeGreaterThan(MOMENT_COUNT)
}, 240_000)

type Kill = {
  readonly killAt: number
  readonly killWhen: 'before' | 'during' | 'after'
  readonly countFrom: 'start' | 'run'
  readonly killsDatabase: boolean
}

type ChildRun = {
  readonly exit: string
  /** The block at which it found the store, and the one it came to. */
  readonly opened: number | undefined
  readonly done: number | undefined
}

const NO_KILL: Kill = { killAt: 0, killWhen: 'before', countFrom: 'start', killsDatabase: false }

async function runChild(name: string, moment: number, kill: Kill): Promise<ChildRun> {
  const { url, username, password } = scratch.database
  const chain = { seed: SEED, momentCount: MOMENT_COUNT, moment }
  const task = { url, username, password, folder, name, ...chain, ...kill }
  const path = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, [path, JSON.stringify(task)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.add(child)
  let opened: number | undefined
  let done: number | undefined
  for await (const line of createInterface(child.stdout)) {
    const told = JSON.parse(line) as { readonly type: string; readonly block: number }
    if (told.type === 'opened') opened = told.block
    if (told.type === 'done') done = told.block
    if (kill.killsDatabase && told.type === 'opened') process.kill(scratch.database.pid, 'SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  children.delete(child)
  return { exit: child.signalCode ?? String(child.exitCode), opened, done }
}

async function rowsOf(name: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const read = async (sql: string) => {
    const rows = await queryRows<Record<string, unknown>>(scratch.reader, sql)
    return rows.map((row) => JSON.stringify(row))
  }
  const found: Record<string, readonly string[]> = {
    _block: await read(
      `select block, lower(hex(digest)) as digest from subgraph_${name}._block
      where has_proof
      order by block`,
    ),
    _hash: await read(
      `select block, lower(hex(hash)) as hash from subgraph_${name}._block order by block`,
    ),
    _source: await read(`select * from subgraph_${name}._source order by block, position`),
  }
  for (const table of TABLES) {
    const from = `subgraph_${name}.${table}`
    found[table] = await read(`select * from ${from} order by vid`)
    found[`${table}_history`] = await read(`select * from ${from}_history order by vid`)
  }
  return found
}

async function proofsInMemory(): Promise<readonly string[]> {
  const store = openMemoryStore()
  const subgraph = await loadSubgraph(folder)
  const runner = openSubgraphRunner({ subgraph, store, chain: sampleChain() })
  for (const block of forkedChain(SEED, MOMENT_COUNT).at(-1)?.blocks ?? []) {
    await runner.runBlock(block)
  }
  return store
    .proofs()
    .map(({ block, digest }) =>
      JSON.stringify({ block: String(block), digest: bytesText(digest).slice(2) }),
    )
}
