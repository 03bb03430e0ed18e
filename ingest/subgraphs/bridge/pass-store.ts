import {
  type ClickHouseClient,
  command,
  insertRowBinary,
  queryRowBlocks,
  queryRows,
} from '@foggara/database'
import { type Column, clickhouseType } from '@foggara/schema'

import type { Commit } from '../../store/commit-log.ts'
import {
  type CommitWriter,
  type WriterSurroundings,
  openCommitWriter,
} from '../../store/commit-writer.ts'
import { deduplicationToken, insertTable } from '../../store/insert.ts'
import { mapConcurrently } from '../../store/map-concurrently.ts'
import type { EntitySchema } from '../entity-cache/entity-schema.ts'
import type { EntityChange } from '../entity-cache/entity-store.ts'
import { openDeployment, subgraphDatabase } from '../store/deployment.ts'
import { openEntityRows, rowColumns } from '../store/entity-rows.ts'
import { type EntityTable, entityTables } from '../store/entity-table.ts'
import { OWN_TABLES } from '../store/own-tables.ts'
import { type SqlNames, visibleRows } from '../store/table-ddl.ts'

/** What was copied at once: the state at `block`, and whatever changed from `firstBlock` on. */
export type Pass = {
  readonly firstBlock: number
  readonly block: number
  /** Lower-case hex after `0x`. */
  readonly hash: string
  readonly atSeconds: bigint
  /** Whether entities that are gone were looked for. */
  readonly knowsRemovals: boolean
}

/** A pass that is stored, as a rung of the ladder that reorgs are found with. */
export type StoredPass = Pick<Pass, 'firstBlock' | 'block' | 'hash'>

/** A pass that is about to be stored. */
export type PlannedPass = {
  readonly pass: Pass
  /** Inserted as they come. */
  readonly changes: AsyncIterable<readonly EntityChange[]>
  /**
   * Called when all is inserted and before it is visible: says the public Proof of Indexing, if it
   * is known, or raises when the pass is to be discarded.
   */
  readonly finish: () => Promise<string | undefined>
}

/** Tables of entities that are filled pass by pass; each is visible whole or not at all. */
export type PassStore = {
  /** The name of the subgraph's own database in ClickHouse. */
  readonly database: string
  /** The newest passes, ascending. */
  readonly passes: () => readonly StoredPass[]
  /** The ids of a type that are there now. */
  readonly ids: (entityType: string) => ReadonlySet<string>
  /** Stores a pass. When anything raises, nothing of it is visible, and never will be. */
  readonly commit: (pass: PlannedPass) => Promise<void>
  /** Retracts every pass whose block is above `block`. */
  readonly revertTo: (block: number) => Promise<void>
}

/** What a store of passes is opened with. */
export type PassStoreOptions = WriterSurroundings & {
  /** Lower-case letters, digits and `_`; the database is `subgraph_` and this. */
  readonly name: string
  /** The `Qm…` id that graph-node says. */
  readonly deployment: string
  readonly schema: EntitySchema
}

/** What the table of passes says about itself. */
const LIMITS =
  'Copied from a graph-node. block_from of an entity is the block of the pass that brought it: it changed in first_block..block. Where first_block < block, versions in between are missing; where not knows_removals, removed entities may still be there. vid is 0, lists of references are sorted by id, aggregations are not copied.'

const PASS_COLUMNS: readonly Column[] = [
  { name: 'block', type: 'UInt64' },
  { name: 'first_block', type: 'UInt64' },
  { name: 'hash', type: 'FixedString(32)' },
  { name: 'at_seconds', type: 'UInt64' },
  { name: 'proof', type: 'Bytes' },
  { name: 'knows_removals', type: 'Bool' },
  { name: 'change_count', type: 'UInt64' },
]

/** Rungs in memory: more than a chain ever replaces. */
const LADDER_COUNT_MAX = 1_000
const INSERTS_AT_ONCE = 4
const PART_BYTES_MAX = 16 * 1024 * 1024
const COLLECT_RULES = { delayMs: 60_000, countMin: 16 }

