import {
  CATALOGUE_KEY,
  CATALOGUE_TABLE_PREFIX,
  type ChainCatalogue,
  parseCatalogue,
} from '@foggara/schema'

import type { ClickHouseClient } from './client.ts'
import { queryRows } from './statements.ts'

/** Reads what a chain's own database says about its source events and domain views. */
export async function readChainCatalogue(client: ClickHouseClient): Promise<ChainCatalogue> {
  const rows = await queryRows<{ key: string; value: string }>(
    client,
    `select key, argMax(value, at_ms) as value
    from status
    where key = {key:String} or startsWith(key, {prefix:String})
    group by key
    order by key`,
    { key: CATALOGUE_KEY, prefix: CATALOGUE_TABLE_PREFIX },
  )
  const views = await queryRows<{ name: string; text: string }>(
    client,
    `select name, as_select as text
    from system.tables
    where database = currentDatabase() and engine = 'View'
    order by name`,
  )
  return parseCatalogue(rows, new Map(views.map(({ name, text }) => [name, text])))
}
