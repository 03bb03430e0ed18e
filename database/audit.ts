import type { ClickHouseClient } from '@clickhouse/client'

import { queryRows } from './statements.ts'

/** Something wrong with the stored data, found without reading it. */
export type StorageFinding = {
  readonly type: 'part-broken'
  readonly table: string
  readonly part: string
  /** ClickHouse's word, for example `broken-on-start`. */
  readonly reason: string
  readonly byteLength: bigint
}

/**
 * Looks for parts that ClickHouse set aside because they are broken: their rows are missing from
 * the tables although the database opened without an error.
 *
 * A caller compares row counts with its commits before it trusts the tables: after a power cut a
 * broken part may be a merge whose sources are still there. A part whose directory has vanished
 * leaves no trace here.
 */
export async function auditStorage(
  client: ClickHouseClient,
  database: string,
): Promise<readonly StorageFinding[]> {
  const rows = await queryRows<DetachedPart>(
    client,
    `select table, name, reason, bytes_on_disk
    from system.detached_parts
    where database = {database:String} and startsWith(reason, 'broken')
    order by table, name`,
    { database },
  )
  return rows.map((row) => ({
    type: 'part-broken',
    table: row.table,
    part: row.name,
    reason: row.reason,
    byteLength: BigInt(row.bytes_on_disk),
  }))
}

type DetachedPart = {
  readonly table: string
  readonly name: string
  readonly reason: string
  readonly bytes_on_disk: string
}
