import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseEntitySchema } from '../entity-cache/entity-schema.ts'
import type { Bucket } from '../entity-cache/entity-store.ts'
import { type Entity, type StoreValue, valueText } from '../entity-cache/entity.ts'
import { openMemoryStore } from '../entity-cache/memory-store.ts'
import { openRollUps } from './roll-up.ts'

const SEED = { seed: 20_261_122, numRuns: 400 }
const HOUR = 3600
const DAY = 24 * HOUR
/** A midnight. */
const START = 20_000 * DAY

const SCHEMA = parseEntitySchema(`
  type Point @entity(timeseries: true) {
    id: Int8!
    timestamp: Timestamp!
    token: String
    units: BigInt
  }
  type Stats @aggregation(intervals: ["hour", "day"], source: "Point") {
    id: Int8!
    timestamp: Timestamp!
    token: String
    pointCount: Int8! @aggregate(fn: "count")
    total: BigInt @aggregate(fn: "sum", arg: "units")
    least: BigInt @aggregate(fn: "min", arg: "units")
    greatestSquare: BigInt @aggregate(fn: "max", arg: "units * units")
    firstUnits: BigInt @aggregate(fn: "first", arg: "units")
    lastUnits: BigInt @aggregate(fn: "last", arg: "units")
    totalEver: BigInt @aggregate(fn: "sum", arg: "units", cumulative: true)
    pointsEver: Int8! @aggregate(fn: "count", cumulative: true)
    firstEver: BigInt @aggregate(fn: "first", arg: "units", cumulative: true)
  }`)

type Point = { readonly token: string | undefined; readonly units: bigint | undefined }
type Block = { readonly second: number; readonly points: readonly Point[]; readonly runs: boolean }

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

function lostBlock(number: number): Block {
  const points = [{ token: 'lost', units: BigInt(number) }]
  return { second: START + number * 20_000, points, runs: true }
}

function openRun(schema = SCHEMA) {
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
    block: async (number: number, { second, points, runs }: Block): Promise<readonly Bucket[]> => {
      const entities = points.map((point, place) => pointEntity(number, place, second, point))
      const changes = await rollUps.withBuckets({
        block: { number, hash: '0x', timestamp: BigInt(second) },
        changes: entities.toReversed().map((entity, vid) => ({
          type: 'insert',
          entityType: 'Point',
          id: valueText(entity.get('id')) ?? '',
          entity,
          vid: BigInt(vid),
        })),
        proof: runs ? new Uint8Array(32) : undefined,
        createdSources: [],
        failures: [],
      })
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

function pointEntity(number: number, place: number, second: number, point: Point): Entity {
  const entity = new Map<string, StoreValue>()
  entity.set('id', { type: 'Int8', value: idOf(number, place) })
  entity.set('timestamp', { type: 'Timestamp', value: BigInt(second) * 1_000_000n })
  if (point.token !== undefined) entity.set('token', { type: 'String', value: point.token })
  if (point.units !== undefined) entity.set('units', { type: 'BigInt', value: point.units })
  return entity
}

const COLUMNS = [
  'id',
  'timestamp',
  'token',
  'pointCount',
  'total',
  'least',
  'greatestSquare',
].concat(['firstUnits', 'lastUnits', 'totalEver', 'pointsEver', 'firstEver'])

function rowText(entityType: string, from: number, entity: Entity) {
  return [entityType, from, ...COLUMNS.map((name) => valueText(entity.get(name)) ?? null)]
}

/** Blocks of which many are at one time and some days apart. */
function chains(): fc.Arbitrary<readonly Block[]> {
  const steps = fc.constantFrom(0, 1, 900, HOUR - 1, HOUR, 5 * HOUR, DAY, 3 * DAY + 7)
  const token = fc.constantFrom('a', 'b', undefined)
  const units = fc.option(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), { nil: undefined })
  const points = fc.array(fc.record({ token, units }), { maxLength: 3 })
  const step = fc.record({ step: steps, points, runs: fc.boolean() })
  return fc.array(step, { minLength: 1, maxLength: 25 }).map((list) => {
    let second = START
    return list.map(({ step: duration, points: own, runs }) => {
      second += duration
      return { second, points: own, runs: runs || own.length > 0 }
    })
  })
}

type Counted = Point & { readonly id: bigint; readonly second: number; readonly number: number }

/** From all points at once: what the rows must be, in the order in which they come. */
function recount(blocks: readonly Block[]): readonly (readonly unknown[])[] {
  const points = blocks.flatMap(({ second, points: own }, number) =>
    own.map((point, place): Counted => ({ ...point, id: idOf(number, place), second, number })),
  )
  const rows = [
    { type: 'Stats_hour', length: HOUR },
    { type: 'Stats_day', length: DAY },
  ].flatMap(({ type, length }, interval) => {
    const bucketOf = ({ second }: Counted) => Math.floor(second / length)
    const buckets = new Set(points.map(bucketOf))
    return [...buckets].flatMap((bucket) => {
      const end = (bucket + 1) * length
      const closedBy = blocks.findIndex(({ second, runs }) => runs && second >= end)
      if (closedBy < 0) return []
      const inside = points.filter((point) => bucketOf(point) === bucket)
      return [...new Set(inside.map(({ token }) => token))].map((token) => {
        const own = inside.filter((point) => point.token === token)
        const before = points.filter((point) => point.token === token && bucketOf(point) < bucket)
        const ever = token === undefined ? own : [...before, ...own]
        const id = own.at(-1)?.id ?? 0n
        const time = `${bucket * length}000000`
        const row = [type, closedBy, `${id}`, time, token ?? null, ...counts(own, ever)]
        return { closedBy, interval, id, row }
      })
    })
  })
  rows.sort((a, b) => a.closedBy - b.closedBy || a.interval - b.interval || (a.id < b.id ? -1 : 1))
  return rows.map(({ row }) => row)
}

function counts(own: readonly Counted[], ever: readonly Counted[]) {
  const values = (points: readonly Counted[]) =>
    points.flatMap(({ units }) => (units === undefined ? [] : [units]))
  const [units, all] = [values(own), values(ever)]
  const sum = (list: readonly bigint[]) =>
    list.length === 0 ? undefined : list.reduce((total, value) => total + value, 0n)
  const greatest = (list: readonly bigint[]) =>
    list.reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined)
  const least = greatest(units.map((value) => -value))
  const found = [
    BigInt(own.length),
    sum(units),
    least === undefined ? undefined : -least,
    greatest(units.map((value) => value * value)),
    units[0],
    units.at(-1),
    sum(all),
    BigInt(ever.length),
    all[0],
  ]
  return found.map((value) => (value === undefined ? null : `${value}`))
}

function idOf(number: number, place: number): bigint {
  return (BigInt(number) << 32n) + BigInt(place)
}

function next(stream: Iterator<number>): number {
  return Number(stream.next().value)
}
