import { type ScratchDatabase, command, queryRows, startScratchDatabase } from '@foggara/database'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { parseEntitySchema } from '../entity-cache/entity-schema.ts'
import type { BlockChanges, EntityChange } from '../entity-cache/entity-store.ts'
import type { Entity, StoreValue } from '../entity-cache/entity.ts'
import {
  type ClickHouseStore,
  type ClickHouseStoreOptions,
  openClickHouseStore,
} from './clickhouse-store.ts'
import { pruneSubgraph } from './prune.ts'

const SCHEMA = parseEntitySchema(`
enum Kind { MODEL DATASET }
type Account @entity(immutable: false) { id: Bytes! tokens: [Token!]! @derivedFrom(field: "owner") }
type Token @entity(immutable: false) {
  id: ID!
  owner: Account!
  number: BigInt!
  price: BigDecimal
  kind: Kind
  tags: [String!]
  parents: [Token]
  sums: [BigInt]
  seenAt: Timestamp
  count: Int
  large: Int8!
  isOpen: Boolean!
  vid: String
}
`)

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await startScratchDatabase()
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('an entity comes back from its table as it was, and SQL sees native types', async () => {
  const store = await open('types')
  const token = new Map<string, StoreValue>([
    ['id', { type: 'String', value: 'é' }],
    ['owner', { type: 'Bytes', value: Uint8Array.of(0, 10, 255) }],
    ['number', { type: 'BigInt', value: -(2n ** 255n) }],
    ['price', { type: 'BigDecimal', value: { digits: -15n, scale: 40 } }],
    ['kind', { type: 'String', value: 'MODEL' }],
    ['parents', { type: 'List', value: [{ type: 'Null' }, { type: 'String', value: 'a' }] }],
    ['seenAt', { type: 'Timestamp', value: 1_700_000_000_123_456n }],
    ['count', { type: 'Null' }],
    ['large', { type: 'Int8', value: -5n }],
    ['isOpen', { type: 'Bool', value: true }],
    ['vid', { type: 'String', value: 'mine' }],
  ])
  await store.commit(block(1, [set('Token', 'é', token, 1)]))
  await store.flush()
  const again = await open('types')
  expect(again.lastBlock()).toEqual({ number: 1, hash: hashOf(1), digest: undefined })
  expect(again.get('Token', 'é')).toEqual(token)
  expect([...again.related('Token', 'owner', '0x000aff').keys()]).toEqual(['é'])
  const rows = await queryRows(
    scratch.reader,
    `select id, hex(owner) as owner, number, price, kind, tags, parents, seen_at, count, large, is_open, vid, vid_
    from subgraph_types.token_by_owner(owner = unhex('000aff'))`,
  )
  expect(rows).toMatchInlineSnapshot(`
    [
      {
        "count": null,
        "id": "é",
        "is_open": true,
        "kind": "MODEL",
        "large": "-5",
        "number": "-57896044618658097711785492504343953926634992332820282019728792003956564819968",
        "owner": "000AFF",
        "parents": [
          null,
          "a",
        ],
        "price": "-0.0000000000000000000000000000000000000015",
        "seen_at": "2023-11-14 22:13:20.123456",
        "tags": [],
        "vid": "4294967296",
        "vid_": "mine",
      },
    ]
  `)
})

test('a value that no column holds is refused by entity and field, and nothing of its block stays', async () => {
  const store = await open('unfit')
  await store.commit(block(1, [account(1)]))
  const missing = new Map(withNumber(1n))
  missing.delete('isOpen')
  await expect(
    store.commit(block(2, [account(2), set('Token', 'a', missing, 2)])),
  ).rejects.toMatchObject({
    code: 'SUBGRAPH_VALUE_UNFIT',
    message: 'Token[a].isOpen: expected a value, found none',
  })
  expect(store.lastBlock()?.number).toBe(1)
  await store.commit(block(2, [set('Token', 'a', withNumber(-1n), 3)]))
  await store.flush()
  const again = await open('unfit')
  expect([again.entityCount(), again.get('Account', '0x02')]).toEqual([2, undefined])
})

