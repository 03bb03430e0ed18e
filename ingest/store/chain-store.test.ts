import { type ClickHouseClient, command, currentPin, pinAt, queryRows } from '@foggara/database'
import {
  BLOCK_TABLE,
  FoggaraError,
  type Hex,
  LOG_TABLE,
  type Pin,
  pinnedRelations,
} from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchIndex, startScratchIndex, visibleRows } from '../scratch-index.ts'
import { createFlakyClient } from '../simulation/flaky-client.ts'
import { type Random, openRandom } from '../simulation/random.ts'
import { type ChainStore, openChainStore } from './chain-store.ts'
import type { Row } from './row-binary.ts'

let index: ScratchIndex

beforeAll(async () => {
  index = await startScratchIndex()
})
afterAll(() => index[Symbol.asyncDispose]())

const SEED = 77

const RULES = { delayMs: 0, rowsKept: 3, provenBlock: -1 }

test(`whatever fails and whenever it restarts, what is visible is what was committed (seed ${SEED})`, async () => {
  const random = openRandom(SEED)
  const real = await index.open('model')
  const flaky = createFlakyClient(real)
  let store = await open(flaky.client)
  let model: readonly Block[] = []
  const failures: string[] = []
  for (let round = 0; round < 32; round += 1) {
    const next = random.oneIn(4) ? reorged(random, model) : grown(random, model)
    if (!random.oneIn(4)) flaky.failAfter(random.below(6), random.oneIn(2) ? 'before' : 'after')
    try {
      if (random.oneIn(5)) await store.settleUpTo((model.at(-1)?.block ?? 0) - 12, RULES)
      if (random.oneIn(6)) await store.collectGarbage({ delayMs: 0, countMin: 1 })
      if (settledBlock(store) < firstDifference(model, next)) {
        await commit(store, model, next)
        model = next
      }
    } catch (error) {
      failures.push(error instanceof FoggaraError ? error.code : String(error))
      flaky.disarm()
      // Half of the failures end the process: another one takes over.
      if (random.oneIn(2)) store = await open(flaky.client)
      model = reconcile(store, model, next)
    }
    flaky.disarm()
    await assertModel(real, model)
  }
  expect(failures.length).toBeGreaterThan(10)
  expect(new Set(failures)).toEqual(new Set(['DATABASE_UNREACHABLE']))
  expect(settledBlock(store)).toBeGreaterThan(0)
})

test('a pinned reader keeps its answer through commits, a reorg, settlement and collection', async () => {
  const client = await index.open('pinned')
  const store = await open(client)
  const random = openRandom(5)
  let model = grown(random, [], 30)
  await commit(store, [], model)
  const pin = await currentPin(client)
  const answer = await readLogs(client, pin)
  const other = [...model.slice(0, 25), ...grown(random, model.slice(0, 25), 10).slice(25)]
  await commit(store, model, other)
  model = other
  expect(await readLogs(client, pin)).toEqual(answer)
  await store.settleUpTo(20, RULES)
  expect(await readLogs(client, pin)).toEqual(answer)
  const newer = await currentPin(client)
  expect(newer).toMatchObject({ block: 35, settledBlock: 20 })
  const newest = await readLogs(client, newer)
  expect(newest).not.toEqual(answer)
  await store.collectGarbage({ delayMs: 0, countMin: 1 })
  expect(await readLogs(client, newer)).toEqual(newest)
  expect(await readLogs(client, await pinAt(client, 22))).toEqual(
    newest.filter(({ block }) => Number(block) <= 22),
  )
  await expect(pinAt(client, 36)).rejects.toMatchObject({ code: 'BLOCK_NOT_INDEXED' })
  await expect(pinAt(client, 0)).rejects.toMatchObject({ code: 'BLOCK_NOT_INDEXED' })
  await expect(pinAt(client, 1.5)).rejects.toMatchObject({ code: 'BLOCK_NOT_INDEXED' })
})

test('an empty index cannot be pinned, and says so', async () => {
  const client = await index.open('empty')
  await expect(currentPin(client)).rejects.toMatchObject({ code: 'BLOCK_NOT_INDEXED' })
  await open(client)
  await expect(currentPin(client)).rejects.toThrow(
    'expected an indexed block, found an empty index',
  )
})

test('rows that were lost are noticed at the next start, and their blocks are asked for again', async () => {
  const client = await index.open('damage')
  const random = openRandom(9)
  const model = grown(random, [], 40)
  const store = await open(client)
  await commit(store, [], model.slice(0, 10))
  await commit(store, model.slice(0, 10), model.slice(0, 25))
  await commit(store, model.slice(0, 25), model)
  await command(client, 'delete from log_hot where block = 17')
  const lost: string[] = []
  const reopen = (): Promise<ChainStore> =>
    openChainStore(surroundings(client), (damaged) => {
      for (const { table, commit: found } of damaged) {
        lost.push(`${table} ${found.firstBlock}-${found.lastBlock}`)
      }
    })
  const reopened = await reopen()
  expect(lost).toEqual(['log 11-25'])
  expect(reopened.head()).toEqual({ block: 10, hash: model[9]?.hash })
  await commit(reopened, model.slice(0, 10), model)
  await assertModel(client, model)
  await reopened.settleUpTo(30, RULES)
  // The boundary divides the commit of these blocks.
  await command(client, 'delete from log_hot where block > 30')
  const divided = await reopen()
  expect(lost).toEqual(['log 11-25', 'log 11-40'])
  expect(divided.head()).toEqual({ block: 30, hash: model[29]?.hash })
  await commit(divided, model.slice(0, 30), model)
  await assertModel(client, model)
  await divided.settleUpTo(40, RULES)
  await assertModel(client, model)
  await command(client, 'delete from log_settled where block <= 9')
  await expect(open(client)).rejects.toMatchObject({ code: 'SETTLED_ROWS_MISSING' })
})

