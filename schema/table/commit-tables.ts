import type { Table } from './column.ts'

/**
 * The commit log. A commit row, written last, makes the rows of its attempt visible and retracts the
 * attempts it kills. Sequence numbers count per stream, from 1, without regard to clocks.
 */
export const COMMITS_TABLE: Table = {
  name: 'commits',
  stream: 'none',
  columns: [
    { name: 'stream', type: 'LowCardinality(String)' },
    { name: 'commit_seq', type: 'UInt64' },
    { name: 'first_block', type: 'UInt64' },
    { name: 'last_block', type: 'UInt64' },
    /** The hash of each block from `first_block` to `last_block`; empty outside the chain stream. */
    { name: 'block_hashes', type: 'Array(FixedString(32))' },
    { name: 'kills', type: 'Array(UInt64)' },
    /** Rows written by this attempt, by table: what the audit at start compares. */
    { name: 'row_counts', type: 'Map(String, UInt64)' },
    /** For people only; nothing is ordered by it. */
    { name: 'committed_at_ms', type: 'UInt64' },
  ],
  orderBy: ['stream', 'commit_seq'],
}

/** How far final blocks have been moved to the settled tables: readers use the largest boundary. */
export const SETTLEMENT_TABLE: Table = {
  name: 'settlement',
  stream: 'none',
  columns: [
    { name: 'boundary_block', type: 'UInt64' },
    { name: 'boundary_hash', type: 'FixedString(32)' },
    { name: 'row_counts', type: 'Map(String, UInt64)' },
  ],
  orderBy: ['boundary_block'],
}

/** What the service last said about itself (one row per key, the newest wins): head, finality, errors. */
export const STATUS_TABLE: Table = {
  name: 'status',
  stream: 'none',
  columns: [
    { name: 'key', type: 'LowCardinality(String)' },
    { name: 'value', type: 'String' },
    { name: 'at_ms', type: 'UInt64' },
  ],
  orderBy: ['key', 'at_ms'],
}

export const COMMIT_TABLES: readonly Table[] = [COMMITS_TABLE, SETTLEMENT_TABLE, STATUS_TABLE]
