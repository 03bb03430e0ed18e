import type { EntityField } from '../entity-cache/entity-schema.ts'
import type { Bucket } from '../entity-cache/entity-store.ts'
import { type Entity, type StoreValue, valueText } from '../entity-cache/entity.ts'
import { NonDeterministicError } from '../failure.ts'
import { type Accumulator, openAccumulator } from './accumulator.ts'
import type { Aggregation } from './aggregation.ts'
import { SqlError } from './sql-number.ts'

/** The open bucket of one aggregation and interval: its points are in no row of the store yet. */
export type BucketTable = {
  readonly source: string
  readonly isCumulative: boolean
  /**
   * Goes on after the newest bucket of every group; gives the time, in microseconds, from which on
   * points are in none.
   */
  goOn(newest: readonly Entity[]): bigint
  /** Takes points of the source, and passes over those in buckets that were closed. */
  add(points: readonly Entity[]): void
  /** The rows of the open bucket, by id, where it ends at or before the time, in seconds. */
  close(timestamp: bigint): readonly BucketRow[]
  /** Takes over the rows of this table that were committed, and starts the next bucket. */
  reopen(buckets: readonly Bucket[]): void
}

/** A row before it belongs to a block. */
export type BucketRow = Omit<Bucket, 'vid'>

const MICROSECONDS = 1_000_000n

/** Opens an aggregation without any points. */
export function openBucketTable(aggregation: Aggregation): BucketTable {
  const { bucketType, bucketLength, source, dimensions, aggregates } = aggregation
  const isCumulative = aggregates.some((aggregate) => aggregate.isCumulative)
  const length = bucketLength * MICROSECONDS
  const groups = new Map<string, Group>()
  const previous = new Map<string, Entity>()
  let openFrom = 0n
  let start: bigint | undefined
  let failure: SqlError | undefined
  const keep = (bucket: Entity) => {
    const key = groupKey(bucket, dimensions)
    if (isCumulative && key.isComplete) previous.set(key.text, bucket)
  }
  const addPoint = (point: Entity, id: bigint) => {
    const key = groupKey(point, dimensions).text
    const group = groups.get(key) ?? {
      maxId: id,
      point,
      accumulators: aggregates.map(openAccumulator),
    }
    groups.set(key, group)
    if (id > group.maxId) group.maxId = id
    for (const accumulator of group.accumulators) accumulator.add(point, id)
  }
  return {
    source,
    isCumulative,
    goOn: (newest) => {
      for (const bucket of newest) {
        keep(bucket)
        const end = integerOf(bucket.get('timestamp')) + length
        if (end > openFrom) openFrom = end
      }
      return openFrom
    },
    add: (points) => {
      for (const { id, point } of byId(points)) {
        const timestamp = integerOf(point.get('timestamp'))
        if (timestamp < openFrom) continue
        start ??= timestamp - (timestamp % length)
        failure ??= failureOf(() => addPoint(point, id))
      }
    },
    close: (timestamp) => {
      if (start === undefined || timestamp * MICROSECONDS < start + length) return []
      const bucketStart = start
      const rows: BucketRow[] = []
      const found = failureOf(() => {
        for (const [key, group] of groups) {
          rows.push(rowOf(aggregation, group, { bucketStart, previous: previous.get(key) }))
        }
      })
      const failed = failure ?? found
      if (failed !== undefined) throw aggregationFailed(bucketType.name, bucketStart, failed)
      return rows.toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
    },
    reopen: (buckets) => {
      const own = buckets.filter(({ entityType }) => entityType === bucketType.name)
      if (own.length === 0 || start === undefined) return
      for (const { entity } of own) keep(entity)
      openFrom = start + length
      groups.clear()
      start = undefined
    },
  }
}

type Group = {
  maxId: bigint
  /** One of its points: they agree in the dimensions. */
  readonly point: Entity
  readonly accumulators: readonly Accumulator[]
}

function rowOf(
  { bucketType, dimensions, aggregates }: Aggregation,
  { maxId, point, accumulators }: Group,
  {
    bucketStart,
    previous,
  }: {
    readonly bucketStart: bigint
    readonly previous: Entity | undefined
  },
): BucketRow {
  const entity = new Map<string, StoreValue>()
  entity.set('id', { type: 'Int8', value: maxId })
  entity.set('timestamp', { type: 'Timestamp', value: bucketStart })
  for (const field of dimensions) setField(entity, field, point.get(field.name))
  for (const [index, { field, isCumulative }] of aggregates.entries()) {
    const before = isCumulative ? previous?.get(field.name) : undefined
    setField(entity, field, accumulators[index]?.end(before))
  }
  return { entityType: bucketType.name, id: `${maxId}`, entity }
}

/** Nulls make one group; but a group with a null among its dimensions never meets its past. */
function groupKey(
  entity: Entity,
  dimensions: readonly EntityField[],
): { readonly text: string; readonly isComplete: boolean } {
  const values = dimensions.map(({ name }) => valueText(entity.get(name)))
  return {
    text: JSON.stringify(values.map((value) => value ?? null)),
    isComplete: !values.includes(undefined),
  }
}

function setField(
  entity: Map<string, StoreValue>,
  field: EntityField,
  value: StoreValue | undefined,
): void {
  if (value !== undefined && value.type !== 'Null') entity.set(field.name, value)
  else if (field.isRequired) throw new SqlError(`null for ${field.name}, which is not nullable`)
}

function byId(points: readonly Entity[]): readonly { id: bigint; point: Entity }[] {
  const withIds = points.map((point) => ({ id: integerOf(point.get('id')), point }))
  return withIds.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}

function integerOf(value: StoreValue | undefined): bigint {
  if (value?.type === 'Int8' || value?.type === 'Timestamp') return value.value
  throw new TypeError(`expected a number that every point has, found ${value?.type ?? 'none'}`)
}

function failureOf(compute: () => void): SqlError | undefined {
  try {
    compute()
    return undefined
  } catch (error) {
    if (error instanceof SqlError) return error
    throw error
  }
}

/** graph-node's transaction fails there, and each further try of the block with it. */
function aggregationFailed(name: string, start: bigint, cause: SqlError): NonDeterministicError {
  const second = start / MICROSECONDS
  return new NonDeterministicError(
    `expected a row of ${name} for the bucket from second ${second} on, found: ${cause.message}`,
    'SUBGRAPH_AGGREGATION_FAILED',
    'Write the expression so that it holds for every point, such as with nullif or coalesce.',
    cause,
  )
}
