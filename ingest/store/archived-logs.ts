import { type ClickHouseClient, queryRows } from '@foggara/database'
import { type Hex, LOG_TABLE, type Pin, pinnedRelations, selectText } from '@foggara/schema'

/** A log as the raw archive keeps it. */
export type ArchivedLog = {
  readonly block: number
  readonly logIndex: number
  readonly transactionHash: Hex
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly payload: Hex
}

const NAMES = new Set(['block', 'log_index', 'transaction_hash', 'address', 'topics', 'payload'])
const COLUMNS = LOG_TABLE.columns.filter(({ name }) => NAMES.has(name))

/** Reads the archived logs of blocks, ascending by block and log index. */
export async function readArchivedLogs(
  client: ClickHouseClient,
  pin: Pin,
  blocks: readonly number[],
): Promise<readonly ArchivedLog[]> {
  if (blocks.length === 0) return []
  const rows = await queryRows<Omit<ArchivedLog, 'block'> & { readonly block: string }>(
    client,
    `${selectText(COLUMNS, pinnedRelations(pin).relation('log'))}
    where source.block in (${blocks.join(', ')})
    order by source.block, source.log_index`,
  )
  return rows.map((row) => ({ ...row, block: Number(row.block) }))
}
