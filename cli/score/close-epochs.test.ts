import {
  type ScratchDatabase,
  command,
  currentPin,
  migrate,
  startScratchDatabase,
} from '@foggara/database'
import { computeEpoch, createWasmEngine, referenceEngine } from '@foggara/gpu-analytics'
import { openEpochStore } from '@foggara/ingest'
import { type EpochResult, type Snapshot, migrations } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openEngine } from '../engine/open-engine.ts'
import {
  ALICE,
  BOB,
  CAROL,
  CHAIN_ID,
  CONSUMER,
  DISTRIBUTOR,
  PROVIDER,
  RULESET,
  asset,
  blockHash,
  digest,
  writeSmallEconomy,
} from '../test/small-economy.ts'
import { differenceLine } from '../verify/first-difference.ts'
import { readEpoch, readResults } from '../verify/read-epoch.ts'
import { verifyWithEngine, verifyWithSql } from '../verify/verify-engine.ts'
import { inputDifference } from '../verify/verify-inputs.ts'
import { type CloserOptions, closeNextEpoch, rowsOf } from './close-epochs.ts'
import { storeEpoch } from './store-epoch.ts'

let scratch: ScratchDatabase
let closer: CloserOptions
const closed: { snapshot: Snapshot; result: EpochResult }[] = []

beforeAll(async () => {
  scratch = await startScratchDatabase()
  const { url, username, password } = scratch.database
  await migrate({ url, username, password, database: 'default' }, migrations('single'))
  await writeSmallEconomy(scratch.writer)
  const epochs = await openEpochStore({
    client: scratch.writer,
    nowMs: () => 0,
    sleep: async () => undefined,
    signal: new AbortController().signal,
  })
  const wasm = await createWasmEngine()
  closer = {
    client: scratch.writer,
    compute: async (snapshot) => ({
      result: await computeEpoch(snapshot, wasm),
      executions: [],
    }),
    chainId: CHAIN_ID,
    distributor: DISTRIBUTOR,
    store: async (snapshot, result) => {
      await storeEpoch(epochs, snapshot, result)
      closed.push({ snapshot, result })
    },
  }
})

afterAll(async () => {
  await scratch[Symbol.asyncDispose]()
})

test('an epoch closes when its last block is final, from the state at that block', async () => {
  expect(await closeNextEpoch(closer, 9)).toBeUndefined()
  await closeNextEpoch(closer, 10)
  const [first] = closed
  expect(first?.snapshot).toEqual({
    chainId: CHAIN_ID,
    distributor: DISTRIBUTOR,
    epoch: 1,
    firstBlock: 1,
    cutoffBlock: 10,
    cutoffHash: blockHash(10),
    ruleset: RULESET,
    budget: 1_000_007n,
    assets: [
      { assetId: asset(1), kind: 'MODEL', holder: BOB },
      { assetId: asset(2), kind: 'DATASET', holder: CAROL },
    ],
    edges: [{ childId: asset(1), parentId: asset(2), relation: 'TRAINED_ON', shareE8: 20_000_000 }],
    contributions: [
      {
        contributionId: 1n,
        assetId: asset(2),
        contributor: BOB,
        role: 'DATA_PROVIDER',
        shareE8: 25_000_000,
      },
    ],
    receipts: [
      receipt(1, 1000n, [asset(1)]),
      receipt(2, 3000n, [asset(1), asset(2)]),
      receipt(4, 0n, [asset(2)]),
    ],
    holdings: [
      { assetId: asset(1), holder: ALICE, weight: 1000n },
      { assetId: asset(1), holder: BOB, weight: 3000n },
      { assetId: asset(2), holder: CAROL, weight: 3000n },
    ].toSorted((a, b) => (a.assetId + a.holder < b.assetId + b.holder ? -1 : 1)),
    reviews: [{ account: ALICE, count: 1 }],
    disputedAssets: [],
    slashedProviders: [],
    exclusions: [],
    balances: [],
  })
})

