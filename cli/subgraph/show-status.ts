import { queryRows } from '@foggara/database'
import { SUBGRAPH_STATUS_PREFIX, type SubgraphStatus } from '@foggara/ingest'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { loadConfig } from '../config.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { duration } from '../service/progress.ts'
import { errorLines, statusJson, statusLine } from './follow-lines.ts'

/** A subgraph that says nothing for so long does not run any more. */
const SILENT_MS = 30_000

/** Runs `foggara subgraph status`: 0 where no subgraph of the database failed or stands still. */
export async function showStatus(options: OptionValues, context: Context): Promise<number> {
  const config = await loadConfig(options, context)
  await using database = await openDatabaseToRead(config, context.directory, context.warn)
  const rows = await queryRows<{ value: string; seen_ms: string }>(
    database.client,
    `select argMax(value, at_ms) as value, max(at_ms) as seen_ms
    from status
    where startsWith(key, {prefix:String})
    group by key
    order by key`,
    { prefix: SUBGRAPH_STATUS_PREFIX },
  )
  const asJson = flagOption(options, 'json')
  if (rows.length === 0 && !asJson) context.print('no subgraph ran into this database yet')
  let exitCode = 0
  for (const { value, seen_ms: atMs } of rows) {
    // Only this product writes the table, as JSON of this type.
    const status = JSON.parse(value) as SubgraphStatus
    if (status.state === 'failed' || status.state === 'stopped') exitCode = 1
    const silentMs = Math.max(0, context.nowMs() - Number(atMs))
    const isRunning = silentMs < SILENT_MS && status.state !== 'done'
    if (asJson) {
      context.print(statusJson('status', status, { isRunning, atMs: Number(atMs) }))
      continue
    }
    const since = isRunning ? '' : `, said ${duration(silentMs / 1000)} ago`
    context.print(`${statusLine(status, undefined)}${since}`)
    for (const line of errorLines(status)) context.print(line)
  }
  return exitCode
}
