import { type ClickHouseClient, command, queryRowBlocks, queryRows } from '@foggara/database'
import { FatalError, STATUS_TABLE } from '@foggara/schema'

import type { WriterSurroundings } from '../../store/commit-writer.ts'
import { insertTable } from '../../store/insert.ts'
import { subgraphDatabase } from './deployment.ts'
import { type StoredPlace, readRecentBlocks } from './stored-run.ts'
import { sqlNames, visibleRows } from './table-ddl.ts'

const PRUNED_KEY = 'pruned'
/** Rows of one statement; each statement rewrites something of every part. */
const DELETED_AT_ONCE = 20_000

/** The first block whose state is still there; 0 where all are. */
export async function readPrunedBlock({ client, names }: StoredPlace): Promise<number> {
  const [row] = await queryRows<{ block: string }>(
    client,
    `select max(toUInt64(value)) as block from ${names('_status')} where key = '${PRUNED_KEY}'`,
  )
  return Number(row?.block ?? 0)
}

/** What {@link pruneSubgraph} did. */
export type PruneReport = {
  readonly database: string
  /** The first block whose state is still there. */
  readonly firstBlock: number
}

/**
 * Deletes the versions of a subgraph that none of its last `keptBlocks` blocks sees. Their history is
 * gone for good, and going back below those blocks is refused from then on.
 *
 * The subgraph may run meanwhile, as long as more blocks are kept than its chain replaces.
 */
export async function pruneSubgraph(
  { client, nowMs }: Pick<WriterSurroundings, 'client' | 'nowMs'>,
  name: string,
  keptBlocks: number,
): Promise<PruneReport> {
  const database = subgraphDatabase(name)
  const place = { client, names: sqlNames(database) }
  const found = await queryRows<{ table: string }>(
    client,
    `select table from system.columns
    where database = {database:String} and name = '_removed' and endsWith(table, '_rows')
    order by table`,
    { database },
  )
  if (found.length === 0) throw new NothingToPruneError(database)
  const [last] = await readRecentBlocks(place).then((blocks) => blocks.slice(-1))
  const before = await readPrunedBlock(place)
  const block = Math.max(before, (last?.number ?? 0) - keptBlocks)
  if (block > 0)
    await pruneTables(
      place,
      found.map(({ table }) => table),
      block,
      nowMs(),
    )
  return { database, firstBlock: block }
}

/**
 * Deletes the versions that ended at `block` or before.
 *
 * Versions go first, then the removals that nothing comes before: either deletion may be cut short
 * and repeated, for what it looks at it does not delete. The block is noted before, so that nobody
 * trusts a history that is half gone.
 */
export async function pruneTables(
  place: StoredPlace,
  tables: readonly string[],
  block: number,
  nowMs: number,
): Promise<void> {
  const { client, names } = place
  const row = { key: PRUNED_KEY, value: String(block), at_ms: nowMs }
  const status = { table: names('_status'), columns: STATUS_TABLE.columns, rows: [row] }
  await insertTable(client, status, `${PRUNED_KEY}:${block}:${nowMs}`)
  for (const table of tables) {
    const rows = names(table)
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

/** There are no tables of entities under the name. */
class NothingToPruneError extends FatalError {
  constructor(database: string) {
    super('SUBGRAPH_NOT_STORED', `expected the database ${database}, found no subgraph in it`, {
      hint: 'Name it as `foggara subgraph run --name` did; `foggara subgraph status` lists them.',
    })
  }
}
