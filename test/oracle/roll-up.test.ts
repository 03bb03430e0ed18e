import { FoggaraError } from '@foggara/schema'
import postgres, { type Sql, type TransactionSql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Draws, drawsOf } from '../../devnet/economy/random.ts'
import { openRollUps } from '../../ingest/subgraphs/aggregations/roll-up.ts'
import {
  type EntitySchema,
  parseEntitySchema,
} from '../../ingest/subgraphs/entity-cache/entity-schema.ts'
import {
  type Entity,
  type StoreValue,
  valueText,
} from '../../ingest/subgraphs/entity-cache/entity.ts'
import { openMemoryStore } from '../../ingest/subgraphs/entity-cache/memory-store.ts'
import { formatDecimal, parseDecimal } from '../../ingest/subgraphs/numbers/big-decimal.ts'
import { findPackages, oracleMissing } from './packages.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { DIMENSIONS, drawAggregate, POINT_FIELDS } from './random-aggregations.ts'
import {
  type AggregateField,
  createAggregation,
  createPickAggregates,
  rollUp,
  type SqlAggregation,
} from './roll-up-sql.ts'

const missing = oracleMissing()
const where = missing === undefined ? 'as Postgres does' : `as Postgres does (skipped: ${missing})`
const CASE_COUNT = 60
const SEED = 'roll-up'
const SLOW_MS = 120_000

describe.skipIf(missing !== undefined)(`aggregations are rolled up ${where}`, () => {
  let server: PostgresServer
  let sql: Sql
  beforeAll(async () => {
    const packages = findPackages()
    if ('missing' in packages) throw new Error(packages.missing)
    server = await startPostgres(packages.postgresBin)
    sql = postgres(await server.createDatabase('rollup'), { max: 1, onnotice: () => undefined })
    await createPickAggregates(sql)
  })
  afterAll(async () => {
    await sql?.end({ timeout: 1 })
    await server?.stop()
  })

  test(`random expressions over random points (seed ${SEED})`, { timeout: SLOW_MS }, async () => {
    const outcomes = { rows: 0, errors: 0, refused: 0 }
    for (let number = 0; number < CASE_COUNT; number += 1) {
      await compareCase(sql, drawsOf(SEED, number), number, outcomes)
    }
    expect(outcomes.rows).toBeGreaterThan(1000)
    expect(outcomes.errors).toBeGreaterThan(10)
  })
})

type Outcomes = { rows: number; errors: number; refused: number }

/** One aggregation by the hour and the day over a random history, with restarts and forks of ours. */
async function compareCase(
  sql: Sql,
  draws: Draws,
  number: number,
  outcomes: Outcomes,
): Promise<void> {
  const dimensions = draws.sample(Object.keys(DIMENSIONS), draws.below(3))
  const { fields, schema } = drawSchema(draws, dimensions, outcomes)
  const what = `case ${number}: ${JSON.stringify(fields)}`
  const tables = await createTables(sql, dimensions, fields)
  const store = openMemoryStore()
  const rollUps = openRollUps(schema, store)
  const blocks = drawBlocks(draws)
  const runOurs = async (block: DrawnBlock) => {
    const changes = await rollUps.withBuckets(changesOf(block))
    await store.commit(changes)
    rollUps.advance(changes)
  }
  for (const [index, block] of blocks.entries()) {
    const theirs = await failureOf(
      sql.begin((transaction) => runTheirs(transaction, tables, block, blocks[index - 1])),
    )
    const ours = await failureOf(runOurs(block))
    const expected = theirs === undefined ? undefined : 'SUBGRAPH_AGGREGATION_FAILED'
    expect(ours?.code, `${what}: ${theirs?.message} ${ours?.message}`).toBe(expected)
    // Of class 22 are errors of values; another one says that the statement itself is wrong.
    expect(theirs?.code ?? '22', `${what}: ${theirs?.message}`).toMatch(/^22/)
    if (theirs !== undefined) {
      outcomes.errors += 1
      break
    }
    if (draws.chance(1, 6)) rollUps.forget()
    if (!draws.chance(1, 8)) continue
    const depth = Math.min(draws.between(1, 6), index)
    rollUps.forget()
    await store.revertTo(index - depth)
    for (const again of blocks.slice(index - depth + 1, index + 1)) await runOurs(again)
  }
  const found = ourRows(store.versions(), dimensions, fields)
  expect(found, what).toEqual(await theirRows(sql, tables))
  outcomes.rows += found.length
}

