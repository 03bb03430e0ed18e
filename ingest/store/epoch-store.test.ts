import { type ClickHouseClient, queryRows } from '@foggara/database'
import { EPOCH_TABLES, type EpochResult, type Hex, POOLS, type Withheld } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchIndex, startScratchIndex, visibleRows } from '../scratch-index.ts'
import { createFlakyClient } from '../simulation/flaky-client.ts'
import { sampleId } from '../simulation/sample-receipt.ts'
import { type ClosedEpoch, openEpochStore } from './epoch-store.ts'

const ACCOUNT: Hex = `0x${'ac'.repeat(20)}`

let scratch: ScratchIndex
let client: ClickHouseClient

beforeAll(async () => {
  scratch = await startScratchIndex()
  client = await scratch.open('epochs')
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('an epoch becomes visible as a whole or not at all, and once', async () => {
  const flaky = createFlakyClient(client)
  let store = await openEpochStore(surroundings(flaky.client))
  for (const requestCount of [1, 3, 6]) {
    flaky.failAfter(requestCount, requestCount === 3 ? 'after' : 'before')
    await expect(store.writeEpoch(sampleEpoch(1))).rejects.toMatchObject({ retryable: true })
    expect(await rowCounts()).toEqual([0, 0, 0, 0, 0, 0])
  }
  await store.writeEpoch(sampleEpoch(1))
  expect(await rowCounts()).toEqual([1, 3, 1, 5, 1, 2])
  await expect(store.writeEpoch(sampleEpoch(1))).rejects.toMatchObject({
    code: 'EPOCH_ALREADY_CLOSED',
  })
  store = await openEpochStore(surroundings(client))
  await expect(store.writeEpoch(sampleEpoch(1))).rejects.toMatchObject({
    code: 'EPOCH_ALREADY_CLOSED',
  })
  await store.writeEpoch(sampleEpoch(2))
  expect(await rowCounts()).toEqual([2, 6, 2, 10, 2, 4])
})

test('amounts, proofs and withheld parts are stored to the last unit', async () => {
  const [allocation] = await queryRows(
    client,
    `select toString(cumulative) as cumulative, arrayMap(x -> lower(hex(x)), proof) as proof
    from allocation where epoch = 1`,
  )
  expect(allocation).toEqual({ cumulative: String((1n << 255n) + 1n), proof: ['ee'.repeat(32)] })
  const parts = await queryRows(
    client,
    `select toString(amount) as amount, toString(score) as score, withheld_reason
    from allocation_part where epoch = 1 order by withheld_reason`,
  )
  expect(parts).toEqual([
    { amount: '70', score: String((1n << 127n) + 5n), withheld_reason: '' },
    { amount: '30', score: '1', withheld_reason: 'disputed' },
  ])
  const [epoch] = await queryRows(
    client,
    'select toString(carry_change) as change, manifest from closed_epoch where epoch = 1',
  )
  expect(epoch).toEqual({ change: '-3', manifest: '{"epoch":1}' })
})

function surroundings(writer: ClickHouseClient) {
  const { signal } = new AbortController()
  return { client: writer, nowMs: () => 0, sleep: () => Promise.resolve(), signal }
}

async function rowCounts(): Promise<readonly number[]> {
  const rows = await visibleRows(client, EPOCH_TABLES)
  return EPOCH_TABLES.map(({ name }) => rows[name]?.length ?? 0)
}

function sampleEpoch(epoch: number): ClosedEpoch {
  const part = { account: ACCOUNT, pool: 'creators', sourceId: sampleId('a1') } as const
  const withheld: Withheld = { ...part, score: 1n, amount: 30n, reason: 'disputed' }
  const amounts = { earned: 70n, carryBefore: 0n, carryAfter: 0n, paid: 70n }
  const result: EpochResult = {
    epoch,
    scores: [{ measure: 'rank', id: sampleId('a1'), score: 1n << 62n }],
    pools: POOLS.map((pool) => ({
      pool,
      bps: 2_000,
      amount: 20n,
      earned: 14n,
      withheld: 6n,
      unallocated: 0n,
    })),
    parts: [{ ...part, score: (1n << 127n) + 5n, amount: 70n }],
    withheld: [withheld],
    allocations: [{ account: ACCOUNT, ...amounts, cumulative: (1n << 255n) + 1n }],
    identity: {
      budget: 100n,
      paid: 73n,
      carryChange: -3n,
      withheld: 30n,
      unallocated: 0n,
      difference: 0n,
    },
    root: sampleId('50'),
    cumulativeTotal: 70n,
    manifest: {
      format: 'foggara-epoch-1',
      chainId: 1,
      distributor: ACCOUNT,
      epoch,
      firstBlock: 1,
      cutoffBlock: 60,
      cutoffHash: sampleId('60'),
      rulesetVersion: 1,
      rulesetHash: sampleId('51'),
      budget: '100',
      tables: {},
      scoresSha256: sampleId('52'),
      root: sampleId('50'),
      cumulativeTotal: '70',
    },
    manifestHash: sampleId('53'),
  }
  return {
    result,
    manifestText: `{"epoch":${epoch}}`,
    token: ACCOUNT,
    snapshot: [
      { tableName: 'asset', lines: ['one', 'two\n\n; drop table score'] },
      { tableName: 'edge', lines: ['three'] },
    ],
    proofs: new Map([[ACCOUNT, [sampleId('ee')]]]),
  }
}
