import type { Sql, TransactionSql } from 'postgres'

/** A field of an aggregation, as the schema writes it. */
export type AggregateField = {
  readonly name: string
  readonly scalar: 'Int' | 'Int8' | 'BigInt' | 'BigDecimal' | 'String' | 'Bytes'
  readonly fn: 'sum' | 'count' | 'min' | 'max' | 'first' | 'last'
  readonly argument: string
  /** The fields of the timeseries in the argument. */
  readonly reads: readonly string[]
  readonly isCumulative: boolean
}

/** An aggregation over one interval, to be rolled up by Postgres. */
export type SqlAggregation = {
  readonly table: string
  readonly source: string
  readonly lengthSeconds: number
  readonly dimensions: readonly string[]
  readonly fields: readonly AggregateField[]
}

const COLUMN_TYPES = {
  Int: 'int4',
  Int8: 'int8',
  BigInt: 'numeric',
  BigDecimal: 'numeric',
  String: 'text',
  Bytes: 'bytea',
} as const

/** The types that graph-node has `first` and `last` for. */
const PICKED_TYPES = ['int4', 'int8', 'numeric', 'text', 'bytea']

/** Defines aggregates that pick the value of the lowest or highest place, as graph-node's do. */
export async function createPickAggregates(sql: Sql): Promise<void> {
  for (const type of PICKED_TYPES) {
    await sql.unsafe(`create type placed_${type} as (item ${type}, place int8)`)
    await sql.unsafe(`create function item_of(given placed_${type}) returns ${type}
      language sql immutable strict as 'select given.item'`)
    for (const [name, keepsFirst] of [
      ['lowest', 'one.place <= other.place'],
      ['highest', 'one.place > other.place'],
    ]) {
      const place = `placed_${type}`
      await sql.unsafe(`create function ${name}_of(one ${place}, other ${place}) returns ${place}
        language sql immutable strict as $$ select case
          when one.item is null then other
          when other.item is null then one
          when ${keepsFirst} then one else other end $$`)
      await sql.unsafe(`create aggregate ${name}_${type} (${place}) (
        sfunc = ${name}_of, stype = ${place}, finalfunc = item_of)`)
    }
  }
}

/** Creates the table of an aggregation; its dimensions are columns of the source. */
export async function createAggregation(sql: Sql, aggregation: SqlAggregation): Promise<void> {
  const { table, source, dimensions, fields } = aggregation
  const kept = dimensions.map((name) => `, ${quoted(name)}`).join('')
  await sql.unsafe(`create table ${table} as
    select id, timestamp, 0 as block${kept} from ${source} where false`)
  for (const { name, scalar } of fields) {
    await sql.unsafe(`alter table ${table} add column ${quoted(name)} ${COLUMN_TYPES[scalar]}`)
  }
}

/**
 * Rolls up the bucket that starts at a second by the statement that graph-node's documentation of
 * its roll-ups describes.
 */
export async function rollUp(
  sql: TransactionSql,
  aggregation: SqlAggregation,
  bucket: { readonly startSecond: number; readonly block: number },
): Promise<void> {
  const { table, source, lengthSeconds, dimensions, fields } = aggregation
  const start = `to_timestamp(${bucket.startSecond})`
  const groups = dimensions.map((name) => `, ${quoted(name)}`).join('')
  const read = new Set(fields.flatMap(({ reads }) => reads))
  const columns = [...dimensions, ...read].map((name) => `, ${quoted(name)}`).join('')
  const computed = fields.map((field) => `, ${compute(field, field.argument, 'id')}`).join('')
  const filled = `select max(id) as id, timestamp${groups}${computed}
    from (select id, date_bin('${lengthSeconds}s', timestamp, 'epoch'::timestamptz) as timestamp${columns}
      from ${source}
      where timestamp >= ${start} and timestamp < ${start} + '${lengthSeconds}s'::interval
      order by timestamp) as data
    group by timestamp${groups}`
  const names = fields.map(({ name }) => `, ${quoted(name)}`).join('')
  const target = `insert into ${table} (id, timestamp, block${groups}${names})`
  if (!fields.some(({ isCumulative }) => isCumulative)) {
    await sql.unsafe(`${target} select id, timestamp, ${bucket.block}${groups}${names}
      from (${filled}) as filled`)
    return
  }
  const own = dimensions.map((name) => `, bucket.${quoted(name)}`).join('')
  const before = fields.map((field) =>
    field.isCumulative
      ? `, prev.${quoted(field.name)}`
      : `, null::${COLUMN_TYPES[field.scalar]} as ${quoted(field.name)}`,
  )
  const same = dimensions.map((name) => ` and prev.${quoted(name)} = bucket.${quoted(name)}`)
  const combined = fields.map((field) => {
    const fn = field.fn === 'count' ? 'sum' : field.fn
    return `, ${compute({ ...field, fn }, quoted(field.name), 'seq')}`
  })
  await sql.unsafe(`with bucket as (${filled}),
    prev as (select bucket.id, bucket.timestamp${own}${before.join('')}
      from bucket cross join lateral (
        select * from ${table} as prev
        where prev.timestamp < ${start}${same.join('')}
        order by prev.timestamp desc limit 1) as prev),
    combined as (select id, timestamp${groups}${combined.join('')}
      from (select *, 1 as seq from prev union all select *, 2 as seq from bucket) as both_of_them
      group by id, timestamp${groups})
    ${target} select id, timestamp, ${bucket.block}${groups}${names} from combined`)
}

function compute(field: AggregateField, argument: string, place: string): string {
  const type = COLUMN_TYPES[field.scalar]
  const as = ` as ${quoted(field.name)}`
  if (field.fn === 'count') return `count(*)${as}`
  if (field.fn === 'first') return `lowest_${type}((${argument}, ${place}))${as}`
  if (field.fn === 'last') return `highest_${type}((${argument}, ${place}))${as}`
  return `${field.fn}(${argument})${as}`
}

function quoted(name: string): string {
  return `"${name}"`
}
