import { type ClickHouseClient, queryRows } from '@foggara/database'

import type { StoredLimits } from './fetch-range-limits.ts'

/**
 * What earlier runs learned of their providers' limits, by the id of a provider: it stands in the
 * newest status row. What cannot be read is learned again.
 */
export async function readStoredLimits(
  client: ClickHouseClient,
): Promise<ReadonlyMap<string, StoredLimits>> {
  const [row] = await queryRows<{ value: string }>(
    client,
    "select value from status where key = 'ingest' order by at_ms desc limit 1",
  )
  const status = fieldsOf(JSON.parse(row?.value ?? '{}'))
  const providers = Array.isArray(status['providers']) ? status['providers'] : []
  const limits = new Map<string, StoredLimits>()
  for (const provider of providers.map(fieldsOf)) {
    const stored = limitsOf(fieldsOf(provider['limits']))
    if (typeof provider['id'] === 'string' && stored !== undefined)
      limits.set(provider['id'], stored)
  }
  return limits
}

function limitsOf(fields: Readonly<Record<string, unknown>>): StoredLimits | undefined {
  const { blocksMax, filtersMax, logsMax, blocksByFilter } = fields
  const isLimit = (value: unknown): value is number | null => value === null || isCount(value)
  if (!isLimit(blocksMax) || !isLimit(filtersMax) || !isCount(logsMax)) return undefined
  const byFilter = Object.entries(fieldsOf(blocksByFilter)).flatMap(([id, count]) =>
    isCount(count) ? [[id, count] as const] : [],
  )
  return { blocksMax, filtersMax, logsMax, blocksByFilter: Object.fromEntries(byFilter) }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {}
}
