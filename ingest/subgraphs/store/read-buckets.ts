import type { Entity } from '../entity-cache/entity.ts'
import type { EntityTable } from './entity-table.ts'
import { type StoredPlace, readRows } from './stored-run.ts'

/** The points of a timeseries from a time in microseconds on, in the order of their writing. */
export async function readPoints(
  place: StoredPlace,
  table: EntityTable,
  from: bigint,
): Promise<readonly Entity[]> {
  const where = `toUnixTimestamp64Micro(\`${columnOf(table, 'timestamp')}\`) >= ${from}`
  const rows = await readRows(place, table, { where, rest: 'order by vid' })
  return rows.map(({ entity }) => entity)
}

/** The newest bucket for each combination of values of the dimensions. */
export async function readNewestBuckets(
  place: StoredPlace,
  table: EntityTable,
  dimensions: readonly string[],
): Promise<readonly Entity[]> {
  const groups = dimensions.map((name) => `\`${columnOf(table, name)}\``).join(', ')
  const rest = `order by \`${columnOf(table, 'timestamp')}\` desc, vid
    limit 1${groups === '' ? '' : ` by ${groups}`}`
  const rows = await readRows(place, table, { where: 'true', rest })
  return rows.map(({ entity }) => entity)
}

function columnOf(table: EntityTable, fieldName: string): string {
  return table.columns.find(({ field }) => field.name === fieldName)?.name ?? fieldName
}