function drawSchema(draws: Draws, dimensions: readonly string[], outcomes: Outcomes) {
  const fields: AggregateField[] = []
  const count = draws.between(1, 5)
  for (let place = 0; fields.length < count; place += 1) {
    const field = drawAggregate(draws, `value${place}`)
    try {
      schemaOf(dimensions, [field])
      fields.push(field)
    } catch (error) {
      if (!(error instanceof FoggaraError)) throw error
      outcomes.refused += 1
    }
  }
  return { fields, schema: schemaOf(dimensions, fields) }
}

function schemaOf(dimensions: readonly string[], fields: readonly AggregateField[]): EntitySchema {
  const all = Object.entries({ ...POINT_FIELDS, ...DIMENSIONS })
  const kept = Object.entries(DIMENSIONS).filter(([name]) => dimensions.includes(name))
  const lines = (list: readonly (readonly [string, string])[]) =>
    list.map(([name, type]) => `${name}: ${type}`).join('\n')
  const computed = fields.map(({ name, scalar, fn, argument, isCumulative }) => {
    const more = isCumulative ? ', cumulative: true' : ''
    return `${name}: ${scalar} @aggregate(fn: "${fn}", arg: ${JSON.stringify(argument)}${more})`
  })
  return parseEntitySchema(`
    type Point @entity(timeseries: true) {
      id: Int8!
      timestamp: Timestamp!
      ${lines(all)}
    }
    type Total @aggregation(intervals: ["day", "hour"], source: "Point") {
      id: Int8!
      timestamp: Timestamp!
      ${lines(kept)}
      ${computed.join('\n')}
    }`)
}

type DrawnBlock = {
  readonly number: number
  readonly second: number
  readonly points: readonly ReadonlyMap<string, StoreValue>[]
}

function drawBlocks(draws: Draws): readonly DrawnBlock[] {
  let second = 1_000_000_000 + draws.below(90_000)
  return Array.from({ length: 40 }, (_, number) => {
    second += draws.pick([0, 1, 60, 599, 600, 1800, 3600, 7200, 30_000, 100_000])
    const points = Array.from({ length: draws.pick([0, 1, 1, 2, 3, 5]) }, (_none, place) => {
      const fields = Object.entries({ ...POINT_FIELDS, ...DIMENSIONS }).flatMap(([name, type]) =>
        draws.chance(1, 7) ? [] : ([[name, drawValue(draws, name, type)]] as const),
      )
      return new Map<string, StoreValue>([
        ['id', { type: 'Int8', value: (BigInt(number) << 32n) + BigInt(place) }],
        ['timestamp', { type: 'Timestamp', value: BigInt(second) * 1_000_000n }],
        ...fields,
      ])
    })
    return { number, second, points }
  })
}

function drawValue(draws: Draws, name: string, type: string): StoreValue {
  const sign = draws.chance(1, 2) ? 1n : -1n
  const big = BigInt(draws.bytes32())
  switch (type) {
    case 'Int':
      return { type, value: draws.pick([0, 1, -1, 3, -7, 1000, 2_147_483_647, -2_147_483_648]) }
    case 'Int8':
      return { type, value: draws.pick([0n, 5n, -5n, 1n << 40n, -(1n << 63n), (1n << 63n) - 1n]) }
    case 'BigInt':
      return {
        type,
        value: sign * draws.pick([0n, 1n, 12n, 10_000n, 99_999_999n, big, big >> 200n]),
      }
    case 'BigDecimal': {
      const digits = draws.pick(['0', '1', '0.5', '2.75', '100000', '1e30', '1e-30', '0.0001'])
      const text = draws.chance(1, 2) ? digits : `${big >> 150n}e${draws.between(-40, 10)}`
      const value = parseDecimal(`${sign < 0n ? '-' : ''}${text}`)
      return { type, value: value ?? { digits: 0n, scale: 0 } }
    }
    case 'Bytes':
      return { type, value: Uint8Array.of(draws.below(3), 0) }
    default:
      return {
        type: 'String',
        value: name === 'key' ? draws.pick(['a', 'b', '']) : `x'${draws.below(9)}`,
      }
  }
}

function changesOf({ number, second, points }: DrawnBlock) {
  return {
    block: { number, hash: `0x${number}`, timestamp: BigInt(second) },
    changes: points.map((entity) => ({
      type: 'insert' as const,
      entityType: 'Point',
      id: valueText(entity.get('id')) ?? '',
      entity,
      vid: 0n,
    })),
    proof: new Uint8Array(32),
    createdSources: [],
    failures: [],
  }
}

const SQL_TYPES: Readonly<Record<string, string>> = {
  Int: 'int4',
  Int8: 'int8',
  BigInt: 'numeric',
  BigDecimal: 'numeric',
  String: 'text',
  Bytes: 'bytea',
}

