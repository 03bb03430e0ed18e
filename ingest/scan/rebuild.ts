import { type ClickHouseClient, command, queryRows } from '@foggara/database'
import {
  FatalError,
  type SourceTable,
  columnNames,
  settledTable,
  sourceViewSql,
} from '@foggara/schema'

import { settleLimit } from '../store/settle.ts'

/** What the views of sources show, and what they should. */
export type ViewTarget = {
  readonly table: SourceTable
  /** The table that the view shows now; absent: there is no such view. */
  readonly shown: string | undefined
}

/** Logs of the archive that are computed in one step. */
const STEP_LOGS = 200_000

/** Finds what the views of tables show. */
export async function readViewTargets(
  client: ClickHouseClient,
  tables: readonly SourceTable[],
): Promise<readonly ViewTarget[]> {
  const rows = await queryRows<{ name: string; text: string }>(
    client,
    `select name, as_select as text
    from system.tables
    where database = currentDatabase() and engine = 'View'`,
  )
  return tables.map((table) => {
    const text = rows.find(({ name }) => name === table.view)?.text ?? ''
    const shown = new RegExp(`\\b(${table.view}_[0-9a-f]{8})_settled\\b`, 'u').exec(text)?.[1]
    return { table, shown }
  })
}

/**
 * Computes the next rows of a table from the final part of the archive, as one part, after those that
 * it has; false when there are no more. What a crash cut short was not written.
 */
export async function rebuildStep(client: ClickHouseClient, table: SourceTable): Promise<boolean> {
  const after = await lastBlockOf(client, settledTable(table))
  return rebuildAfter(client, table, after)
}

/**
 * Makes the view show the table from now on, in one step for every reader, and drops the table that
 * it showed before. The table must be complete.
 *
 * @throws {RebuildIncompleteError}
 */
export async function showTable(
  client: ClickHouseClient,
  { table, shown }: ViewTarget,
): Promise<void> {
  const [row] = await queryRows<{ expected: string; found: string }>(
    client,
    `select
      (select count() from (${table.derived.finalRows})) as expected,
      (select count() from ${settledTable(table)}) as found`,
  )
  if (row?.expected !== row?.found) {
    throw new RebuildIncompleteError(table.name, Number(row?.expected), Number(row?.found))
  }
  await command(client, sourceViewSql(table))
  if (shown !== undefined && shown !== table.name) {
    await command(client, `drop table if exists ${shown}_settled`)
  }
}

/** Drops tables of earlier ABIs that no view shows and nobody asks for. */
export async function dropForgotten(
  client: ClickHouseClient,
  targets: readonly ViewTarget[],
): Promise<void> {
  const kept = new Set(targets.flatMap(({ table, shown }) => [table.name, shown ?? '']))
  const rows = await queryRows<{ name: string }>(
    client,
    `select name
    from system.tables
    where database = currentDatabase() and match(name, '_[0-9a-f]{8}_settled$')
    order by name`,
  )
  for (const { name } of rows) {
    const isOurs = targets.some(
      ({ table }) => name.slice(0, -'_12345678_settled'.length) === table.view,
    )
    if (isOurs && !kept.has(name.slice(0, -'_settled'.length))) {
      await command(client, `drop table if exists ${name}`)
    }
  }
}

async function rebuildAfter(
  client: ClickHouseClient,
  table: SourceTable,
  after: number,
): Promise<boolean> {
  const [row] = await queryRows<{ last_block: string; logs: string }>(
    client,
    `select max(block) as last_block, count() as logs
    from (
      select block
      from log_settled
      where toInt64(block) > ${after} and block <= ${settleLimit(after)}
      order by block
      limit ${STEP_LOGS}
    )`,
  )
  if (Number(row?.logs) === 0) return hasMore(client, table, settleLimit(after))
  const lastBlock = Number(row?.last_block)
  const rows = `${table.derived.finalRows} and source.block > ${after} and source.block <= ${lastBlock}`
  await command(
    client,
    `insert into ${settledTable(table)} (${columnNames(table).join(', ')}) ${rows}
    order by block, log_index`,
    {},
    {
      settings: {
        max_threads: 1,
        max_insert_threads: '1',
        min_insert_block_size_rows: '1000000000',
        min_insert_block_size_bytes: '0',
      },
    },
  )
  const isWritten = (await lastBlockOf(client, settledTable(table))) > after
  // A step without rows leaves no trace to go on from.
  return isWritten ? true : rebuildAfter(client, table, lastBlock)
}

async function hasMore(
  client: ClickHouseClient,
  table: SourceTable,
  after: number,
): Promise<boolean> {
  const last = await lastBlockOf(client, 'log_settled')
  return last > after ? rebuildAfter(client, table, after) : false
}

async function lastBlockOf(client: ClickHouseClient, table: string): Promise<number> {
  const [row] = await queryRows<{ last_block: string }>(
    client,
    `select if(count() = 0, -1, toInt64(max(block))) as last_block from ${table}`,
  )
  return Number(row?.last_block ?? -1)
}

/** A table that was computed anew does not hold what the archive gives. */
export class RebuildIncompleteError extends FatalError {
  constructor(table: string, expected: number, found: number) {
    super('REBUILD_INCOMPLETE', `expected ${expected} rows in ${table}, found ${found}`, {
      hint: 'Drop that table; it is computed again at the next start. Readers see the old one.',
    })
  }
}
