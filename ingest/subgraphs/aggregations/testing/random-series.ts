import fc from 'fast-check'

import { parseEntitySchema } from '../../entity-cache/entity-schema.ts'
import type { BlockChanges } from '../../entity-cache/entity-store.ts'
import { type Entity, type StoreValue, valueText } from '../../entity-cache/entity.ts'

/** Seconds. */
export const HOUR = 3600
/** Seconds. */
export const DAY = 24 * HOUR
/** A midnight. */
export const START = 20_000 * DAY

/** A series with a dimension and aggregates of every kind. */
export const SERIES_SCHEMA = parseEntitySchema(`
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

/** A point of the series. */
export type Point = { readonly token: string | undefined; readonly units: bigint | undefined }

/** A block with its points; in one that does not run there are none. */
export type SeriesBlock = {
  readonly second: number
  readonly points: readonly Point[]
  readonly runs: boolean
}

/** What a block does before it is known which buckets it closes; points come in any order. */
export function changesOf(
  number: number,
  { second, points, runs }: SeriesBlock,
): Omit<BlockChanges, 'buckets'> {
  const entities = points.map((point, place) => pointEntity(number, place, second, point))
  return {
    block: {
      number,
      hash: `0x${number.toString(16).padStart(64, '0')}`,
      timestamp: BigInt(second),
    },
    changes: entities.toReversed().map((entity, place) => ({
      type: 'insert',
      entityType: 'Point',
      id: valueText(entity.get('id')) ?? '',
      entity,
      vid: (BigInt(number) << 32n) + 100n + BigInt(place),
    })),
    proof: runs ? new Uint8Array(32).fill(number) : undefined,
    createdSources: [],
    failures: [],
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

/** The columns of a row, in the order of {@link rowText}. */
export const COLUMNS = [
  'id',
  'timestamp',
  'token',
  'pointCount',
  'total',
  'least',
  'greatestSquare',
].concat(['firstUnits', 'lastUnits', 'totalEver', 'pointsEver', 'firstEver'])

/** A bucket as {@link recount} gives it: values are text. */
export function rowText(entityType: string, from: number, entity: Entity) {
  return [entityType, from, ...COLUMNS.map((name) => valueText(entity.get(name)) ?? null)]
}

/** Blocks of which many are at one time and some days apart. */
export function chains(): fc.Arbitrary<readonly SeriesBlock[]> {
  const steps = fc.constantFrom(0, 1, 900, HOUR - 1, HOUR, 5 * HOUR, DAY, 3 * DAY + 7)
  const token = fc.constantFrom('a', 'b', undefined)
  const units = fc.option(fc.bigInt({ min: -(2n ** 260n), max: 2n ** 260n }), { nil: undefined })
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
export function recount(blocks: readonly SeriesBlock[]): readonly (readonly unknown[])[] {
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

/** The id of a point: its block, and its place in it. */
function idOf(number: number, place: number): bigint {
  return (BigInt(number) << 32n) + BigInt(place)
}