test('a writer that was replaced by another cannot commit any more', async () => {
  const client = await index.open('fenced')
  const random = openRandom(3)
  const model = grown(random, [], 5)
  const first = await open(client)
  await commit(first, [], model)
  const second = await open(client)
  const next = grown(random, model, 2)
  await expect(commit(first, model, next)).rejects.toMatchObject({ code: 'WRITER_FENCED' })
  await assertModel(client, model)
  await commit(second, model, next)
  await assertModel(client, next)
})

type Block = { readonly block: number; readonly hash: Hex; readonly logs: number }

function surroundings(client: ClickHouseClient) {
  const { signal } = new AbortController()
  return { client, nowMs: () => 1_700_000_000_000, sleep: () => Promise.resolve(), signal }
}

function open(client: ClickHouseClient): Promise<ChainStore> {
  return openChainStore(surroundings(client), (damaged) => expect(damaged).toEqual([]))
}

function settledBlock(store: ChainStore): number {
  return store.settled()?.block ?? 0
}

function grown(random: Random, model: readonly Block[], count = 1 + random.below(8)): Block[] {
  const added = Array.from({ length: count }, (_, offset) => ({
    block: model.length + 1 + offset,
    hash: random.bytes(32),
    logs: random.below(3),
  }))
  return [...model, ...added]
}

function reorged(random: Random, model: readonly Block[]): Block[] {
  return grown(random, model.slice(0, Math.max(0, model.length - random.below(11))))
}

/** The number of the first block that is not the same in both. */
function firstDifference(before: readonly Block[], after: readonly Block[]): number {
  const same = after.findIndex(({ hash }, at) => before[at]?.hash !== hash)
  return (same === -1 ? after.length : same) + 1
}

async function commit(
  store: ChainStore,
  before: readonly Block[],
  after: readonly Block[],
): Promise<void> {
  const first = firstDifference(before, after)
  const retracted = store.commits().filter(({ lastBlock }) => lastBlock >= first)
  const from = Math.max(Math.min(first, retracted[0]?.firstBlock ?? first), settledBlock(store) + 1)
  const blocks = after.slice(from - 1)
  await store.commit({
    rowsByTable: new Map([
      ['block', blocks.map(blockRow)],
      ['log', blocks.flatMap(logRows)],
    ]),
    firstBlock: from,
    lastBlock: after.length,
    blockHashes: blocks.map(({ hash }) => hash),
    kills: retracted.map(({ seq }) => seq),
  })
}

/** After a failure the store says which of the two states it is in; both are whole. */
function reconcile(
  store: ChainStore,
  before: readonly Block[],
  after: readonly Block[],
): readonly Block[] {
  const hash = store.head()?.hash
  const model = [before, after].find((candidate) => candidate.at(-1)?.hash === hash)
  if (model === undefined) throw new Error(`the head ${hash} is of neither state`)
  return model
}

async function assertModel(client: ClickHouseClient, model: readonly Block[]): Promise<void> {
  const rows = await visibleRows(client, [BLOCK_TABLE, LOG_TABLE])
  const blocks = rows['block']?.map((row) => (JSON.parse(row) as { hash: Hex }).hash)
  expect(blocks).toEqual(model.map(({ hash }) => hash))
  const logs = rows['log']?.map((row) => Number((JSON.parse(row) as { block: string }).block))
  expect(logs).toEqual(
    model.flatMap(({ block, logs: count }) => Array.from({ length: count }, () => block)),
  )
  if (model.length === 0) return
  const { block, blockHash } = await currentPin(client)
  expect({ block, blockHash }).toEqual({ block: model.length, blockHash: model.at(-1)?.hash })
}

function blockRow({ block, hash, logs }: Block): Row {
  return {
    block,
    hash,
    parent_hash: hash,
    at_seconds: block,
    log_count: logs,
    evidence: 'trusted',
  }
}

function logRows({ block, hash, logs }: Block): readonly Row[] {
  return Array.from({ length: logs }, (_, position) => ({
    block,
    log_index: position,
    transaction_hash: hash,
    at_seconds: block,
    contract: 'VotesToken',
    event: '',
    address: hash.slice(0, 42),
    topics: [hash],
    payload: '0x',
  }))
}

async function readLogs(client: ClickHouseClient, pin: Pin) {
  return queryRows<{ block: string }>(
    client,
    `select block, log_index, hex(transaction_hash) as hash
    from ${pinnedRelations(pin).relation('log')} as logs
    order by block, log_index`,
  )
}
