import type { Column } from '@foggara/schema'

/** A table about the run of a subgraph, beside those of its entities. */
export type OwnTable = {
  /** The view of what is visible; rows are in the table with `_rows` behind it. */
  readonly name: '_block' | '_source' | '_failure'
  readonly columns: readonly Column[]
  readonly orderBy: readonly string[]
}

/** What a database belongs to: one row, written once. */
export const DEPLOYMENT_COLUMNS: readonly Column[] = [
  { name: 'deployment', type: 'String' },
  /** sha256 of the statements that made the tables. */
  { name: 'layout', type: 'FixedString(32)' },
]

/** Every block that was committed, with the digest of its Proof of Indexing. */
const BLOCK_TABLE: OwnTable = {
  name: '_block',
  columns: [
    { name: 'block', type: 'UInt64' },
    { name: 'hash', type: 'FixedString(32)' },
    { name: 'at_seconds', type: 'UInt64' },
    /** After the block: 32 bytes, none before the first handler. */
    { name: 'digest', type: 'Bytes' },
    /** Whether a handler ran, so that the digest is one of this block. */
    { name: 'has_proof', type: 'Bool' },
  ],
  orderBy: ['block'],
}

/** The data sources that handlers created. */
const SOURCE_TABLE: OwnTable = {
  name: '_source',
  columns: [
    { name: 'block', type: 'UInt64' },
    { name: 'position', type: 'UInt32' },
    { name: 'template', type: 'LowCardinality(String)' },
    { name: 'address', type: 'String' },
    /** The context as JSON; empty where there is none. */
    { name: 'context', type: 'String' },
    /** Of a file; 0 for a contract. */
    { name: 'region', type: 'UInt32' },
    { name: 'file_state', type: 'LowCardinality(String)' },
  ],
  orderBy: ['block', 'position'],
}

/** Handlers that failed for good. */
const FAILURE_TABLE: OwnTable = {
  name: '_failure',
  columns: [
    { name: 'block', type: 'UInt64' },
    { name: 'position', type: 'UInt32' },
    { name: 'block_hash', type: 'FixedString(32)' },
    { name: 'data_source', type: 'LowCardinality(String)' },
    { name: 'handler', type: 'LowCardinality(String)' },
    { name: 'log_index', type: 'Nullable(UInt64)' },
    { name: 'message', type: 'String' },
  ],
  orderBy: ['block', 'position'],
}

/** The tables about a run. */
export const OWN_TABLES: readonly OwnTable[] = [BLOCK_TABLE, SOURCE_TABLE, FAILURE_TABLE]
