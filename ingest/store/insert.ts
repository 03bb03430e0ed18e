import { createHash } from 'node:crypto'

import { type ClickHouseClient, insertNative, insertRowBinary } from '@foggara/database'
import type { Column } from '@foggara/schema'

import { type NativeRows, nativeBlock } from './native-block.ts'
import { type Row, encodeRows, encodeUint64 } from './row-binary.ts'

/** The most rows of one insert: one part of an attempt. */
export const PART_ROWS_MAX = 100_000

/** Rows for one physical table, all of one attempt. */
export type TableRows = {
  readonly table: string
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  /** Written into `commit_seq` of every row; absent for tables without that column. */
  readonly commitSeq?: number
}

/**
 * Inserts rows as RowBinary and returns when they are on disk.
 *
 * Each part carries a deduplication token made of table, attempt and part, so that a repetition by
 * a proxy or a client is stored once. Raises the codes of `databaseError`, and `VALUE_UNFIT` before
 * anything is sent.
 */
export async function insertTable(
  client: ClickHouseClient,
  { table, columns, rows, commitSeq }: TableRows,
  tokenSeed: string,
): Promise<void> {
  const names = columns.map((column) => column.name)
  if (commitSeq !== undefined) names.push('commit_seq')
  const trailer = commitSeq === undefined ? new Uint8Array(0) : encodeUint64(commitSeq)
  for (let start = 0, part = 0; start < rows.length; start += PART_ROWS_MAX, part += 1) {
    const body = encodeRows(columns, rows.slice(start, start + PART_ROWS_MAX), trailer)
    const token = deduplicationToken(table, tokenSeed, part)
    await insertRowBinary(client, table, names, body, { deduplicationToken: token })
  }
}

/** Inserts the columns of one attempt as one part; otherwise as {@link insertTable}. */
export async function insertColumns(
  client: ClickHouseClient,
  table: string,
  rows: NativeRows,
  { commitSeq, tokenSeed }: { readonly commitSeq?: number; readonly tokenSeed: string },
): Promise<void> {
  const token = deduplicationToken(table, tokenSeed, 0)
  await insertNative(client, table, nativeBlock(rows, commitSeq), { deduplicationToken: token })
}

/** sha256 in hex: the embedded database accepts no other text as a token. */
export function deduplicationToken(table: string, attempt: string, part: number): string {
  return createHash('sha256').update(`${table}\n${attempt}\n${part}`).digest('hex')
}