/**
 * Opens the tables of a subgraph in a graph-node, and takes them over from an earlier process.
 *
 * @throws {SubgraphNameError} `SUBGRAPH_NAME_INVALID`
 * @throws {DeploymentChangedError} `SUBGRAPH_DEPLOYMENT_CHANGED`
 */
export async function openPassStore(options: PassStoreOptions): Promise<PassStore> {
  const { client, name, deployment, schema } = options
  const database = subgraphDatabase(name)
  const tables = entityTables(schema).filter(({ isBucket }) => !isBucket)
  const names = await openDeployment(client, database, `bridge ${deployment}`, entityTables(schema))
  await createPassTable(client, names)
  const log = {
    stream: database,
    commits: names('_commits'),
    status: names('_status'),
    tables: [
      ...OWN_TABLES.map((table) => names(`${table.name}_rows`)),
      names('_pass_rows'),
      ...tables.map((table) => names(`${table.name}_rows`)),
    ],
  }
  const oldest = (await readPasses(client, names))[0]?.block ?? 0
  const writer = await openCommitWriter(log, oldest - 1, options)
  const store = new Store({ client, names, tables, writer })
  await store.load()
  return {
    database,
    passes: () => store.passes,
    ids: (entityType) => store.ids.get(entityType) ?? new Set(),
    commit: (planned) => store.commit(planned),
    revertTo: (block) => store.revertTo(block),
  }
}

async function createPassTable(client: ClickHouseClient, names: SqlNames): Promise<void> {
  const columns = PASS_COLUMNS.map(({ name, type }) => `${name} ${clickhouseType(type)}`)
  const list = PASS_COLUMNS.map(({ name }) => name).join(', ')
  await command(
    client,
    `create table if not exists ${names('_pass_rows')} (
      ${columns.join(', ')}, commit_seq UInt64
    ) engine = MergeTree order by block comment '${LIMITS}'`,
  )
  await command(
    client,
    `create view if not exists ${names('_pass')} as
    select ${list} from ${names('_pass_rows')} where ${visibleRows(names)}`,
  )
}

type StoreParts = {
  readonly client: ClickHouseClient
  readonly names: SqlNames
  readonly tables: readonly EntityTable[]
  readonly writer: CommitWriter
}

class Store {
  passes: readonly StoredPass[] = []
  /** By entity type; immutable ones are never gone, so that their ids need not be known. */
  readonly ids = new Map<string, Set<string>>()
  readonly #parts: StoreParts

  constructor(parts: StoreParts) {
    this.#parts = parts
  }

  async load(): Promise<void> {
    const { client, names, tables } = this.#parts
    this.passes = await readPasses(client, names)
    for (const table of tables) if (!table.isImmutable) await this.#loadIds(table)
  }

  async commit({ pass, changes, finish }: PlannedPass): Promise<void> {
    const { writer } = this.#parts
    const tracked: { entityType: string; id: string; isGone: boolean }[] = []
    await writer.commit({
      firstBlock: pass.firstBlock,
      lastBlock: pass.block,
      blockHashes: [],
      kills: [],
      insertRows: async (seq) => {
        const inserting = this.#openInsert(pass, seq)
        for await (const page of changes) {
          await inserting.add(page)
          for (const { entityType, id, type } of page) {
            if (this.ids.has(entityType))
              tracked.push({ entityType, id, isGone: type === 'remove' })
          }
        }
        return inserting.end(finish)
      },
    })
    for (const { entityType, id, isGone } of tracked) {
      const ids = this.ids.get(entityType)
      if (isGone) ids?.delete(id)
      else ids?.add(id)
    }
    const { firstBlock, block, hash } = pass
    this.passes = [...this.passes.slice(1 - LADDER_COUNT_MAX), { firstBlock, block, hash }]
    this.#forget()
    await writer.collectGarbage(COLLECT_RULES)
  }