test('integers beyond 256 bits stay exact, and their column is at its end', async () => {
  const store = await open('large')
  const sums: StoreValue = {
    type: 'List',
    value: [
      { type: 'BigInt', value: -(2n ** 300n) },
      { type: 'Null' },
      { type: 'BigInt', value: 7n },
    ],
  }
  const token = new Map(withNumber(2n ** 256n - 1n)).set('sums', sums)
  await store.commit(block(1, [set('Token', 'a', token, 1)]))
  await store.flush()
  expect((await open('large')).get('Token', 'a')).toEqual(token)
  const rows = await queryRows(
    scratch.reader,
    `select number = toInt256('57896044618658097711785492504343953926634992332820282019728792003956564819967') as is_end, _large['number'] as exact, sums[3] as seven
    from subgraph_large.token`,
  )
  expect(rows).toEqual([{ is_end: 1, exact: String(2n ** 256n - 1n), seven: '7' }])
})

test('a database belongs to one build of one subgraph, and a name is a plain word', async () => {
  await open('owned')
  await expect(open('owned', { deployment: 'QmOther' })).rejects.toMatchObject({
    code: 'SUBGRAPH_DEPLOYMENT_CHANGED',
    message: 'subgraph_owned: expected QmTest, found QmOther',
  })
  const schema = parseEntitySchema('type Other @entity(immutable: false) { id: ID! }')
  await expect(open('owned', { schema })).rejects.toMatchObject({
    code: 'SUBGRAPH_DEPLOYMENT_CHANGED',
  })
  await expect(open('a`; drop')).rejects.toMatchObject({ code: 'SUBGRAPH_NAME_INVALID' })
})

test('a store that was taken over writes nothing any more, and the other subgraph is untouched', async () => {
  const other = await open('other')
  await other.commit(block(7, [account(7)]))
  await other.flush()
  const first = await open('taken')
  await first.commit(block(1, [account(1)]))
  const second = await open('taken')
  await expect(first.flush()).rejects.toMatchObject({ code: 'WRITER_FENCED' })
  await second.commit(block(1, [account(2)]))
  await second.flush()
  const again = await open('taken')
  expect([again.get('Account', '0x01'), again.get('Account', '0x02')?.size]).toEqual([undefined, 1])
  expect((await open('other')).lastBlock()?.number).toBe(7)
})

test('going back reaches commits that are not in memory, but nothing that was pruned', async () => {
  const store = await open('deep')
  for (const number of [1, 2, 3, 5000]) {
    await store.commit(block(number, [account(number % 256)]))
    await store.flush()
  }
  await command(
    scratch.writer,
    `insert into subgraph_deep._status values ('collected:subgraph_deep', '7', 0)`,
  )
  const again = await open('deep')
  await again.revertTo(2)
  expect(again.lastBlock()?.number).toBe(2)
  expect(await countOf('subgraph_deep.account')).toBe(2)
  await again.revertTo(1)
  await again.commit(block(9, [account(9)]))
  await again.pruneBefore(9)
  const pruned = await open('deep')
  await expect(pruned.revertTo(1)).rejects.toMatchObject({
    code: 'SUBGRAPH_HISTORY_PRUNED',
    message: 'subgraph_deep: expected to go back to block 9 or a later one, found block 1',
  })
  expect(pruned.entityCount()).toBe(2)
})

