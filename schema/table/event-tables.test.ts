import { expect, test } from 'vitest'

import { camelCase, snakeCase } from './column.ts'
import { migrations } from './ddl.ts'
import { EVENT_TABLES } from './event-tables.ts'
import { type Pin, pinnedRelations } from './relation.ts'

test('no two events of the indexed contracts share a table', () => {
  const names = EVENT_TABLES.map((table) => table.name)
  expect(new Set(names).size).toBe(names.length)
})

test('column names lead back to the names of the event’s parameters', () => {
  for (const table of EVENT_TABLES) {
    for (const input of table.event.inputs) {
      expect(camelCase(snakeCase(input.name ?? ''))).toBe(input.name)
    }
  }
})

test('a table is generated from its event, evidence first', () => {
  const ddl = migrations('single').flatMap(({ statements }) => statements)
  expect(ddl.find((text) => text.startsWith('create table if not exists edge_linked_hot')))
    .toMatchInlineSnapshot(`
    "create table if not exists edge_linked_hot (
      block UInt64,
      log_index UInt32,
      transaction_hash FixedString(32),
      at_seconds UInt64,
      sequence UInt64,
      child_id FixedString(32),
      parent_id FixedString(32),
      relation UInt8,
      share_e8 UInt32,
      licence_id UInt256,
      commit_seq UInt64
    ) engine = MergeTree
    order by (block, log_index)"
  `)
})

test('replicated DDL differs from single-node DDL only in its engines', () => {
  const text = (mode: 'single' | 'replicated') =>
    migrations(mode)
      .flatMap(({ statements }) => statements)
      .join('\n')
      .replace(/engine = \w+(\([^)]*\))?/g, 'engine')
  expect(text('replicated')).toBe(text('single'))
})

test('a pin reads settled rows up to its boundary and visible hot rows above it', () => {
  const stream = { commitSeq: 9, killed: [4, 7] }
  const pin: Pin = {
    block: 120,
    blockHash: `0x${'00'.repeat(32)}`,
    blockSeconds: 5000,
    settledBlock: 100,
    chain: stream,
    receipt: { commitSeq: 3, killed: [] },
    epoch: { commitSeq: 2, killed: [] },
  }
  expect(pinnedRelations(pin).relation('edge_ended')).toMatchInlineSnapshot(`
    "(select block, log_index, transaction_hash, at_seconds, sequence, child_id, parent_id, relation from edge_ended_settled where block <= 100
    union all
    select block, log_index, transaction_hash, at_seconds, sequence, child_id, parent_id, relation from edge_ended_hot
    where block > 100 and block <= 120 and commit_seq <= 9 and commit_seq not in (4, 7))"
  `)
  expect(pinnedRelations({ ...pin, settledBlock: -1 }).relation('edge_ended'))
    .toMatchInlineSnapshot(`
    "(select block, log_index, transaction_hash, at_seconds, sequence, child_id, parent_id, relation from edge_ended_hot
    where block <= 120 and commit_seq <= 9 and commit_seq not in (4, 7))"
  `)
  expect(pinnedRelations({ ...pin, block: 90 }).relation('edge_ended')).toMatchInlineSnapshot(
    `"(select block, log_index, transaction_hash, at_seconds, sequence, child_id, parent_id, relation from edge_ended_settled where block <= 90)"`,
  )
  expect(pinnedRelations(pin).relation('rejected_receipt')).toMatchInlineSnapshot(
    `"(select received_at_seconds, code, reason, body from rejected_receipt_rows where commit_seq <= 3)"`,
  )
  expect(() => pinnedRelations(pin).relation('users')).toThrowErrorMatchingInlineSnapshot(
    `[RelationUnknownError: expected a table or view of the schema, found "users"]`,
  )
})
