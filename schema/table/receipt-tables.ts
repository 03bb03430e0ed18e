import { RECEIPT_BODY_COLUMNS } from './chain-tables.ts'
import type { Table } from './column.ts'

/**
 * Receipts accepted over HTTP; each digest is stored once, and so is each (provider, nonce). They lie by
 * provider and nonce, not by digest: nonces mostly count up, so finding one reads a single place.
 */
export const SUBMITTED_RECEIPT_TABLE: Table = {
  name: 'submitted_receipt',
  stream: 'receipt',
  columns: [
    { name: 'digest', type: 'FixedString(32)' },
    { name: 'received_at_seconds', type: 'UInt64' },
    /** Its usage ended in an epoch that was closed when it arrived: it counts in a later one. */
    { name: 'late', type: 'Bool' },
    /** The signed batch that it came with; zeros and a signature of its own when it came alone. */
    { name: 'batch_digest', type: 'FixedString(32)' },
    ...RECEIPT_BODY_COLUMNS,
  ],
  orderBy: ['provider', 'nonce'],
}

/** Batches that were signed as a whole: who said so, and what stood before it. */
export const SIGNED_BATCH_TABLE: Table = {
  name: 'signed_batch',
  stream: 'receipt',
  columns: [
    { name: 'digest', type: 'FixedString(32)' },
    { name: 'received_at_seconds', type: 'UInt64' },
    { name: 'provider', type: 'FixedString(20)' },
    { name: 'signer', type: 'FixedString(20)' },
    { name: 'sequence', type: 'UInt64' },
    { name: 'previous', type: 'FixedString(32)' },
    { name: 'receipt_count', type: 'UInt32' },
    { name: 'fee_total', type: 'UInt256' },
    { name: 'root', type: 'FixedString(32)' },
    { name: 'signature', type: 'Bytes' },
  ],
  orderBy: ['provider', 'signer', 'sequence'],
}

/** Receipts refused over HTTP, with the reason: nothing that arrives is lost. */
export const REJECTED_RECEIPT_TABLE: Table = {
  name: 'rejected_receipt',
  stream: 'receipt',
  columns: [
    { name: 'received_at_seconds', type: 'UInt64' },
    { name: 'code', type: 'LowCardinality(String)' },
    { name: 'reason', type: 'String' },
    { name: 'body', type: 'String' },
  ],
  orderBy: ['received_at_seconds', 'code'],
}

/**
 * Receipts and batches that cannot be judged yet: they name a key, an asset or an earlier batch that
 * the index does not know. {@link QUARANTINE_RELEASE_TABLE} says how the wait ended.
 */
export const QUARANTINED_RECEIPT_TABLE: Table = {
  name: 'quarantined_receipt',
  stream: 'receipt',
  columns: [
    /** The sha256 of the body: two bodies may claim one digest, and one of them be forged. */
    { name: 'id', type: 'FixedString(32)' },
    /** The digest of the receipt or of the batch. */
    { name: 'digest', type: 'FixedString(32)' },
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'received_at_seconds', type: 'UInt64' },
    { name: 'provider', type: 'FixedString(20)' },
    { name: 'code', type: 'LowCardinality(String)' },
    { name: 'reason', type: 'String' },
    /** The bytes as they arrived. */
    { name: 'body', type: 'Bytes' },
  ],
  orderBy: ['id'],
}

/** How waits in quarantine ended: `accepted`, `late`, `duplicate`, or `rejected` with its code. */
export const QUARANTINE_RELEASE_TABLE: Table = {
  name: 'quarantine_release',
  stream: 'receipt',
  columns: [
    { name: 'id', type: 'FixedString(32)' },
    { name: 'released_at_seconds', type: 'UInt64' },
    { name: 'outcome', type: 'LowCardinality(String)' },
    { name: 'code', type: 'LowCardinality(String)' },
  ],
  orderBy: ['id'],
}

/**
 * Pairs of things that a provider's valid key signed and of which only one can be true: a nonce used
 * twice (`NONCE_REUSED`), a batch in the place of another (`SEQUENCE_REUSED`) or after another one
 * (`PREVIOUS_MISMATCH`). What nobody's key signed proves nothing and is in no row.
 */
export const SIGNED_CONFLICT_TABLE: Table = {
  name: 'signed_conflict',
  stream: 'receipt',
  columns: [
    { name: 'provider', type: 'FixedString(20)' },
    { name: 'code', type: 'LowCardinality(String)' },
    /** The receipt that was refused, or the batch: it has a place among the signer's then. */
    { name: 'digest', type: 'FixedString(32)' },
    /** The one that is stored; zeros when there is none, as for a batch that is numbered 0. */
    { name: 'stored_digest', type: 'FixedString(32)' },
    { name: 'signer', type: 'FixedString(20)' },
    { name: 'nonce', type: 'UInt64' },
    { name: 'sequence', type: 'UInt64' },
    { name: 'received_at_seconds', type: 'UInt64' },
    /** The receipt as it arrived, or the beginning of the batch, which holds its header. */
    { name: 'body', type: 'String' },
  ],
  orderBy: ['provider', 'code', 'digest'],
}

export const RECEIPT_TABLES: readonly Table[] = [
  SUBMITTED_RECEIPT_TABLE,
  SIGNED_BATCH_TABLE,
  REJECTED_RECEIPT_TABLE,
  QUARANTINED_RECEIPT_TABLE,
  QUARANTINE_RELEASE_TABLE,
  SIGNED_CONFLICT_TABLE,
]
