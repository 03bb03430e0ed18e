import { type ClickHouseClient, command, queryRows } from '@foggara/database'
import {
  FatalError,
  type Hex,
  SETTLEMENT_TABLE,
  type Table,
  columnNames,
  hotRelation,
  hotTable,
  settledTable,
} from '@foggara/schema'

import { insertTable } from './insert.ts'
import { mapConcurrently } from './map-concurrently.ts'

/** How far final blocks are stored in the settled tables. */
export type Settlement = {
  readonly boundaryBlock: number
  readonly boundaryHash: Hex
  /** Rows of each settled table, from the first block to the boundary. */
  readonly rowCounts: Readonly<Record<string, number>>
}

/** Which hot rows are visible, as literals of a query. */
export type Visible = { readonly lastSeq: number; readonly killed: Iterable<number> }

/** What a move takes along. */
export type MovedRows = Visible & {
  readonly tables: readonly Table[]
  /** The contracts' accumulators were equal at this block, so every event before it is there. */
  readonly provenBlock: number
}

/** Settled tables are partitioned by this many blocks; a move stays within one partition. */
export const PARTITION_BLOCKS = 1_000_000

const STATEMENTS_AT_ONCE = 3

/** The last block that a move beginning after `settledBlock` may reach. */
export function settleLimit(settledBlock: number): number {
  return (Math.floor((settledBlock + 1) / PARTITION_BLOCKS) + 1) * PARTITION_BLOCKS - 1
}

/** The newest settlements, newest first, at most two. */
export async function readSettlements(client: ClickHouseClient): Promise<readonly Settlement[]> {
  const rows = await queryRows<SettlementRow>(
    client,
    `select
      boundary_block,
      concat('0x', lower(hex(boundary_hash))) as hash,
      row_counts
    from settlement
    order by boundary_block desc
    limit 1 by boundary_block
    limit 2`,
  )
  return rows.map((row) => ({
    boundaryBlock: Number(row.boundary_block),
    boundaryHash: row.hash,
    rowCounts: Object.fromEntries(
      Object.entries(row.row_counts).map(([name, count]) => [name, Number(count)]),
    ),
  }))
}

/**
 * Copies visible hot rows up to `boundary.block` into the settled tables and records the settlement.
 *
 * Each table's rows move in one part, so a crash leaves a table moved or not; the next call goes on
 * after the last block that each table holds. Readers turn to the settled rows with the settlement
 * row only. The hot rows stay, for readers that are pinned to the boundary before.
 */
export async function settle(
  client: ClickHouseClient,
  from: Settlement | undefined,
  boundary: { readonly block: number; readonly hash: Hex },
  moved: MovedRows,
): Promise<Settlement> {
  const plan = await planMoves(client, from?.boundaryBlock ?? -1, boundary.block, moved)
  const moves = plan.filter(({ hotRows }) => hotRows > 0)
  await mapConcurrently(moves, STATEMENTS_AT_ONCE, ({ table, afterBlock }) =>
    moveRows(client, table, { afterBlock, boundaryBlock: boundary.block }, moved),
  )
  const rowCounts = await checkedCounts(client, plan)
  const row = {
    boundary_block: boundary.block,
    boundary_hash: boundary.hash,
    row_counts: rowCounts,
  }
  const rows = { table: SETTLEMENT_TABLE.name, columns: SETTLEMENT_TABLE.columns, rows: [row] }
  await insertTable(client, rows, `settlement:${boundary.block}:${boundary.hash}`)
  return { boundaryBlock: boundary.block, boundaryHash: boundary.hash, rowCounts }
}

/**
 * Deletes hot rows that every reader finds in the settled tables by now, from tables with more than
 * `rowsKept` of them: a deletion costs more than a few rows do. Harmless to repeat or to leave out.
 */
export async function deleteSettledHotRows(
  client: ClickHouseClient,
  tables: readonly Table[],
  upTo: number,
  rowsKept: number,
): Promise<void> {
  const each = writtenTables(tables).map(
    (table) => `select '${hotTable(table)}' as name, count() as rows
    from ${hotTable(table)}
    where block <= ${upTo}`,
  )
  const found = await queryRows<{ name: string }>(
    client,
    `select name from (${each.join('\nunion all\n')}) where rows > ${rowsKept} order by name`,
  )
  await mapConcurrently(found, STATEMENTS_AT_ONCE, async ({ name }) => {
    const settings = { lightweight_deletes_sync: '2' } as const
    await command(client, `delete from ${name} where block <= ${upTo}`, {}, { settings })
  })
}

type Move = {
  readonly table: Table
  /** Rows up to this block are in the settled table already. */
  readonly afterBlock: number
  readonly settledRows: number
  readonly hotRows: number
}