test('the next epoch counts what arrived since, once, and goes on from the ledger', async () => {
  expect(await closeNextEpoch(closer, 19)).toBeUndefined()
  await closeNextEpoch(closer, 35)
  const [first, second] = closed
  expect(second?.snapshot).toMatchObject({
    epoch: 2,
    firstBlock: 11,
    cutoffBlock: 20,
    ruleset: { version: 1 },
    budget: 500_000n,
    edges: [],
    receipts: [receipt(3, 500n, [asset(3)]), receipt(5, 70n, [asset(2)])],
    reviews: [
      { account: BOB, count: 1 },
      { account: ALICE, count: 1 },
    ],
    disputedAssets: [{ assetId: asset(2), disputeId: 1n }],
    slashedProviders: [{ provider: PROVIDER, amount: 5n }],
    exclusions: [{ account: BOB, proposalId: 2n }],
  })
  expect(second?.snapshot.holdings).toContainEqual({
    assetId: asset(1),
    holder: BOB,
    weight: 1n,
  })
  const ledger = first?.result.allocations.map(({ account, carryAfter, cumulative }) => ({
    account,
    carry: carryAfter,
    cumulative,
  }))
  expect(second?.snapshot.balances).toEqual(ledger)
})

test('a ruleset counts from its epoch on, never when it came after the cutoff', async () => {
  await closeNextEpoch(closer, 35)
  expect(closed[2]?.snapshot).toMatchObject({ epoch: 3, ruleset: { version: 3 } })
  expect(closed[2]?.snapshot.reviews).toEqual([{ account: CAROL, count: 1 }])
  expect(await closeNextEpoch(closer, 35)).toBeUndefined()
})

test('a stored epoch is equal in the reference, in WASM, in DuckDB and in ClickHouse SQL', async () => {
  const { stored, results, pin } = await readStored(2)
  expect(await inputDifference(stored, scratch.reader)).toBeUndefined()
  const settings = { threadCount: 1, takesSoftwareGpu: false }
  for (const name of ['reference', 'wasm', 'duckdb'] as const) {
    await using opened = await openEngine({ ...settings, engine: name })
    const { difference } = await verifyWithEngine(stored, results, opened.engine)
    expect(difference).toBeUndefined()
  }
  const sql = await verifyWithSql(stored, results, rowsOf(scratch.reader), pin)
  expect(sql).toEqual({
    scoresSha256: stored.manifest.scoresSha256,
    root: stored.manifest.root,
    difference: undefined,
  })
})

test('a snapshot line that was changed is found and named', async () => {
  await change('snapshot_line_rows', `line = replace(line, '"fee":"3000"', '"fee":"3001"')`)
  const { stored } = await readStored(1)
  const difference = await inputDifference(stored, scratch.reader)
  expect(difference).toMatchObject({ table: 'snapshot receipts', key: 'line 2' })
  expect(difference?.expected).toContain('"fee":"3000"')
  expect(difference?.found).toContain('"fee":"3001"')
  await change('snapshot_line_rows', `line = replace(line, '"fee":"3001"', '"fee":"3000"')`)
  expect(await inputDifference((await readStored(1)).stored, scratch.reader)).toBeUndefined()
})

test('a result that was changed is named with its row and field, by every engine', async () => {
  await change('allocation_rows', `earned = earned + if(account = unhex('${BOB.slice(2)}'), 1, 0)`)
  const { stored, results, pin } = await readStored(1)
  const verdicts = [
    await verifyWithEngine(stored, results, referenceEngine),
    await verifyWithSql(stored, results, rowsOf(scratch.reader), pin),
  ]
  const row = closed[0]?.result.allocations.find(({ account }) => account === BOB)
  const earned = row?.earned ?? 0n
  for (const { difference } of verdicts) {
    expect(difference && differenceLine(difference)).toBe(
      `allocation (${BOB}, earned): expected ${earned}, found ${earned + 1n}`,
    )
  }
})

test('an epoch that is not closed cannot be verified', async () => {
  await expect(readStored(9)).rejects.toThrow(expect.objectContaining({ code: 'EPOCH_NOT_CLOSED' }))
})

function receipt(number: number, fee: bigint, assets: readonly string[]) {
  return {
    digest: digest(number),
    provider: PROVIDER,
    consumer: CONSUMER,
    workload: 'INFERENCE',
    fee,
    units: 3n,
    assets,
  }
}

async function readStored(epoch: number) {
  const rows = rowsOf(scratch.reader)
  const pin = await currentPin(scratch.reader)
  const stored = await readEpoch(rows, pin, epoch)
  return { stored, results: await readResults(rows, pin, epoch), pin }
}

async function change(table: string, update: string): Promise<void> {
  const settings = { settings: { mutations_sync: '1' as const } }
  await command(
    scratch.writer,
    `alter table ${table} update ${update} where epoch = 1`,
    {},
    settings,
  )
}
