import { type ClickHouseClient, currentPin, queryRows } from '@foggara/database'
import { readArchivedLogs } from '@foggara/ingest'
import {
  type DigestedBlock,
  type Hex,
  type Pin,
  type RangeDigest,
  digestSql,
  pinnedRelations,
} from '@foggara/schema'

import type { BlockSpan } from '../block-span.ts'
import type { DigestSource } from './digest-source.ts'

/** Our own index as a source of digests, with its first block. */
export type DatabaseSource = DigestSource & { readonly firstBlock: number }

/** Opens the raw archive of a database as a source, at its newest cut. */
export async function databaseSource(client: ClickHouseClient): Promise<DatabaseSource> {
  const pin = await currentPin(client)
  const relations = pinnedRelations(pin)
  const [row] = await queryRows<{ first: string }>(
    client,
    `select min(block) as first from ${relations.relation('block')} as stored`,
  )
  return {
    name: 'here',
    firstBlock: Number(row?.first ?? 0),
    headBlock: pin.block,
    digests: (level, span) => readDigests(client, pin, level, span),
    block: (block) => readBlock(client, pin, block),
  }
}

async function readDigests(
  client: ClickHouseClient,
  pin: Pin,
  level: number,
  span: BlockSpan,
): Promise<readonly RangeDigest[]> {
  const rows = await queryRows<{ first_block: string; last_block: string; digest_text: Hex }>(
    client,
    `select first_block, last_block, concat('0x', lower(hex(digest))) as digest_text
    from (${digestSql(pinnedRelations(pin), level, span)}) as digests
    order by first_block`,
  )
  return rows.map((row) => ({
    firstBlock: Number(row.first_block),
    lastBlock: Number(row.last_block),
    digest: row.digest_text,
  }))
}

async function readBlock(
  client: ClickHouseClient,
  pin: Pin,
  block: number,
): Promise<DigestedBlock | undefined> {
  const relations = pinnedRelations(pin)
  const [row] = await queryRows<{ hash_text: Hex }>(
    client,
    `select concat('0x', lower(hex(hash))) as hash_text
    from ${relations.relation('block')} as stored where block = ${block}`,
  )
  if (row === undefined) return undefined
  const logs = await readArchivedLogs(client, pin, [block])
  return { block, hash: row.hash_text, logs }
}