async function planMoves(
  client: ClickHouseClient,
  settledBlock: number,
  boundaryBlock: number,
  moved: MovedRows,
): Promise<readonly Move[]> {
  const seen = visibleSql(moved)
  const each = moved.tables.map(
    (table) => `select
      '${table.name}' as name,
      (select if(count() = 0, -1, toInt64(max(block))) from ${settledTable(table)}) as last_block,
      greatest(last_block, ${settledBlock}) as after_block,
      (select count() from ${settledTable(table)}) as settled_rows,
      countIf(toInt64(block) > after_block) as hot_rows
    from ${table.derived === undefined ? hotTable(table) : `(${table.derived.candidates})`} as hot
    where block <= ${boundaryBlock} and ${seen}`,
  )
  const rows = await queryRows<MoveRow>(client, each.join('\nunion all\n'))
  const byName = new Map(rows.map((row) => [row.name, row]))
  return moved.tables.map((table) => {
    const row = byName.get(table.name)
    if (row === undefined) throw new SettlementMismatchError(table.name, 1, 0)
    const { after_block: afterBlock, settled_rows: settledRows, hot_rows: hotRows } = row
    return {
      table,
      afterBlock: Number(afterBlock),
      settledRows: Number(settledRows),
      hotRows: Number(hotRows),
    }
  })
}

async function moveRows(
  client: ClickHouseClient,
  table: Table,
  { afterBlock, boundaryBlock }: { readonly afterBlock: number; readonly boundaryBlock: number },
  moved: MovedRows,
): Promise<void> {
  const columns = columnNames(table)
  // What a node could not answer for when it was fetched is proven by the blocks that came since.
  const proven = `if(evidence in ('trusted', 'quorum') and toInt64(block) <= ${moved.provenBlock}, 'accumulator', evidence)`
  const values = columns.map((name) =>
    table.name === 'block' && name === 'evidence' ? proven : name,
  )
  const sql = `insert into ${settledTable(table)} (${columns.join(', ')})
    select ${values.join(', ')}
    from ${hotRelation(table)} as hot
    where toInt64(block) > ${afterBlock} and block <= ${boundaryBlock} and ${visibleSql(moved)}
    order by ${table.orderBy.join(', ')}`
  // One thread and no size at which a block is cut off: all rows arrive as one part.
  const settings = {
    max_threads: 1,
    max_insert_threads: '1',
    min_insert_block_size_rows: '1000000000',
    min_insert_block_size_bytes: '0',
  } as const
  await command(client, sql, {}, { settings })
}

/** The rows of every settled table after a move, which must be those before it and those moved. */
async function checkedCounts(
  client: ClickHouseClient,
  plan: readonly Move[],
): Promise<Settlement['rowCounts']> {
  const found = await countSettled(
    client,
    plan.map(({ table }) => table),
  )
  for (const { table, settledRows, hotRows } of plan) {
    const rows = found.find(({ name }) => name === table.name)?.rows ?? 0
    // Of rows that are computed only those that may be some were counted.
    const isWritten = table.derived === undefined
    if (isWritten && rows !== settledRows + hotRows) {
      throw new SettlementMismatchError(table.name, settledRows + hotRows, rows)
    }
  }
  return Object.fromEntries(found.map(({ name, rows }) => [name, rows]))
}

/** Rows of every settled table. */
export async function countSettled(
  client: ClickHouseClient,
  tables: readonly Table[],
): Promise<readonly { readonly name: string; readonly rows: number }[]> {
  const each = tables.map(
    (table) => `select '${table.name}' as name, count() as rows from ${settledTable(table)}`,
  )
  const rows = await queryRows<{ name: string; rows: string }>(client, each.join('\nunion all\n'))
  return rows.map((row) => ({ name: row.name, rows: Number(row.rows) }))
}

/** The tables whose hot rows lie somewhere, instead of being computed. */
export function writtenTables(tables: readonly Table[]): readonly Table[] {
  return tables.filter((table) => table.derived === undefined)
}

/** SQL condition for the visible rows of a hot table. */
export function visibleSql({ lastSeq, killed }: Visible): string {
  const list = [...killed]
  const alive = `commit_seq <= ${lastSeq}`
  return list.length === 0 ? alive : `${alive} and commit_seq not in (${list.join(', ')})`
}

type SettlementRow = {
  readonly boundary_block: string
  readonly hash: Hex
  readonly row_counts: Readonly<Record<string, string>>
}

type MoveRow = {
  readonly name: string
  readonly after_block: string
  readonly settled_rows: string
  readonly hot_rows: string
}

/** A settled table does not hold the rows that were moved into it. */
export class SettlementMismatchError extends FatalError {
  constructor(table: string, expected: number, found: number) {
    super('SETTLEMENT_MISMATCH', `settled rows of ${table}: expected ${expected}, found ${found}`, {
      hint: 'The settled data is damaged: index again into an empty data directory.',
    })
  }
}
