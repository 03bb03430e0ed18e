import {
  type ClickHouseClient,
  queryRows,
  type ScratchDatabase,
  startScratchDatabase,
} from '@foggara/database'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createFlakyClient, type FlakyClient } from '../../simulation/flaky-client.ts'
import { type Entity, valueText } from '../entity-cache/entity.ts'
import { type MemoryStore, openMemoryStore } from '../entity-cache/memory-store.ts'
import { type ClickHouseStore, openClickHouseStore } from './clickhouse-store.ts'
import { blockOf, PROGRAM_SCHEMA, type ProgramStep, programStep } from './testing/random-blocks.ts'

const SEED = 20_261_123
const RUN_COUNT = 6

const TABLES = {
  Account: 'account',
  Order: 'order',
  Move: 'move',
  Point: 'point',
  Stats_hour: 'stats_hour',
}
const LIMITS = { rowCountMax: 12, byteLengthMax: 100_000, blockCountMax: 4 }

let scratch: ScratchDatabase
let programCount = 0

beforeAll(async () => {
  scratch = await startScratchDatabase({ memoryMib: 3_000 })
})
afterAll(() => scratch[Symbol.asyncDispose]())

test(`any program of blocks, reverts, failures and restarts gives what a store in memory gives (seed ${SEED})`, async () => {
  const property = fc.asyncProperty(
    fc.array(programStep, { minLength: 8, maxLength: 24 }),
    runProgram,
  )
  await fc.assert(property, { seed: SEED, numRuns: RUN_COUNT, endOnFailure: true })
}, 240_000)

async function runProgram(steps: readonly ProgramStep[]): Promise<void> {
  programCount += 1
  const name = `program_${programCount}`
  const flaky = createFlakyClient(scratch.writer)
  const memory = openMemoryStore()
  let firstBlock = 0
  let store = await open(name, flaky.client)
  for (const step of [...steps, { type: 'compare', depth: 2 } as const]) {
    if (step.type === 'fail') flaky.failAfter(step.after, step.when)
    else if (step.type === 'restart') {
      flaky.disarm()
      store = await open(name, flaky.client)
      // What was not flushed may be gone, as a number of whole blocks.
      await memory.revertTo(store.lastBlock()?.number ?? -1)
    } else if (step.type === 'flush') await repeated(flaky, () => store.flush())
    else if (step.type === 'prune') {
      const block = memory.recentBlocks().at(-1 - step.depth)?.number ?? 0
      firstBlock = Math.max(firstBlock, block)
      await repeated(flaky, () => store.pruneBefore(block))
    } else if (step.type === 'revert') {
      const depth = memory.recentBlocks().at(-1 - step.depth)?.number ?? 0
      const to = Math.max(firstBlock, depth)
      await memory.revertTo(to)
      await repeated(flaky, () => store.revertTo(to))
    } else if (step.type === 'block') {
      const changes = blockOf(step, memory)
      await memory.commit(changes)
      await repeated(flaky, () => store.commit(changes))
    } else {
      await repeated(flaky, () => store.flush())
      flaky.disarm()
      await compareTables(name, { memory, firstBlock, depth: step.depth })
      await comparePoints(store, memory)
      await compareReads(await open(name, flaky.client), memory)
      store = await open(name, flaky.client)
    }
    await compareReads(store, memory)
  }
}

/** A failure is one of the connection: the same is tried again until it succeeds. */
async function repeated(flaky: FlakyClient, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    expect(error).toMatchObject({ retryable: true })
    flaky.disarm()
    await repeated(flaky, work)
  }
}

async function compareReads(store: ClickHouseStore, memory: MemoryStore): Promise<void> {
  const ids = ['order 0', 'order 1', 'order 2', 'order 3', '0xac00', '0xac01', '0xac02', '0xac03']
  const stored = memory.versions().map(({ id }) => id)
  for (const entityType of ['Account', 'Order', 'Move', 'Point']) {
    for (const id of new Set([...ids, ...stored])) {
      expect(store.get(entityType, id)).toEqual(memory.get(entityType, id))
    }
  }
  for (const [entityType, field] of [
    ['Order', 'owner'],
    ['Point', 'owner'],
    ['Move', 'order'],
  ] as const) {
    for (const id of ids) {
      expect(store.related(entityType, field, id)).toEqual(memory.related(entityType, field, id))
    }
  }
  const facts = (of: ClickHouseStore | MemoryStore) => ({
    proof: of.proof(),
    createdSources: of.createdSources(),
    blocks: of.recentBlocks().map(({ number, hash }) => ({ number, hash })),
    failures: of.lastFailures(),
  })
  expect(facts(store)).toEqual(facts(memory))
  expect(store.lastBlock()?.number).toBe(memory.lastBlock()?.number)
}

