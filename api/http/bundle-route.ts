import { Readable } from 'node:stream'

import { type ClickHouseClient, QUERY_LIMITS, currentPin, queryRowBlocks } from '@foggara/database'
import { queryRows } from '@foggara/database'
import { type Pin, pinnedRelations } from '@foggara/schema'
import type { FastifyInstance, FastifyReply } from 'fastify'

type Head = {
  readonly manifest: string
  readonly manifestHash: string
  readonly ruleset: string
}

type LineRow = { readonly table: string; readonly line: string }

const EPOCH = /^[1-9][0-9]{0,9}$/
const TABLE = /^[A-Za-z]{1,40}$/

/**
 * Serves what an epoch was computed from, for recomputing it elsewhere:
 * `/epochs/:epoch/bundle.ndjson` (first a line with manifest and ruleset, then a line per row of
 * each table) and `/epochs/:epoch/tables/:table.ndjson` (the canonical lines whose hash the manifest
 * names).
 */
export function bundleRoute(app: FastifyInstance, client: ClickHouseClient): void {
  app.get<{ Params: { epoch: string } }>('/epochs/:epoch/bundle.ndjson', async (request, reply) => {
    const { epoch } = request.params
    const pin = await currentPin(client)
    const head = EPOCH.test(epoch) ? await headOf(client, pin, epoch) : undefined
    if (head === undefined) return notClosed(reply, epoch)
    const name = `epoch-${epoch}.ndjson`
    return download(reply, name, head.manifestHash).send(
      Readable.from(bundleLines(client, pin, epoch, head)),
    )
  })
  app.get<{ Params: { epoch: string; table: string } }>(
    '/epochs/:epoch/tables/:table.ndjson',
    async (request, reply) => {
      const { epoch, table } = request.params
      const pin = await currentPin(client)
      const isName = EPOCH.test(epoch) && TABLE.test(table)
      const head = isName ? await headOf(client, pin, epoch) : undefined
      if (head === undefined) return notClosed(reply, epoch)
      const name = `epoch-${epoch}-${table}.ndjson`
      return download(reply, name, head.manifestHash).send(
        Readable.from(tableLines(client, pin, epoch, table)),
      )
    },
  )
}

async function headOf(
  client: ClickHouseClient,
  pin: Pin,
  epoch: string,
): Promise<Head | undefined> {
  const from = pinnedRelations(pin)
  const [head] = await queryRows<Head>(
    client,
    `select closed.manifest as "manifest",
      concat('0x', lower(hex(closed.manifest_hash))) as "manifestHash",
      (select any(json) from ${from.relation('ruleset')} as published
        where published.version in (
          select ruleset_version from ${from.relation('closed_epoch')} where epoch = {epoch:UInt32}
        )) as "ruleset"
    from ${from.relation('closed_epoch')} as closed
    where closed.epoch = {epoch:UInt32}`,
    { epoch },
    { settings: QUERY_LIMITS.page },
  )
  return head
}

async function* bundleLines(
  client: ClickHouseClient,
  pin: Pin,
  epoch: string,
  head: Head,
): AsyncGenerator<string> {
  yield `${JSON.stringify(head)}\n`
  for await (const rows of lineBlocks(client, pin, epoch, undefined)) {
    yield rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  }
}

async function* tableLines(
  client: ClickHouseClient,
  pin: Pin,
  epoch: string,
  table: string,
): AsyncGenerator<string> {
  for await (const rows of lineBlocks(client, pin, epoch, table)) {
    yield rows.map((row) => `${row.line}\n`).join('')
  }
}

function lineBlocks(
  client: ClickHouseClient,
  pin: Pin,
  epoch: string,
  table: string | undefined,
): AsyncGenerator<readonly LineRow[]> {
  const lines = pinnedRelations(pin).relation('snapshot_line')
  return queryRowBlocks<LineRow>(
    client,
    `select table_name as "table", line as "line" from ${lines} as source
    where source.epoch = {epoch:UInt32} ${table === undefined ? '' : 'and source.table_name = {table:String}'}
    order by source.table_name, source.position`,
    { epoch, ...(table === undefined ? {} : { table }) },
    { settings: QUERY_LIMITS.export },
  )
}

/** A closed epoch never changes, so its download may be kept for ever under its manifest's hash. */
function download(reply: FastifyReply, name: string, manifestHash: string): FastifyReply {
  return reply
    .type('application/x-ndjson; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('cache-control', 'public, max-age=60')
    .header('etag', `"${manifestHash}"`)
}

function notClosed(reply: FastifyReply, epoch: string): FastifyReply {
  const message = `epoch ${JSON.stringify(epoch.slice(0, 20))}: expected a closed epoch, found none`
  return reply.code(404).send({ code: 'EPOCH_NOT_CLOSED', message })
}
