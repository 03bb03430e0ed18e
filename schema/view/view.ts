import type { Column, ColumnType } from '../table/column.ts'
import type { Relations } from '../table/relation.ts'

/**
 * A domain view: one SQL text over the event tables that serves both as a view of the newest commit
 * and, through pinned relations, as the state at any block.
 */
export type View = {
  readonly name: string
  readonly columns: readonly Column[]
  /** A total order of its rows. */
  readonly key: readonly string[]
  readonly sql: (from: Relations) => string
}

/** Turns a record of column types into columns, in the record's order. */
export function columns(types: Readonly<Record<string, ColumnType>>): readonly Column[] {
  return Object.entries(types).map(([name, type]) => ({ name, type }))
}

/** SQL that names the words of an on-chain number, `''` when it is out of range. */
export function wordOf(words: readonly string[], expression: string): string {
  return `[${words.map((word) => `'${word}'`).join(', ')}][${expression} + 1]`
}

/** Columns that lead back to the log a row comes from. */
export const EVIDENCE: Readonly<Record<string, ColumnType>> = {
  block: 'UInt64',
  log_index: 'UInt32',
  transaction_hash: 'FixedString(32)',
  at_seconds: 'UInt64',
}

/** SQL list of the evidence columns of relation `alias`. */
export function evidenceOf(alias: string): string {
  return Object.keys(EVIDENCE)
    .map((name) => `${alias}.${name} as ${name}`)
    .join(', ')
}
