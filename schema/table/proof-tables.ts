import type { Table } from './column.ts'

/**
 * Blocks that were proven after they were settled, when their rows could no longer say so: the stored
 * logs were those of receipts that fold to the root in the block's header. A settled block is never
 * replaced, so a row stays right for ever; readers see it from the block `proven_at_block` on.
 */
export const BLOCK_PROOF_TABLE: Table = {
  name: 'block_proof',
  stream: 'none',
  columns: [
    { name: 'block', type: 'UInt64' },
    { name: 'log_count', type: 'UInt32' },
    /** The newest indexed block when it was proven. */
    { name: 'proven_at_block', type: 'UInt64' },
  ],
  orderBy: ['block'],
}

/** What is found out about blocks after they were stored. */
export const PROOF_TABLES: readonly Table[] = [BLOCK_PROOF_TABLE]