test('a subgraph is pruned by name while it runs, and goes no further back then', async () => {
  const store = await open('lean')
  for (const number of [10, 20, 30, 40]) {
    const token = withNumber(BigInt(number))
    await store.commit(block(number, [set('Token', 'a', token, number), account(number)]))
  }
  await store.flush()
  const surroundings = { client: scratch.writer, nowMs: () => 0 }
  expect(await pruneSubgraph(surroundings, 'lean', 15)).toEqual({
    database: 'subgraph_lean',
    firstBlock: 25,
  })
  expect(await countOf('subgraph_lean.token_history')).toBe(3)
  expect(await countOf('subgraph_lean.token_at(block = 25)')).toBe(1)
  await expect(store.revertTo(20)).rejects.toMatchObject({ code: 'SUBGRAPH_HISTORY_PRUNED' })
  await store.revertTo(30)
  expect(store.get('Token', 'a')?.get('number')).toEqual({ type: 'BigInt', value: 30n })
  await expect(pruneSubgraph(surroundings, 'nothing', 15)).rejects.toMatchObject({
    code: 'SUBGRAPH_NOT_STORED',
  })
})

test('the entities of an owner are found without reading those of others', async () => {
  const store = await open('owners')
  const tokens = Array.from({ length: 6000 }, (_, number) => {
    const entity = new Map(withNumber(BigInt(number)))
    entity.set('id', { type: 'String', value: `token ${number}` })
    entity.set('owner', { type: 'Bytes', value: Uint8Array.of(number % 250, number % 2) })
    return set('Token', `token ${number}`, entity, number)
  })
  await store.commit(block(1, tokens))
  await store.flush()
  const owned = `subgraph_owners.token_by_owner(owner = unhex('0301'))`
  expect(await countOf(owned)).toBe(24)
  const plan = await queryRows<{ explain: string }>(
    scratch.reader,
    `explain indexes = 1, projections = 1 select * from ${owned} limit 1`,
  )
  const read = plan.map(({ explain }) => /Granules: (\d+)\/(\d+)/.exec(explain)).find(Boolean)
  expect(Number(read?.[2])).toBeGreaterThan(10)
  const lookup = await queryRows<{ explain: string }>(
    scratch.reader,
    `explain projections = 1 select id from subgraph_owners.token_rows where owner = unhex('0301')`,
  )
  expect(lookup.map(({ explain }) => explain).join('\n')).toContain('by_owner')
})

type OpenOptions = Partial<Pick<ClickHouseStoreOptions, 'deployment' | 'schema'>>

function open(name: string, options: OpenOptions = {}): Promise<ClickHouseStore> {
  return openClickHouseStore({
    client: scratch.writer,
    name,
    deployment: 'QmTest',
    schema: SCHEMA,
    nowMs: () => 0,
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
    ...options,
  })
}

function account(number: number): EntityChange {
  const id = Uint8Array.of(number)
  const text = `0x${number.toString(16).padStart(2, '0')}`
  return set('Account', text, new Map([['id', { type: 'Bytes', value: id }]]), number)
}

function withNumber(number: bigint): Entity {
  return new Map<string, StoreValue>([
    ['id', { type: 'String', value: 'a' }],
    ['owner', { type: 'Bytes', value: Uint8Array.of(1) }],
    ['number', { type: 'BigInt', value: number }],
    ['large', { type: 'Int8', value: 0n }],
    ['isOpen', { type: 'Bool', value: true }],
  ])
}

async function countOf(relation: string): Promise<number> {
  const [row] = await queryRows<{ count: string }>(
    scratch.reader,
    `select count() as count from ${relation}`,
  )
  return Number(row?.count)
}

function set(entityType: string, id: string, entity: Entity, number: number): EntityChange {
  return { type: 'insert', entityType, id, entity, vid: BigInt(number) << 32n }
}

function block(number: number, changes: readonly EntityChange[]): BlockChanges {
  return {
    block: { number, hash: hashOf(number), timestamp: BigInt(number) },
    changes,
    buckets: [],
    proof: undefined,
    createdSources: [],
    failures: [],
  }
}

function hashOf(number: number): string {
  return `0x${number.toString(16).padStart(64, '0')}`
}
