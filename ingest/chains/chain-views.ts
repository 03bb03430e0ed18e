import { type ClickHouseClient, command, queryRows } from '@foggara/database'
import {
  type EventSource,
  FatalError,
  type Relations,
  STATUS_TABLE,
  type View,
  catalogueRows,
} from '@foggara/schema'

import { insertTable } from '../store/insert.ts'

/** Relations of a chain's own database, as of its newest commit. */
const LATEST: Relations = {
  nowSeconds: '(select max(at_seconds) from block)',
  relation: (name) => name,
}

/**
 * Puts what several adapters say of one relation into one, in the order in which they are used.
 *
 * @throws {ViewsDifferError}
 */
export function joinedViews(views: readonly View[]): readonly View[] {
  const joined = new Map<string, View>()
  for (const view of views) {
    const before = joined.get(view.name)
    if (before !== undefined && shapeOf(before) !== shapeOf(view)) {
      throw new ViewsDifferError(view.name)
    }
    const sql = (from: Relations): string =>
      before === undefined ? view.sql(from) : `${before.sql(from)}\nunion all\n${view.sql(from)}`
    joined.set(view.name, { ...view, sql })
  }
  return [...joined.values()]
}

/**
 * Makes the views of a chain's database show the domain relations, and writes what readers need to
 * know of sources and views. The views of the source events must be there.
 */
export async function showViews(
  client: ClickHouseClient,
  sources: readonly EventSource[],
  views: readonly View[],
  atMs: number,
): Promise<void> {
  for (const { name, sql } of views) {
    await command(client, `create or replace view ${name} as ${sql(LATEST)}`)
  }
  const found = await queryRows<{ key: string; value: string }>(
    client,
    'select key, argMax(value, at_ms) as value from status group by key',
  )
  const known = new Map(found.map(({ key, value }) => [key, value]))
  const rows = catalogueRows(sources, views)
    .map(({ key, value }) => ({ key, value: JSON.stringify(value), at_ms: atMs }))
    .filter(({ key, value }) => known.get(key) !== value)
  if (rows.length === 0) return
  const { name: table, columns } = STATUS_TABLE
  await insertTable(client, { table, columns, rows }, `catalogue:${atMs}`)
}

function shapeOf({ columns }: View): string {
  return JSON.stringify(columns)
}

/** Two adapters call different things the same. */
export class ViewsDifferError extends FatalError {
  constructor(name: string) {
    super('ADAPTER_VIEWS_DIFFER', `expected one shape of ${name}, found two`, {
      hint: 'Give one of the adapters another name, or use one of them only.',
    })
  }
}
