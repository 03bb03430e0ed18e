import { CHAIN_TABLES } from './chain-tables.ts'
import type { Table } from './column.ts'
import { COMMIT_TABLES } from './commit-tables.ts'
import { EPOCH_TABLES } from './epoch-tables.ts'
import { PROOF_TABLES } from './proof-tables.ts'
import { RECEIPT_FILE_TABLES } from './receipt-file-tables.ts'
import { RECEIPT_TABLES } from './receipt-tables.ts'
import { RULE_TABLES } from './rule-tables.ts'

/** Every logical table. */
export const TABLES: readonly Table[] = [
  ...COMMIT_TABLES,
  ...CHAIN_TABLES,
  ...RECEIPT_TABLES,
  ...EPOCH_TABLES,
  ...PROOF_TABLES,
  ...RULE_TABLES,
  ...RECEIPT_FILE_TABLES,
]
