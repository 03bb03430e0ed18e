import {
  type ClickHouseClient,
  type ScratchDatabase,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { parseEntitySchema } from '../entity-cache/entity-schema.ts'
import type { BlockChanges, EntityChange } from '../entity-cache/entity-store.ts'
import type { Entity, StoreValue } from '../entity-cache/entity.ts'
import { type ClickHouseStore, openClickHouseStore } from './clickhouse-store.ts'

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

function open(name: string, client: ClickHouseClient = scratch.writer): Promise<ClickHouseStore> {
  return openClickHouseStore({
    client,
    name,
    deployment: 'QmTest',
    schema: SCHEMA,
    nowMs: () => 0,
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
  })
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
