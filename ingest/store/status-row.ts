import { type ClickHouseClient, command, queryRows } from '@foggara/database'
import { STATUS_TABLE } from '@foggara/schema'

import { insertTable } from './insert.ts'

/** Older status rows are deleted once they are many. */
const STATUS_KEPT_MS = 3_600_000
const STATUS_ROWS_MAX = 1_000

/** Writes what a part of the product says about itself to the table `status`, as JSON under a key. */
export async function writeStatusRow(
  client: ClickHouseClient,
  key: string,
  value: unknown,
  atMs: number,
): Promise<void> {
  const oldMs = atMs - STATUS_KEPT_MS
  const old = 'key = {key:String} and at_ms < {oldMs:UInt64}'
  const parameters = { key, oldMs }
  const [found] = await queryRows<{ rows: string }>(
    client,
    `select count() as rows from status where ${old}`,
    parameters,
  )
  if (Number(found?.rows) >= STATUS_ROWS_MAX) {
    await command(client, `delete from status where ${old}`, parameters)
  }
  const row = { key, value: JSON.stringify(value), at_ms: atMs }
  const rows = { table: STATUS_TABLE.name, columns: STATUS_TABLE.columns, rows: [row] }
  await insertTable(client, rows, `${key}:${atMs}`)
}
