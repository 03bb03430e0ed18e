import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseEntitySchema } from '../entity-cache/entity-schema.ts'
import type { Bucket } from '../entity-cache/entity-store.ts'
import { openMemoryStore } from '../entity-cache/memory-store.ts'
import { openRollUps } from './roll-up.ts'
import {
  chains,
  changesOf,
  DAY,
  HOUR,
  recount,
  rowText,
  SERIES_SCHEMA,
  type SeriesBlock,
  START,
} from './testing/random-series.ts'

const SEED = { seed: 20_261_122, numRuns: 400 }
test('the rows are those of a recount of all points, whatever was taken back and run again', async () => {
  await fc.assert(
    fc.asyncProperty(chains(), fc.infiniteStream(fc.nat({ max: 9 })), async (blocks, chances) => {
      const run = openRun()
      for (const [number, block] of blocks.entries()) {
        await run.block(number, block)
        const chance = next(chances)
        if (chance === 0) run.restart()
        if (chance > 2) continue
        const to = Math.max(-1, number - next(chances))
        await run.revertTo(to)
        // The chain that is taken back had other points, and closed other buckets.
        for (let again = to + 1; again <= number; again += 1)
          await run.block(again, lostBlock(again))
        await run.revertTo(to)
        for (let again = to + 1; again <= number; again += 1) {
          const known = blocks[again]
          if (known !== undefined) await run.block(again, known)
        }
      }
      expect(run.rows()).toEqual(recount(blocks))
    }),
    SEED,
  )
})

test('a bucket is closed by the first block after its end in which something ran', async () => {
  const run = openRun()
  const point = { token: 'a', units: 1n }
  await run.block(1, { second: START + 10, points: [point, point], runs: true })
  await run.block(2, { second: START + HOUR - 1, points: [point], runs: true })
  expect(run.rows()).toEqual([])
  await run.block(3, { second: START + HOUR, points: [], runs: false })
  expect(run.rows()).toEqual([])
  await run.block(4, { second: START + 5 * HOUR, points: [point], runs: true })
  await run.block(5, { second: START + 5 * HOUR, points: [point], runs: true })
  await run.block(6, { second: START + 3 * DAY, points: [], runs: true })
  const rows = run.rows().map(([type, block, id, timestamp, , count, total]) => {
    const second = Number(timestamp) / 1_000_000 - START
    return { type, block, id, second, count, total }
  })
  expect(rows).toEqual([
    { type: 'Stats_hour', block: 4, id: `${2n << 32n}`, second: 0, count: '3', total: '3' },
    { type: 'Stats_hour', block: 6, id: `${5n << 32n}`, second: 5 * HOUR, count: '2', total: '2' },
    { type: 'Stats_day', block: 6, id: `${5n << 32n}`, second: 0, count: '5', total: '5' },
  ])
})

test('rows come by interval and id, whatever the order of the points', async () => {
  const points = ['c', undefined, 'a', 'b'].map((token) => ({ token, units: 1n }))
  const block = { second: START, points, runs: true }
  const first = openRun()
  await first.block(1, block)
  const buckets = await first.block(2, { second: START + DAY, points: [], runs: true })
  expect(
    buckets.map(({ entityType, vid, entity }) => [entityType, vid, entity.get('token')]),
  ).toEqual(
    ['Stats_hour', 'Stats_day'].flatMap((type, index) =>
      points.map(({ token }, place) => [
        type,
        (2n << 32n) + BigInt(4 * index + place),
        token === undefined ? undefined : { type: 'String', value: token },
      ]),
    ),
  )
})

test('what cannot be computed stops the block that closes the bucket, and no earlier one', async () => {
  const schema = parseEntitySchema(`
    type Point @entity(timeseries: true) { id: Int8! timestamp: Timestamp! units: BigInt token: String }
    type Share @aggregation(intervals: ["hour"], source: "Point") {
      id: Int8!
      timestamp: Timestamp!
      share: BigDecimal! @aggregate(fn: "sum", arg: "1 / (units - 7)")
    }`)
  const run = openRun(schema)
  const point = (units: bigint | undefined) => ({ token: undefined, units })
  await run.block(1, { second: START, points: [point(7n)], runs: true })
  await run.block(2, { second: START + 1, points: [point(8n)], runs: true })
  await expect(
    run.block(3, { second: START + HOUR, points: [], runs: true }),
  ).rejects.toMatchObject({
    code: 'SUBGRAPH_AGGREGATION_FAILED',
    message: `expected a row of Share_hour for the bucket from second ${START} on, found: division by zero`,
  })
  await run.revertTo(0)
  await run.block(1, { second: START, points: [point(undefined)], runs: true })
  await expect(
    run.block(3, { second: START + HOUR, points: [], runs: true }),
  ).rejects.toMatchObject({
    message: `expected a row of Share_hour for the bucket from second ${START} on, found: null for share, which is not nullable`,
  })
})

function lostBlock(number: number): SeriesBlock {
  const points = [{ token: 'lost', units: BigInt(number) }]
  return { second: START + number * 20_000, points, runs: true }
}

function openRun(schema = SERIES_SCHEMA) {
  const store = openMemoryStore()
  let rollUps = openRollUps(schema, store)
  return {
    restart: () => {
      rollUps = openRollUps(schema, store)
    },
    revertTo: async (number: number) => {
      rollUps.forget()
      await store.revertTo(number)
    },
    block: async (number: number, block: SeriesBlock): Promise<readonly Bucket[]> => {
      const changes = await rollUps.withBuckets(changesOf(number, block))
      await store.commit(changes)
      rollUps.advance(changes)
      return changes.buckets
    },
    rows: () =>
      store
        .versions()
        .filter(({ entityType }) => entityType !== 'Point')
        .map(({ entityType, from, entity }) => rowText(entityType, from, entity)),
  }
}

function next(stream: Iterator<number>): number {
  return Number(stream.next().value)
}
