import { RECEIPT_BODY_COLUMNS } from './chain-tables.ts'
import type { Table } from './column.ts'

/** Receipts accepted over HTTP, by digest; each digest is stored once. */
export const SUBMITTED_RECEIPT_TABLE: Table = {
  name: 'submitted_receipt',
  stream: 'receipt',
  columns: [
    { name: 'digest', type: 'FixedString(32)' },
    { name: 'received_at_seconds', type: 'UInt64' },
    ...RECEIPT_BODY_COLUMNS,
  ],
  orderBy: ['digest'],
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

export const RECEIPT_TABLES: readonly Table[] = [SUBMITTED_RECEIPT_TABLE, REJECTED_RECEIPT_TABLE]