  async revertTo(block: number): Promise<void> {
    const { client, names, writer, tables } = this.#parts
    const rows = await queryRows<{ seq: string }>(
      client,
      `select distinct commit_seq as seq from ${names('_pass_rows')}
      where block > ${block} and ${visibleRows(names)}
      order by seq`,
    )
    if (rows.length === 0) return
    const undone = new Set(rows.map(({ seq }) => Number(seq)))
    await writer.recall(block)
    const killed = writer.state().visible.filter(({ seq }) => undone.has(seq))
    const touched = new Set(killed.flatMap(({ rowCounts }) => Object.keys(rowCounts)))
    await writer.commit({
      firstBlock: block,
      lastBlock: block,
      blockHashes: [],
      kills: [...undone],
      insertRows: async () => ({}),
    })
    this.passes = await readPasses(client, names)
    for (const table of tables) {
      if (!table.isImmutable && touched.has(table.name)) await this.#loadIds(table)
    }
  }

  #openInsert(pass: Pass, seq: number) {
    const { client, names, tables } = this.#parts
    const writers = new Map(
      tables.map((table) => [table.entityType, this.#tableWriter(table, seq)]),
    )
    let changeCount = 0
    return {
      add: async (page: readonly EntityChange[]) => {
        changeCount += page.length
        for (const change of page) await writers.get(change.entityType)?.add(change, pass.block)
      },
      end: async (finish: PlannedPass['finish']): Promise<Commit['rowCounts']> => {
        const rowCounts: Record<string, number> = { _pass: 1 }
        await mapConcurrently(tables, INSERTS_AT_ONCE, async (table) => {
          const count = (await writers.get(table.entityType)?.end()) ?? 0
          if (count > 0) rowCounts[table.name] = count
        })
        const row = {
          block: pass.block,
          first_block: pass.firstBlock,
          hash: pass.hash,
          at_seconds: pass.atSeconds,
          proof: (await finish()) ?? '0x',
          knows_removals: pass.knowsRemovals,
          change_count: changeCount,
        }
        const place = { table: names('_pass_rows'), columns: PASS_COLUMNS, commitSeq: seq }
        await insertTable(client, { ...place, rows: [row] }, `${seq}`)
        return rowCounts
      },
    }
  }

  #tableWriter(table: EntityTable, seq: number) {
    const { client, names } = this.#parts
    const rows = openEntityRows(table)
    const target = names(`${table.name}_rows`)
    let partCount = 0
    let rowCount = 0
    const write = async () => {
      if (rows.rowCount() === 0) return
      const token = { deduplicationToken: deduplicationToken(target, `${seq}`, partCount) }
      await insertRowBinary(client, target, rowColumns(table), rows.encoded(seq), token)
      rowCount += rows.rowCount()
      partCount += 1
      rows.goBack(0)
    }
    return {
      add: async (change: EntityChange, block: number) => {
        rows.append(change, block)
        if (rows.byteLength() >= PART_BYTES_MAX) await write()
      },
      end: async () => {
        await write()
        return rowCount
      },
    }
  }

  #forget(): void {
    const { writer } = this.#parts
    const [oldest] = this.passes
    if (oldest === undefined || writer.state().visible.length <= 2 * LADDER_COUNT_MAX) return
    writer.forget(({ lastBlock }) => lastBlock < oldest.block)
  }

  async #loadIds(table: EntityTable): Promise<void> {
    const { client, names } = this.#parts
    const isBytes = table.columns.some(
      ({ field }) => field.name === 'id' && field.scalar === 'Bytes',
    )
    const text = isBytes ? `concat('0x', lower(hex(id)))` : 'toString(id)'
    const ids = new Set<string>()
    const sql = `select ${text} as id_text from ${names(table.name)}`
    for await (const rows of queryRowBlocks<{ id_text: string }>(client, sql)) {
      for (const row of rows) ids.add(row.id_text)
    }
    this.ids.set(table.entityType, ids)
  }
}

/** The newest passes, ascending. */
async function readPasses(
  client: ClickHouseClient,
  names: SqlNames,
): Promise<readonly StoredPass[]> {
  const rows = await queryRows<{ block: string; first_block: string; hash_text: string }>(
    client,
    `select block, first_block, concat('0x', lower(hex(hash))) as hash_text
    from ${names('_pass')}
    order by block desc
    limit ${LADDER_COUNT_MAX}`,
  )
  return rows.toReversed().map((row) => ({
    firstBlock: Number(row.first_block),
    block: Number(row.block),
    hash: row.hash_text,
  }))
}
