import type { Table } from './column.ts'

/** Closed epochs: what was computed, from which manifest, with which totals. */
export const CLOSED_EPOCH_TABLE: Table = {
  name: 'closed_epoch',
  stream: 'epoch',
  columns: [
    { name: 'epoch', type: 'UInt32' },
    { name: 'first_block', type: 'UInt64' },
    { name: 'cutoff_block', type: 'UInt64' },
    { name: 'cutoff_hash', type: 'FixedString(32)' },
    { name: 'ruleset_version', type: 'UInt32' },
    { name: 'ruleset_hash', type: 'FixedString(32)' },
    { name: 'budget', type: 'UInt256' },
    { name: 'paid', type: 'UInt256' },
    { name: 'carry_change', type: 'Int256' },
    { name: 'withheld', type: 'UInt256' },
    { name: 'unallocated', type: 'UInt256' },
    { name: 'cumulative_total', type: 'UInt256' },
    { name: 'root', type: 'FixedString(32)' },
    { name: 'manifest_hash', type: 'FixedString(32)' },
    { name: 'manifest', type: 'String' },
  ],
  orderBy: ['epoch'],
}

/** The canonical snapshot, line by line: hashing a table's lines gives the manifest's sha256. */
export const SNAPSHOT_LINE_TABLE: Table = {
  name: 'snapshot_line',
  stream: 'epoch',
  columns: [
    { name: 'epoch', type: 'UInt32' },
    { name: 'table_name', type: 'LowCardinality(String)' },
    { name: 'position', type: 'UInt32' },
    { name: 'line', type: 'String' },
  ],
  orderBy: ['epoch', 'table_name', 'position'],
}

/** Scores by measure; `id` is an asset id (32 bytes) or an account (20 bytes) as `0x…` text. */
export const SCORE_TABLE: Table = {
  name: 'score',
  stream: 'epoch',
  columns: [
    { name: 'epoch', type: 'UInt32' },
    { name: 'measure', type: 'LowCardinality(String)' },
    { name: 'id', type: 'String' },
    { name: 'score', type: 'UInt128' },
  ],
  orderBy: ['epoch', 'measure', 'id'],
}

/** The pools of a closed epoch. */
export const EPOCH_POOL_TABLE: Table = {
  name: 'epoch_pool',
  stream: 'epoch',
  columns: [
    { name: 'epoch', type: 'UInt32' },
    { name: 'pool', type: 'LowCardinality(String)' },
    { name: 'bps', type: 'UInt32' },
    { name: 'amount', type: 'UInt256' },
    { name: 'earned', type: 'UInt256' },
    { name: 'withheld', type: 'UInt256' },
    { name: 'unallocated', type: 'UInt256' },
  ],
  orderBy: ['epoch', 'pool'],
}

/** One row per account and epoch: the leaf's amount and how it came about. */
export const ALLOCATION_TABLE: Table = {
  name: 'allocation',
  stream: 'epoch',
  columns: [
    { name: 'epoch', type: 'UInt32' },
    { name: 'account', type: 'FixedString(20)' },
    { name: 'token', type: 'FixedString(20)' },
    { name: 'earned', type: 'UInt256' },
    { name: 'carry_before', type: 'UInt256' },
    { name: 'carry_after', type: 'UInt256' },
    { name: 'paid', type: 'UInt256' },
    { name: 'cumulative', type: 'UInt256' },
    { name: 'proof', type: 'Array(FixedString(32))' },
  ],
  orderBy: ['epoch', 'account'],
}

/** Why an account earned what it earned; the parts of an account sum to its `earned`. */
export const ALLOCATION_PART_TABLE: Table = {
  name: 'allocation_part',
  stream: 'epoch',
  columns: [
    { name: 'epoch', type: 'UInt32' },
    { name: 'account', type: 'FixedString(20)' },
    { name: 'pool', type: 'LowCardinality(String)' },
    { name: 'source_id', type: 'String' },
    { name: 'score', type: 'UInt128' },
    { name: 'amount', type: 'UInt256' },
    /** Empty when earned; else why the amount is withheld. */
    { name: 'withheld_reason', type: 'LowCardinality(String)' },
  ],
  orderBy: ['epoch', 'account', 'pool', 'source_id'],
}

export const EPOCH_TABLES: readonly Table[] = [
  CLOSED_EPOCH_TABLE,
  SNAPSHOT_LINE_TABLE,
  SCORE_TABLE,
  EPOCH_POOL_TABLE,
  ALLOCATION_TABLE,
  ALLOCATION_PART_TABLE,
]