async function createTables(
  sql: Sql,
  dimensions: readonly string[],
  fields: readonly AggregateField[],
): Promise<readonly SqlAggregation[]> {
  await sql.unsafe('drop table if exists point, total_hour, total_day')
  const columns = Object.entries({ ...POINT_FIELDS, ...DIMENSIONS }).map(
    ([name, type]) => `, "${name}" ${SQL_TYPES[type]}`,
  )
  await sql.unsafe(
    `create table point (id int8 primary key, timestamp timestamptz${columns.join('')})`,
  )
  const base = { source: 'point', dimensions, fields }
  const tables = [
    { ...base, table: 'total_hour', lengthSeconds: 3600 },
    { ...base, table: 'total_day', lengthSeconds: 86_400 },
  ]
  for (const table of tables) await createAggregation(sql, table)
  return tables
}

async function runTheirs(
  sql: TransactionSql,
  tables: readonly SqlAggregation[],
  block: DrawnBlock,
  before: DrawnBlock | undefined,
): Promise<void> {
  for (const point of block.points) {
    const names = [...point.keys()].map((name) => `"${name}"`).join(', ')
    const values = [...point.values()].map(sqlText).join(', ')
    await sql.unsafe(`insert into point (${names}) values (${values})`)
  }
  for (const table of tables) {
    const { lengthSeconds } = table
    const bucketOf = (second: number) => Math.floor(second / lengthSeconds)
    const last = bucketOf(before?.second ?? block.second)
    if (last === bucketOf(block.second)) continue
    await rollUp(sql, table, { startSecond: last * lengthSeconds, block: block.number })
  }
}

function sqlText(value: StoreValue): string {
  if (value.type === 'Bytes') return `'\\x${Buffer.from(value.value).toString('hex')}'`
  if (value.type === 'Timestamp') return `to_timestamp(${value.value / 1_000_000n})`
  if (value.type === 'BigDecimal') return `'${formatDecimal(value.value)}'`
  return `'${(valueText(value) ?? '').replaceAll("'", "''")}'`
}

async function theirRows(sql: Sql, tables: readonly SqlAggregation[]): Promise<readonly string[]> {
  const rows: string[] = []
  for (const { table, dimensions, fields } of tables) {
    const columns = [...dimensions, ...fields.map(({ name }) => name)]
    const found = await sql.unsafe(`select id::text as id, block,
      (extract(epoch from timestamp) * 1000000)::int8::text as timestamp
      ${columns.map((name) => `, ${textColumn(name, fields)}`).join('')} from ${table}`)
    for (const row of found) {
      const values = columns.map((name) => row[name] ?? null)
      rows.push(JSON.stringify([table, row['block'], row['id'], row['timestamp'], ...values]))
    }
  }
  return rows.toSorted()
}

function textColumn(name: string, fields: readonly AggregateField[]): string {
  const field = fields.find((one) => one.name === name)
  const isBytes = name === 'tag' || field?.scalar === 'Bytes'
  if (isBytes) return `'0x' || encode("${name}", 'hex') as "${name}"`
  return `${hidesZeros(field) ? `trim_scale("${name}")` : `"${name}"`}::text as "${name}"`
}

/** Of numbers that differ only in their last zeros Postgres takes whichever it meets last. */
function hidesZeros(field: AggregateField | undefined): boolean {
  const isExtreme = field?.fn === 'min' || field?.fn === 'max'
  return isExtreme && field.scalar === 'BigDecimal' && !field.reads.includes(field.argument)
}

type Version = { readonly entityType: string; readonly from: number; readonly entity: Entity }

function ourRows(
  versions: readonly Version[],
  dimensions: readonly string[],
  fields: readonly AggregateField[],
): readonly string[] {
  const columns = ['id', 'timestamp', ...dimensions, ...fields.map(({ name }) => name)]
  return versions
    .filter(({ entityType }) => entityType !== 'Point')
    .map(({ entityType, from, entity }) => {
      const values = columns.map((name) => {
        const text = valueText(entity.get(name)) ?? null
        const field = fields.find((one) => one.name === name)
        return hidesZeros(field) && text?.includes('.') ? text.replace(/\.?0+$/, '') : text
      })
      return JSON.stringify([entityType.toLowerCase(), from, ...values])
    })
    .toSorted()
}

async function failureOf(
  run: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string } | undefined> {
  try {
    await run
    return undefined
  } catch (error) {
    if (error instanceof FoggaraError) return error
    if (error instanceof Error && 'code' in error) {
      return { code: String(error.code), message: error.message }
    }
    throw error
  }
}
