import {
  type ScratchDatabase,
  command,
  insertRows,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import type { Snapshot } from '@foggara/schema'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { snapshotToLines } from '../commit/snapshot-tables.ts'
import { arbitrarySnapshot } from '../epoch/arbitrary-snapshot.ts'
import { computeEpoch } from '../epoch/compute-epoch.ts'
import { SAMPLE_RULESET, SAMPLE_SNAPSHOT } from '../epoch/sample-snapshot.ts'
import { referenceEngine } from '../reference/reference-engine.ts'
import { computeRewardsSql, computeScoresSql, scoreLiteral } from './compute-epoch-sql.ts'

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await startScratchDatabase()
})

afterAll(async () => {
  await scratch[Symbol.asyncDispose]()
})

test('ClickHouse computes the sample epoch to the bit, with and without a tight cap', async () => {
  for (const payeeCapBps of [10_000, 5_000, 700]) {
    const ruleset = { ...SAMPLE_RULESET, payeeCapBps }
    const { sql, reference } = await bothOf({ ...SAMPLE_SNAPSHOT, ruleset })
    expect(sql).toEqual(reference)
  }
})

test('ClickHouse computes an epoch without anything to the bit', async () => {
  const { sql, reference } = await bothOf({
    ...SAMPLE_SNAPSHOT,
    budget: 0n,
    assets: [],
    edges: [],
    contributions: [],
    receipts: [],
    holdings: [],
    reviews: [],
    disputedAssets: [],
    slashedProviders: [],
    exclusions: [],
    balances: [],
  })
  expect(sql).toEqual(reference)
})

test('ClickHouse agrees with the reference on provenance that goes round', async () => {
  const [first] = SAMPLE_SNAPSHOT.edges
  if (first === undefined) throw new Error('the sample has edges')
  const back = { ...first, childId: first.parentId, parentId: first.childId, shareE8: 90_000_000 }
  const edges = [...SAMPLE_SNAPSHOT.edges, back]
  const { sql, reference } = await bothOf({ ...SAMPLE_SNAPSHOT, edges })
  expect(sql).toEqual(reference)
})

test('a run that is deeper than a statement may recurse takes several to the same end', async () => {
  const [first] = SAMPLE_SNAPSHOT.edges
  if (first === undefined) throw new Error('the sample has edges')
  const back = { ...first, childId: first.parentId, parentId: first.childId, shareE8: 90_000_000 }
  const snapshot = { ...SAMPLE_SNAPSHOT, edges: [...SAMPLE_SNAPSHOT.edges, back] }
  const lines = await storeLines(snapshot)
  const { scores } = await computeEpoch(snapshot, referenceEngine)
  const execute = (sql: string) => queryRows<unknown>(scratch.reader, sql)
  const found = await computeScoresSql(execute, lines, snapshot.ruleset, 7)
  expect(found).toEqual(scores)
})

test('ClickHouse agrees with the reference on random economies', async () => {
  const isEqual = fc.asyncProperty(arbitrarySnapshot(), async (snapshot) => {
    const { sql, reference } = await bothOf(snapshot)
    expect(sql).toEqual(reference)
  })
  await fc.assert(isEqual, { seed: 20267, numRuns: 6 })
}, 120_000)

/** What SQL computes beside what the reference computes. */
async function bothOf(snapshot: Snapshot) {
  const execute = (sql: string) => queryRows<unknown>(scratch.reader, sql)
  const lines = await storeLines(snapshot)
  const scores = await computeScoresSql(execute, lines, snapshot.ruleset)
  const rewards = await computeRewardsSql(execute, lines, scoreLiteral(scores), snapshot)
  const expected = await computeEpoch(snapshot, referenceEngine)
  const { pools, parts, withheld, allocations } = expected
  return {
    sql: { scores, ...rewards },
    reference: { scores: expected.scores, pools, parts, withheld, allocations },
  }
}

let tableCount = 0

async function storeLines(snapshot: Snapshot): Promise<string> {
  const name = `snapshot_${tableCount++}`
  const engine = 'engine = MergeTree order by table_name'
  await command(scratch.writer, `create table ${name} (table_name String, line String) ${engine}`)
  const tables = Object.entries(snapshotToLines(snapshot))
  const rows = tables.flatMap(([table, lines]) =>
    lines.map((line) => ({ table_name: table, line })),
  )
  await insertRows(scratch.writer, name, rows)
  return name
}
