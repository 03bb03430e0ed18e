import { type ClickHouseClient, currentPin, queryRows } from '@foggara/database'
import {
  DIGEST_BLOCKS_MAX,
  DIGEST_STEP,
  type DigestedBlock,
  type DigestedLog,
  type Hex,
  LOG_TABLE,
  type Pin,
  type RangeDigest,
  digestBlocks,
  digestSql,
  divFloor,
  pinnedRelations,
  rangeDigest,
  selectText,
} from '@foggara/schema'

import type { BlockSpan, DigestSource } from './digest-source.ts'

/** Our own index as a source of digests, with its first block. */
export type DatabaseSource = DigestSource & { readonly firstBlock: number }

const LOG_NAMES = ['log_index', 'transaction_hash', 'address', 'topics', 'payload']
const LOG_COLUMNS = LOG_TABLE.columns.filter(({ name }) => LOG_NAMES.includes(name))

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

/** The highest level whose ranges one statement digests; those above are put together here. */
const STATEMENT_LEVEL = 16

/** Digests of any level over any number of blocks, a stretch after the other. */
export async function longDigests(
  source: DigestSource,
  level: number,
  span: BlockSpan,
): Promise<readonly RangeDigest[]> {
  let digests: RangeDigest[] = []
  for (const stretch of stretchesOf(span)) {
    digests.push(...(await source.digests(Math.min(level, STATEMENT_LEVEL), stretch)))
  }
  for (let above = STATEMENT_LEVEL + DIGEST_STEP; above <= level; above += DIGEST_STEP) {
    const size = BigInt(digestBlocks(above))
    const parts = Map.groupBy(digests, ({ firstBlock }) => divFloor(BigInt(firstBlock), size))
    digests = [...parts.values()].map((group) => ({
      firstBlock: group[0]?.firstBlock ?? 0,
      lastBlock: group.at(-1)?.lastBlock ?? 0,
      digest: rangeDigest(
        above,
        group.map(({ digest }) => digest),
      ),
    }))
  }
  return digests
}

/** The blocks of a span, as far as one statement may digest them, each up to a multiple. */
export function stretchesOf({ firstBlock, lastBlock }: BlockSpan): readonly BlockSpan[] {
  const stretches: BlockSpan[] = []
  for (let from = firstBlock; from <= lastBlock;) {
    const end = from - (from % DIGEST_BLOCKS_MAX) + DIGEST_BLOCKS_MAX - 1
    stretches.push({ firstBlock: from, lastBlock: Math.min(end, lastBlock) })
    from = end + 1
  }
  return stretches
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
  const logs = await queryRows<DigestedLog>(
    client,
    `${selectText(LOG_COLUMNS, relations.relation('log'))}
    where source.block = ${block} order by source.log_index`,
  )
  return { block, hash: row.hash_text, logs }
}
