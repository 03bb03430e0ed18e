import { type ClickHouseClient, command, queryRowBlocks, queryRows } from '@foggara/database'
import { FatalError, STATUS_TABLE } from '@foggara/schema'

import { insertTable } from '../../store/insert.ts'
import type { EntityTable } from './entity-table.ts'
import type { StoredPlace } from './stored-run.ts'
import { visibleRows } from './table-ddl.ts'

const PRUNED_KEY = 'pruned'
/** Rows of one statement; each statement rewrites something of every part. */
const DELETED_AT_ONCE = 100_000

/** The first block whose state is still there; 0 where all are. */
export async function readPrunedBlock({ client, names }: StoredPlace): Promise<number> {
  const [row] = await queryRows<{ block: string }>(
    client,
    `select max(toUInt64(value)) as block from ${names('_status')} where key = '${PRUNED_KEY}'`,
  )
  return Number(row?.block ?? 0)
}

/**
 * Deletes the versions that ended at `block` or before.
 *
 * Versions go first, then the removals that nothing comes before: either deletion may be cut short
 * and repeated, for what it looks at it does not delete. The block is noted before, so that nobody
 * trusts a history that is half gone.
 */
export async function pruneBefore(
  place: StoredPlace,
  tables: readonly EntityTable[],
  block: number,
  nowMs: number,
): Promise<void> {
  const { client, names } = place
  const row = { key: PRUNED_KEY, value: String(block), at_ms: nowMs }
  const status = { table: names('_status'), columns: STATUS_TABLE.columns, rows: [row] }
  await insertTable(client, status, `${PRUNED_KEY}:${block}:${nowMs}`)
  for (const table of tables) {
    if (table.isImmutable) continue
    const rows = names(`${table.name}_rows`)
    const seen = `block_from <= ${block} and ${visibleRows(names)}`
    const ended = `select vid from (
      select vid, leadInFrame(toNullable(block_from)) over (
        partition by id order by block_from rows between current row and unbounded following
      ) as block_to
      from ${rows}
      where ${seen}
    )
    where block_to is not null`
    await deleteRows(client, rows, ended)
    const gone = `select any(vid) as vid from ${rows} where ${seen}
    group by id
    having count() = 1 and any(_removed)`
    await deleteRows(client, rows, gone)
  }
}

/** The numbers are read first: a deletion that reads its own table may never end. */
async function deleteRows(client: ClickHouseClient, rows: string, found: string): Promise<void> {
  const vids: string[] = []
  for await (const block of queryRowBlocks<{ vid: string }>(client, found)) {
    for (const { vid } of block) vids.push(vid)
  }
  const settings = { lightweight_deletes_sync: '2' } as const
  for (let start = 0; start < vids.length; start += DELETED_AT_ONCE) {
    const list = vids.slice(start, start + DELETED_AT_ONCE).join(', ')
    await command(client, `delete from ${rows} where vid in (${list})`, {}, { settings })
  }
}

/** The subgraph is to go back to a block whose versions were deleted. */
export class HistoryPrunedError extends FatalError {
  constructor(database: string, block: number, firstBlock: number) {
    super(
      'SUBGRAPH_HISTORY_PRUNED',
      `${database}: expected to go back to block ${firstBlock} or a later one, found block ${block}`,
      { hint: `Drop the database ${database} and index the subgraph anew.` },
    )
  }
}
