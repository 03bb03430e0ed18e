import { queryRows, type ScratchDatabase, startScratchDatabase } from '@foggara/database'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { valueText } from '../entity-cache/entity.ts'
import { type ClickHouseStore, openClickHouseStore } from '../store/clickhouse-store.ts'
import { openRollUps } from './roll-up.ts'
import { chains, changesOf, recount, rowText, SERIES_SCHEMA } from './testing/random-series.ts'

const SEED = { seed: 20_261_123, numRuns: 5, endOnFailure: true }

let scratch: ScratchDatabase
let seriesCount = 0

beforeAll(async () => {
  scratch = await startScratchDatabase({ memoryMib: 3_000 })
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('tables have the rows of a recount, after restarts and forks in the middle of buckets', async () => {
  const chances = fc.infiniteStream(fc.nat({ max: 11 }))
  await fc.assert(
    fc.asyncProperty(chains(), chances, async (blocks, chance) => {
      seriesCount += 1
      const name = `series_${seriesCount}`
      let store = await open(name)
      let rollUps = openRollUps(SERIES_SCHEMA, store)
      for (let number = 0; number < blocks.length;) {
        const block = blocks[number]
        if (block === undefined) break
        const changes = await rollUps.withBuckets(changesOf(number, block))
        await store.commit(changes)
        rollUps.advance(changes)
        number += 1
        const what = next(chance)
        if (what === 0) {
          // Blocks that were not flushed are gone, and run again.
          store = await open(name)
          rollUps = openRollUps(SERIES_SCHEMA, store)
          number = (store.lastBlock()?.number ?? -1) + 1
        } else if (what === 1) await store.flush()
        else if (what === 2 && number > 1) {
          const to = Math.max(0, number - 2 - next(chance))
          rollUps.forget()
          await store.revertTo(to)
          number = to + 1
        }
      }
      await store.flush()
      expect(await rowsOf(store)).toEqual(inOrder(recount(blocks)))
    }),
    SEED,
  )
}, 120_000)

type Row = readonly unknown[]

async function rowsOf(store: ClickHouseStore): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const { bucketType } of SERIES_SCHEMA.aggregations) {
    const { name } = bucketType
    const found = await queryRows<{ id: string; block: string }>(
      scratch.reader,
      `select toString(id) as id, toString(block_from) as block from ${store.database}.${name.toLowerCase()}`,
    )
    const blocks = new Map(found.map(({ id, block }) => [id, Number(block)]))
    // Whatever has a time can be read from a time on.
    for (const bucket of await store.points(name, 0n)) {
      const id = valueText(bucket.get('id')) ?? 'none'
      rows.push(rowText(name, blocks.get(id) ?? -1, bucket))
    }
    expect(blocks.size).toBe(found.length)
  }
  return inOrder(rows)
}

function inOrder(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

function open(name: string): Promise<ClickHouseStore> {
  return openClickHouseStore({
    client: scratch.writer,
    name,
    deployment: 'QmSeries',
    schema: SERIES_SCHEMA,
    limits: { rowCountMax: 12, byteLengthMax: 100_000, blockCountMax: 4 },
    nowMs: () => 0,
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
  })
}

function next(stream: Iterator<number>): number {
  return Number(stream.next().value)
}
