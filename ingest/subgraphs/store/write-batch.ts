import { type ClickHouseClient, command, insertRowBinary, queryRows } from '@foggara/database'

import type { Commit } from '../../store/commit-log.ts'
import { deduplicationToken, insertTable } from '../../store/insert.ts'
import { mapConcurrently } from '../../store/map-concurrently.ts'
import type { Batch } from './batch.ts'
import { rowColumns } from './entity-rows.ts'
import type { EntityTable } from './entity-table.ts'
import { OWN_TABLES } from './own-tables.ts'
import type { StoredPlace } from './stored-run.ts'

const INSERTS_AT_ONCE = 4

/** Inserts the rows of a batch under a sequence number and counts them by table. */
export async function writeBatch(
  { client, names }: StoredPlace,
  batch: Batch,
  commitSeq: number,
): Promise<Commit['rowCounts']> {
  const counts: Record<string, number> = {}
  const entities = batch.entities().map((rows) => async () => {
    const { name } = rows.table
    const table = names(`${name}_rows`)
    counts[name] = rows.rowCount()
    const token = { deduplicationToken: deduplicationToken(table, `${commitSeq}`, 0) }
    await insertRowBinary(client, table, rowColumns(rows.table), rows.encoded(commitSeq), token)
  })
  const own = OWN_TABLES.map(({ name, columns }) => async () => {
    const rows = batch.own[name]
    if (rows.length === 0) return
    counts[name] = rows.length
    await insertTable(
      client,
      { table: names(`${name}_rows`), columns, rows, commitSeq },
      `${commitSeq}`,
    )
  })
  await mapConcurrently([...entities, ...own], INSERTS_AT_ONCE, (insert) => insert())
  return counts
}

/** What of attempts is copied under another sequence number: blocks up to `lastBlock`. */
export type Survivors = {
  readonly commitSeqs: readonly number[]
  readonly lastBlock: number
  readonly tables: readonly EntityTable[]
}

/** Copies the rows of attempts that a revert divides, and counts them by table. */
export async function copySurvivors(
  place: StoredPlace,
  { commitSeqs, lastBlock, tables }: Survivors,
  commitSeq: number,
): Promise<Commit['rowCounts']> {
  if (commitSeqs.length === 0) return {}
  const condition = (blockColumn: string) =>
    `commit_seq in (${commitSeqs.join(', ')}) and ${blockColumn} <= ${lastBlock}`
  const copies = [
    ...tables.map((table) => ({
      name: table.name,
      columns: rowColumns(table).slice(0, -1),
      where: condition('block_from'),
    })),
    ...OWN_TABLES.map(({ name, columns }) => ({
      name,
      columns: columns.map((column) => column.name),
      where: condition('block'),
    })),
  ]
  const counts: Record<string, number> = {}
  await mapConcurrently(copies, INSERTS_AT_ONCE, async ({ name, columns, where }) => {
    const rows = place.names(`${name}_rows`)
    const count = await countRows(place.client, rows, where)
    if (count === 0) return
    counts[name] = count
    const list = columns.map((column) => `\`${column}\``).join(', ')
    await command(
      place.client,
      `insert into ${rows} (${list}, commit_seq)
      select ${list}, ${commitSeq} from ${rows} where ${where}`,
    )
  })
  return counts
}

async function countRows(client: ClickHouseClient, rows: string, where: string): Promise<number> {
  const [row] = await queryRows<{ count: string }>(
    client,
    `select count() as count from ${rows} where ${where}`,
  )
  return Number(row?.count ?? 0)
}