type Compared = {
  readonly memory: MemoryStore
  /** Versions that ended up to here are gone. */
  readonly firstBlock: number
  readonly depth: number
}

async function compareTables(name: string, { memory, firstBlock, depth }: Compared): Promise<void> {
  const at = Math.max(firstBlock, memory.recentBlocks().at(-1 - depth)?.number ?? 0)
  for (const [entityType, table] of Object.entries(TABLES)) {
    const versions = memory
      .versions()
      .filter((version) => version.entityType === entityType)
      .filter(({ until }) => until === undefined || until > firstBlock)
    const all = versions.map(({ vid, from, until }) => `${vid} ${from} ${until ?? 'open'}`)
    const current = versions.filter(({ until }) => until === undefined).map(({ vid }) => `${vid}`)
    const then = versions
      .filter(({ from, until }) => from <= at && (until === undefined || until > at))
      .map(({ vid }) => `${vid}`)
    const found = await Promise.all([
      texts(
        `concat(toString(vid), ' ', toString(block_from), ' ', ifNull(toString(block_to), 'open'))`,
        `subgraph_${name}.${table}_history`,
      ),
      texts('toString(vid)', `subgraph_${name}.\`${table}\``),
      texts('toString(vid)', `subgraph_${name}.${table}_at(block = ${at})`),
    ])
    expect([entityType, ...found]).toEqual([
      entityType,
      all.toSorted(),
      current.toSorted(),
      then.toSorted(),
    ])
  }
  const orders = memory
    .versions()
    .filter(({ entityType, until }) => entityType === 'Order' && until === undefined)
    .map(({ entity }) => {
      const text = (field: string) => valueText(entity.get(field)) ?? 'none'
      return [text('id'), text('owner'), text('number'), text('price'), text('blockFrom')].join(' ')
    })
  const columns = `concat(id, ' 0x', lower(hex(owner)), ' ', if(mapContains(_large, 'number'), _large['number'], toString(number)), ' ', ifNull(price, 'none'), ' ', ifNull(toString(block_from_), 'none'))`
  expect(await texts(columns, `subgraph_${name}.order`)).toEqual(orders.toSorted())
  const owned = await texts('id', `subgraph_${name}.order_by_owner(owner = unhex('ac01'))`)
  const isOwned = (entity: Entity) => valueText(entity.get('owner')) === '0xac01'
  const current = memory.versions().filter(({ until }) => until === undefined)
  expect(owned).toEqual(
    current
      .filter(({ entityType, entity }) => entityType === 'Order' && isOwned(entity))
      .map(({ id }) => id)
      .toSorted(),
  )
  const proofs = await texts(
    `concat(toString(block), ' ', lower(hex(digest)))`,
    `subgraph_${name}._block where has_proof`,
  )
  expect(proofs).toEqual(
    memory
      .proofs()
      .map(({ block, digest }) => `${block} ${Buffer.from(digest).toString('hex')}`)
      .toSorted(),
  )
}

async function comparePoints(store: ClickHouseStore, memory: MemoryStore): Promise<void> {
  const from = 20n * 3_600_000_000n
  expect(await store.points('Point', from)).toEqual(await memory.points('Point', from))
  const inOrder = (buckets: readonly Entity[]) =>
    buckets.toSorted((a, b) =>
      (valueText(a.get('id')) ?? '') < (valueText(b.get('id')) ?? '') ? -1 : 1,
    )
  expect(inOrder(await store.newestBuckets('Stats_hour', ['owner']))).toEqual(
    inOrder(await memory.newestBuckets('Stats_hour', ['owner'])),
  )
  const [newest] = await memory.newestBuckets('Stats_hour', [])
  const found = await store.newestBuckets('Stats_hour', [])
  expect(found.map((bucket) => bucket.get('timestamp'))).toEqual(
    newest === undefined ? [] : [newest.get('timestamp')],
  )
}

async function texts(expression: string, from: string): Promise<readonly string[]> {
  const rows = await queryRows<{ text: string }>(
    scratch.reader,
    `select ${expression} as text from ${from}`,
  )
  return rows.map(({ text }) => text).toSorted()
}

function open(name: string, client: ClickHouseClient): Promise<ClickHouseStore> {
  return openClickHouseStore({
    client,
    name,
    deployment: 'QmProgram',
    schema: PROGRAM_SCHEMA,
    limits: LIMITS,
    nowMs: () => 0,
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
  })
}
