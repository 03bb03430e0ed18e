import { type ClickHouseClient, queryRowBlocks, queryRows } from '@foggara/database'
import type { Hex } from '@foggara/schema'

import type { BlockPoint, CreatedSource, SubgraphFailure } from '../entity-cache/entity-store.ts'
import type { ProofDigest } from '../poi/proof-of-indexing.ts'
import { readContextText } from './context-text.ts'
import type { EntityTable } from './entity-table.ts'
import { type EntityRow, type ReadEntity, entityColumns, entityReader } from './read-entities.ts'
import { type SqlNames, visibleRows } from './table-ddl.ts'

/** A block that ran, with the digest after it. */
export type StoredBlock = BlockPoint & { readonly digest: ProofDigest | undefined }

/** Blocks that stay in memory: more than a chain ever replaces. */
export const RECENT_BLOCK_COUNT = 1_000

/** What to read from, and how its tables are called. */
export type StoredPlace = { readonly client: ClickHouseClient; readonly names: SqlNames }

/** The newest blocks up to `last`, ascending. */
export async function readRecentBlocks(
  { client, names }: StoredPlace,
  last?: number,
): Promise<readonly StoredBlock[]> {
  const rows = await queryRows<{ block: string; hash_text: string; digest_text: string }>(
    client,
    `select
      block,
      concat('0x', lower(hex(hash))) as hash_text,
      lower(hex(digest)) as digest_text
    from ${names('_block')}
    ${last === undefined ? '' : `where block <= ${last}`}
    order by block desc
    limit ${RECENT_BLOCK_COUNT}`,
  )
  return rows.toReversed().map((row) => ({
    number: Number(row.block),
    hash: row.hash_text,
    digest: row.digest_text === '' ? undefined : hexBytes(row.digest_text),
  }))
}

/** The data sources that handlers created, in order. */
export async function readSources({
  client,
  names,
}: StoredPlace): Promise<readonly CreatedSource[]> {
  const rows = await queryRows<SourceRow>(
    client,
    `select block, template, address, context, region, file_state
    from ${names('_source')}
    order by block, position`,
  )
  return rows.map((row) => {
    const { template, address } = row
    const source = {
      template,
      address,
      context: readContextText(row.context),
      block: Number(row.block),
    }
    const state = row.file_state
    return state === '' ? source : { ...source, file: { region: row.region, state } }
  })
}

/** The failures of a block, in order. */
export async function readFailures(
  { client, names }: StoredPlace,
  block: number,
): Promise<readonly SubgraphFailure[]> {
  const rows = await queryRows<FailureRow>(
    client,
    `select
      block,
      concat('0x', lower(hex(block_hash))) as hash_text,
      data_source,
      handler,
      log_index,
      message
    from ${names('_failure')}
    where block = ${block}
    order by position`,
  )
  return rows.map((row) => ({
    dataSource: row.data_source,
    handler: row.handler,
    block: Number(row.block),
    blockHash: row.hash_text,
    logIndex: row.log_index === null ? undefined : Number(row.log_index),
    message: row.message,
  }))
}

/** The current entities of a table, as they are read. */
export async function* readCurrent(
  { client, names }: StoredPlace,
  table: EntityTable,
): AsyncGenerator<ReadEntity> {
  yield* readVersions({ client, names }, table, visibleRows(names))
}

/**
 * What a revert to `block` has to undo in a table: the ids that later blocks changed, and what those
 * entities were at the block.
 */
export async function readUndone(
  { client, names }: StoredPlace,
  table: EntityTable,
  block: number,
): Promise<{ readonly changed: readonly ChangedId[]; readonly restored: readonly ReadEntity[] }> {
  const rows = names(`${table.name}_rows`)
  const later = `block_from > ${block} and ${visibleRows(names)}`
  const isBytes = table.columns.some(({ field }) => field.name === 'id' && field.scalar === 'Bytes')
  const found = await queryRows<{ id_text: string; of_file: number }>(
    client,
    `select
      ${isBytes ? `concat('0x', lower(hex(id)))` : 'toString(id)'} as id_text,
      max(_region > 0) as of_file
    from ${rows}
    where ${later}
    group by id_text`,
  )
  const changed = found.map((row) => ({ id: row.id_text, isOfFile: row.of_file === 1 }))
  if (table.isImmutable || changed.length === 0) return { changed, restored: [] }
  const restored: ReadEntity[] = []
  const before = `block_from <= ${block} and id in (select id from ${rows} where ${later})`
  const versions = readVersions({ client, names }, table, `${before} and ${visibleRows(names)}`)
  for await (const entity of versions) restored.push(entity)
  return { changed, restored }
}

/** An entity that a block changed. */
export type ChangedId = { readonly id: string; readonly isOfFile: boolean }

/** Visible rows of an append-only table; `rest` is what follows the condition. */
export async function readRows(
  { client, names }: StoredPlace,
  table: EntityTable,
  { where, rest }: { readonly where: string; readonly rest: string },
): Promise<readonly ReadEntity[]> {
  const read = entityReader(table)
  const found = await queryRows<EntityRow>(
    client,
    `select ${entityColumns(table)}
    from ${names(`${table.name}_rows`)}
    where ${where} and ${visibleRows(names)}
    ${rest}`,
  )
  return found.map(read)
}

/** The newest version of each entity among the rows that pass, but for those that are gone. */
async function* readVersions(
  { client, names }: StoredPlace,
  table: EntityTable,
  where: string,
): AsyncGenerator<ReadEntity> {
  const read = entityReader(table)
  const rows = names(`${table.name}_rows`)
  const columns = entityColumns(table)
  const sql = table.isImmutable
    ? `select ${columns} from ${rows} where ${where}`
    : `select ${columns} from (
        select * from ${rows} where ${where} order by id, block_from desc limit 1 by id
      )
      where not _removed`
  for await (const block of queryRowBlocks<EntityRow>(client, sql)) {
    for (const row of block) yield read(row)
  }
}

type SourceRow = {
  readonly block: string
  readonly template: string
  readonly address: string
  readonly context: string
  readonly region: number
  readonly file_state: '' | 'waiting' | 'read'
}

type FailureRow = {
  readonly block: string
  readonly hash_text: Hex
  readonly data_source: string
  readonly handler: string
  readonly log_index: string | null
  readonly message: string
}

function hexBytes(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, 'hex'))
}
