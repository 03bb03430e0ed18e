import type { Table } from './column.ts'

/**
 * What contradicted a rule, and since when. A row with `closed_block` ends the one that was opened at
 * the same block; nothing is ever changed.
 */
export const RULE_VIOLATION_TABLE: Table = {
  name: 'rule_violation',
  stream: 'none',
  columns: [
    { name: 'rule', type: 'LowCardinality(String)' },
    { name: 'subject', type: 'String' },
    /** The newest indexed block when it was found. */
    { name: 'opened_block', type: 'UInt64' },
    /** The newest indexed block when it was gone; null in the row that opens it. */
    { name: 'closed_block', type: 'Nullable(UInt64)' },
    { name: 'expected', type: 'String' },
    { name: 'found', type: 'String' },
    { name: 'noted_at_ms', type: 'UInt64' },
  ],
  orderBy: ['rule', 'subject', 'opened_block'],
}

/** What is known about rules. */
export const RULE_TABLES: readonly Table[] = [RULE_VIOLATION_TABLE]

/** SQL of the violations that are open as of a block, in a total order. */
export function openViolationsSql(block: number): string {
  return `
    select
      rule,
      subject,
      opened_block,
      max(expected) as expected_text,
      max(found) as found_text
    from rule_violation
    where opened_block <= ${block}
    group by rule, subject, opened_block
    having countIf(ifNull(closed_block <= ${block}, false)) = 0
    order by rule, subject, opened_block`
}
