import { type Column, EVIDENCE_COLUMNS, type Table } from './column.ts'
import { EVENT_TABLES } from './event-tables.ts'

/** Every block of the indexed range, with how its logs are known to be complete. */
export const BLOCK_TABLE: Table = {
  name: 'block',
  stream: 'chain',
  columns: [
    { name: 'block', type: 'UInt64' },
    { name: 'hash', type: 'FixedString(32)' },
    { name: 'parent_hash', type: 'FixedString(32)' },
    { name: 'at_seconds', type: 'UInt64' },
    { name: 'log_count', type: 'UInt32' },
    { name: 'evidence', type: 'LowCardinality(String)' },
  ],
  orderBy: ['block'],
}

/** The raw archive: every log of an indexed contract as the chain gave it. */
export const LOG_TABLE: Table = {
  name: 'log',
  stream: 'chain',
  columns: [
    ...EVIDENCE_COLUMNS,
    { name: 'contract', type: 'LowCardinality(String)' },
    { name: 'event', type: 'LowCardinality(String)' },
    { name: 'address', type: 'FixedString(20)' },
    { name: 'topics', type: 'Array(FixedString(32))' },
    { name: 'payload', type: 'Bytes' },
  ],
  orderBy: ['block', 'log_index'],
}

/**
 * How far each contract's own event log had come after every block that holds an event of it: what
 * the contract's `accumulator()` answered there when the block's evidence is `accumulator`.
 */
export const ACCUMULATOR_TABLE: Table = {
  name: 'accumulator',
  stream: 'chain',
  columns: [
    { name: 'block', type: 'UInt64' },
    { name: 'contract', type: 'LowCardinality(String)' },
    { name: 'sequence', type: 'UInt64' },
    { name: 'hash', type: 'FixedString(32)' },
  ],
  orderBy: ['block', 'contract'],
}

/** The signed content of a receipt, as columns. */
export const RECEIPT_BODY_COLUMNS: readonly Column[] = [
  { name: 'provider', type: 'FixedString(20)' },
  { name: 'consumer', type: 'FixedString(20)' },
  { name: 'workload', type: 'UInt8' },
  { name: 'nonce', type: 'UInt64' },
  { name: 'assets', type: 'Array(FixedString(32))' },
  { name: 'units', type: 'UInt256' },
  { name: 'fee', type: 'UInt256' },
  { name: 'started_at_seconds', type: 'UInt64' },
  { name: 'finished_at_seconds', type: 'UInt64' },
  { name: 'input_hash', type: 'FixedString(32)' },
  { name: 'output_hash', type: 'FixedString(32)' },
  { name: 'signature', type: 'Bytes' },
  { name: 'signer', type: 'FixedString(20)' },
]

/**
 * One row per digest of an anchored batch. `verdict` is `valid`, `bodyless` (its body travels over
 * HTTP; the body columns are then empty) or the code of the reason why the receipt does not count.
 */
export const ANCHORED_RECEIPT_TABLE: Table = {
  name: 'anchored_receipt',
  stream: 'chain',
  columns: [
    ...EVIDENCE_COLUMNS,
    { name: 'position', type: 'UInt32' },
    { name: 'batch_id', type: 'UInt256' },
    { name: 'digest', type: 'FixedString(32)' },
    { name: 'verdict', type: 'LowCardinality(String)' },
    ...RECEIPT_BODY_COLUMNS,
  ],
  orderBy: ['block', 'log_index', 'position'],
}

/** Every table whose rows come from the chain and may be retracted by a reorg. */
export const CHAIN_TABLES: readonly Table[] = [
  BLOCK_TABLE,
  LOG_TABLE,
  ACCUMULATOR_TABLE,
  ANCHORED_RECEIPT_TABLE,
  ...EVENT_TABLES,
]
