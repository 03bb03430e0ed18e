import { type ClickHouseClient, command, queryRows } from '@foggara/database'
import {
  BLOCK_TABLE,
  COMMIT_TABLES,
  type EventSource,
  type Hex,
  LOG_TABLE,
  SOURCE_COVERAGE_SQL,
  SOURCE_PART_TABLE,
  type SourceTable,
  createTable,
  latestRows,
  sourceTables,
  undecodedViewSql,
} from '@foggara/schema'

import type { DamagedCommit } from '../store/audit.ts'
import { type ChainStore, type SettleRules, openChainStore } from '../store/chain-store.ts'
import type { WriterSurroundings } from '../store/commit-writer.ts'
import type { FactoryLog } from './children.ts'
import { dropForgotten, readViewTargets, rebuildStep, showTable } from './rebuild.ts'

/** The tables of a chain's sources; the only writer of them. */
export type SourceStore = Omit<ChainStore, 'settleUpTo'> & {
  /** Moves final blocks on, unless tables are being computed anew; the new boundary if it moved. */
  readonly settleUpTo: (finalBlock: number, rules: SettleRules) => Promise<number | undefined>
  /**
   * Computes some more rows of tables whose ABI changed; the view that shows its new table from now
   * on, if one is complete. Nothing to do costs nothing.
   */
  readonly rebuildSome: () => Promise<string | undefined>
  readonly isRebuilding: () => boolean
  /** What the factory of a source emitted before a block, in order. */
  readonly factoryLogs: (source: EventSource, beforeBlock: number) => Promise<readonly FactoryLog[]>
}

/**
 * Makes what is missing of the tables of sources and opens them for writing.
 *
 * A view whose ABI asks for another table than it shows goes on to show the old one, whose final
 * rows stay as they are until the new ones are complete: nothing is settled meanwhile.
 */
export async function openSourceStore(
  surroundings: WriterSurroundings,
  sources: readonly EventSource[],
  onDamage: (damaged: readonly DamagedCommit[]) => void,
): Promise<SourceStore> {
  const { client } = surroundings
  const tables = sources.flatMap(sourceTables)
  await createTables(client, tables)
  const targets = await readViewTargets(client, tables)
  await dropForgotten(client, targets)
  const chain = await openChainStore(surroundings, onDamage, [BLOCK_TABLE, LOG_TABLE, ...tables])
  let pending = targets.filter(({ table, shown }) => shown !== table.name)
  const rebuildSome = async (): Promise<string | undefined> => {
    const [next] = pending
    if (next === undefined || (await rebuildStep(client, next.table))) return undefined
    await showTable(client, next)
    pending = pending.slice(1)
    if (pending.length === 0) await showUndecoded(client, sources)
    return next.table.view
  }
  // Without final rows there is nothing to compute.
  while (chain.settled() === undefined && pending.length > 0) await rebuildSome()
  return {
    ...chain,
    settleUpTo: async (finalBlock, rules) =>
      pending.length === 0 ? chain.settleUpTo(finalBlock, rules) : undefined,
    rebuildSome,
    isRebuilding: () => pending.length > 0,
    factoryLogs: (source, beforeBlock) => readFactoryLogs(client, source, beforeBlock),
  }
}

async function createTables(
  client: ClickHouseClient,
  tables: readonly SourceTable[],
): Promise<void> {
  const all = [...COMMIT_TABLES, SOURCE_PART_TABLE, BLOCK_TABLE, LOG_TABLE, ...tables]
  const archive = [BLOCK_TABLE, LOG_TABLE]
  const statements = [
    ...all.flatMap((table) => createTable(table, 'single')),
    ...archive.map((table) => `create view if not exists ${table.name} as ${latestRows(table)}`),
    SOURCE_COVERAGE_SQL,
  ]
  for (const statement of statements) await command(client, statement)
}

async function showUndecoded(
  client: ClickHouseClient,
  sources: readonly EventSource[],
): Promise<void> {
  for (const source of sources) await command(client, undecodedViewSql(source))
}

async function readFactoryLogs(
  client: ClickHouseClient,
  { name, factory }: EventSource,
  beforeBlock: number,
): Promise<readonly FactoryLog[]> {
  const rows = await queryRows<FactoryRow>(
    client,
    `select
      block,
      log_index,
      concat('0x', lower(hex(transaction_hash))) as transaction,
      concat('0x', lower(hex(address))) as emitter,
      arrayMap(topic -> concat('0x', lower(hex(topic))), topics) as words,
      concat('0x', lower(hex(payload))) as bytes
    from log
    where contract = {name:String} and event = {event:String} and block < {beforeBlock:UInt64}
    order by block, log_index`,
    { name, event: factory?.event.name ?? '', beforeBlock },
  )
  return rows.map((row) => ({
    block: Number(row.block),
    logIndex: row.log_index,
    transactionHash: row.transaction,
    address: row.emitter,
    topics: row.words,
    payload: row.bytes,
  }))
}

type FactoryRow = {
  readonly block: string
  readonly log_index: number
  readonly transaction: Hex
  readonly emitter: Hex
  readonly words: readonly Hex[]
  readonly bytes: Hex
}
