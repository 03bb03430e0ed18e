import { type ClickHouseClient, queryRows } from '@foggara/database'

import type { ServiceStatus } from './status.ts'

/** What ingest last wrote about itself, for an API that runs in another process. */
export async function storedStatus(client: ClickHouseClient): Promise<ServiceStatus> {
  const [row] = await queryRows<{ readonly value: string }>(
    client,
    "select value from status where key = 'ingest' order by at_ms desc limit 1",
  )
  return row === undefined ? {} : decodeIngestStatus(row.value)
}

/** Reads the JSON of ingest's status; fields that are missing or negative are unknown. */
export function decodeIngestStatus(json: string): ServiceStatus {
  const fields: unknown = JSON.parse(json)
  if (typeof fields !== 'object' || fields === null) return {}
  const known = new Map<string, unknown>(Object.entries(fields))
  const block = (name: string): number | undefined => {
    const value = known.get(name)
    return typeof value === 'number' && value >= 0 ? value : undefined
  }
  const headBlock = block('chainHeadBlock')
  const finalBlock = block('finalizedBlock')
  const blocksPerSecond = block('blocksPerSecond')
  const code = known.get('errorCode')
  const text = known.get('errorText')
  const isWrong = typeof code === 'string' && code !== ''
  return {
    ...(headBlock === undefined ? {} : { headBlock }),
    ...(finalBlock === undefined ? {} : { finalBlock }),
    ...(blocksPerSecond === undefined ? {} : { blocksPerSecond }),
    errors: isWrong ? [`${code}: ${typeof text === 'string' ? text : ''}`] : [],
  }
}
