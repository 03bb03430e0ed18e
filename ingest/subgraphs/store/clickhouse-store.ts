import {
  type CommitWriter,
  type WriterSurroundings,
  openCommitWriter,
} from '../../store/commit-writer.ts'
import { mapConcurrently } from '../../store/map-concurrently.ts'
import type { EntitySchema } from '../entity-cache/entity-schema.ts'
import type {
  BlockChanges,
  CreatedSource,
  EntityStore,
  SubgraphFailure,
} from '../entity-cache/entity-store.ts'
import type { Entity } from '../entity-cache/entity.ts'
import { type FileEntities, openFileEntities } from '../entity-cache/file-entities.ts'
import { BATCH_LIMITS, type Batch, type BatchLimits, openBatch } from './batch.ts'
import { openDeployment, subgraphDatabase } from './deployment.ts'
import { type EntityTable, entityTables } from './entity-table.ts'
import { type HotEntities, openHotEntities } from './hot-entities.ts'
import { OWN_TABLES } from './own-tables.ts'
import { HistoryPrunedError, pruneTables, readPrunedBlock } from './prune.ts'
import { readNewestBuckets, readPoints } from './read-buckets.ts'
import {
  RECENT_BLOCK_COUNT,
  type StoredBlock,
  type StoredPlace,
  readCurrent,
  readFailures,
  readRecentBlocks,
  readSources,
  readUndone,
} from './stored-run.ts'
import { copySurvivors, writeBatch } from './write-batch.ts'

/** A store whose entities are tables: what is visible there is a whole number of blocks. */
export type ClickHouseStore = EntityStore & {
  /** The name of the subgraph's own database in ClickHouse. */
  readonly database: string
  /**
   * Makes every block that was committed visible and durable. Without it that happens for many
   * blocks at a time: call it after each block near the head, and before the end.
   *
   * When it raises a retryable error, the blocks are kept and the next call tries again.
   */
  flush(): Promise<void>
  /**
   * Deletes the versions that no block from `blockNumber` on sees. Their history is gone for good,
   * and going back below the block is refused from then on.
   */
  pruneBefore(blockNumber: number): Promise<void>
  /** How many entities are in memory: all that are current. */
  entityCount(): number
}

/** What a store is opened with. */
export type ClickHouseStoreOptions = WriterSurroundings & {
  /** Lower-case letters, digits and `_`; the database is `subgraph_` and this. */
  readonly name: string
  /** Identifies the build: the `Qm…` id, or whatever changes with the compiled folder. */
  readonly deployment: string
  readonly schema: EntitySchema
  readonly limits?: BatchLimits
}

/** Commits beyond these are dropped from memory where no revert is expected. */
const COMMITS_KEPT_MAX = 2 * RECENT_BLOCK_COUNT
const READS_AT_ONCE = 3
/** Readers that began before a revert may still need its rows for so long. */
const COLLECT_RULES = { delayMs: 60_000, countMin: 16 }

/**
 * Opens the tables of a subgraph and takes them over from an earlier process, whatever that one left
 * half done. The store stands at the last block that was flushed.
 *
 * @throws {SubgraphNameError} `SUBGRAPH_NAME_INVALID`
 * @throws {DeploymentChangedError} `SUBGRAPH_DEPLOYMENT_CHANGED`
 */
export async function openClickHouseStore(
  options: ClickHouseStoreOptions,
): Promise<ClickHouseStore> {
  const { client, name, deployment, schema } = options
  const database = subgraphDatabase(name)
  const tables = entityTables(schema)
  const names = await openDeployment(client, database, deployment, tables)
  const place = { client, names }
  const log = {
    stream: database,
    commits: names('_commits'),
    status: names('_status'),
    tables: [...OWN_TABLES, ...tables].map((table) => names(`${table.name}_rows`)),
  }
  const last = (await readRecentBlocks(place)).at(-1)
  const horizon = (last?.number ?? 0) - RECENT_BLOCK_COUNT
  const writer = await openCommitWriter(log, horizon, options)
  const store = new Store({ ...options, place, database, tables, writer, horizon })
  await store.load()
  return {
    database,
    get: (entityType, id) => store.entities.get(entityType, id),
    related: (entityType, field, id) => store.entities.related(entityType, field, id),
    proof: () => store.blocks.at(-1)?.digest,
    createdSources: () => store.sources,
    lastBlock: () => store.blocks.at(-1),
    recentBlocks: () => store.blocks,
    lastFailures: () => store.failures,
    points: (entityType, from) => store.points(entityType, from),
    newestBuckets: (entityType, dimensions) => store.newestBuckets(entityType, dimensions),
    commit: (changes) => store.commit(changes),
    revertTo: (blockNumber) => store.revertTo(blockNumber),
    flush: () => store.flush(),
    pruneBefore: (blockNumber) => store.pruneBefore(blockNumber),
    entityCount: () => store.entities.count(),
  }
}

type StoreParts = Omit<ClickHouseStoreOptions, 'client'> & {
  readonly place: StoredPlace
  readonly database: string
  readonly tables: readonly EntityTable[]
  readonly writer: CommitWriter
  /** Commits with blocks up to here are not in memory. */
  readonly horizon: number
}

class Store {
  readonly entities: HotEntities = openHotEntities()
  blocks: StoredBlock[] = []
  sources: CreatedSource[] = []
  failures: readonly SubgraphFailure[] = []
  readonly #parts: StoreParts
  readonly #tables: ReadonlyMap<string, EntityTable>
  readonly #ofFiles: FileEntities = openFileEntities()
  readonly #limits: BatchLimits
  #horizon: number
  #batch: Batch
  /** Batches that are not written yet, in order. */
  readonly #queue: Batch[] = []
  #writing: Promise<void> | undefined

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.#tables = new Map(parts.tables.map((table) => [table.entityType, table]))
    this.#limits = parts.limits ?? BATCH_LIMITS
    this.#horizon = parts.horizon
    this.#batch = openBatch(this.#tables, this.#limits)
  }

  async load(): Promise<void> {
    const { place, tables } = this.#parts
    this.blocks = [...(await readRecentBlocks(place))]
    this.sources = [...(await readSources(place))]
    this.failures = await readFailures(place, this.blocks.at(-1)?.number ?? 0)
    const loaded = tables.filter(({ isBucket }) => !isBucket)
    await mapConcurrently(loaded, READS_AT_ONCE, async (table) => {
      const { entityType } = table
      for await (const { id, entity, region } of readCurrent(place, table)) {
        if (region > 0) this.#ofFiles.add(entityType, id)
        else this.entities.set(entityType, id, entity)
      }
    })
  }

  async commit(changes: BlockChanges): Promise<void> {
    if (this.#batch.isFull()) {
      await this.#write()
      this.#queue.push(this.#batch)
      this.#batch = openBatch(this.#tables, this.#limits)
      // What goes wrong now is raised when the next batch is full, or flushed.
      this.#write().catch(() => undefined)
    }
    const isKnown = (type: string, id: string) => this.entities.get(type, id) !== undefined
    this.#ofFiles.check(changes.changes, isKnown)
    const digest = changes.proof ?? this.blocks.at(-1)?.digest
    this.#batch.add(changes, digest)
    for (const change of changes.changes) {
      const { entityType, id } = change
      if (change.type === 'remove') this.entities.remove(entityType, id)
      else if (change.region === undefined) this.entities.set(entityType, id, change.entity)
      else this.#ofFiles.add(entityType, id)
    }
    const { number, hash } = changes.block
    this.blocks.push({ number, hash, digest })
    if (this.blocks.length > 2 * RECENT_BLOCK_COUNT) this.blocks.splice(0, RECENT_BLOCK_COUNT)
    this.sources.push(...changes.createdSources)
    this.failures = changes.failures
  }

  async flush(): Promise<void> {
    if (this.#batch.blocks() !== undefined) {
      this.#queue.push(this.#batch)
      this.#batch = openBatch(this.#tables, this.#limits)
    }
    await this.#write()
  }

  async revertTo(blockNumber: number): Promise<void> {
    const last = this.blocks.at(-1)
    if (last === undefined || last.number <= blockNumber) return
    const { place, writer, tables, database } = this.#parts
    // Another process may have pruned.
    const prunedBlock = await readPrunedBlock(place)
    if (blockNumber < prunedBlock) throw new HistoryPrunedError(database, blockNumber, prunedBlock)
    await this.flush()
    if (blockNumber <= this.#horizon) await writer.recall(blockNumber)
    const undone = writer.state().visible.filter(({ lastBlock, rowCounts }) => {
      return lastBlock > blockNumber && Object.keys(rowCounts).length > 0
    })
    const touched = new Set(undone.flatMap(({ rowCounts }) => Object.keys(rowCounts)))
    // Everything is read before the commit: what fails until then leaves memory as the tables are.
    const plans = []
    for (const table of tables.filter(({ name }) => touched.has(name))) {
      plans.push({ table, ...(await readUndone(place, table, blockNumber)) })
    }
    const blocks = await readRecentBlocks(place, blockNumber)
    const failures = await readFailures(place, blocks.at(-1)?.number ?? 0)
    const divided = undone.filter(({ firstBlock }) => firstBlock <= blockNumber)
    await writer.commit({
      firstBlock: Math.min(blockNumber, ...divided.map(({ firstBlock }) => firstBlock)),
      lastBlock: blockNumber,
      blockHashes: [],
      kills: undone.map(({ seq }) => seq),
      insertRows: (seq) => {
        const commitSeqs = divided.map((commit) => commit.seq)
        return copySurvivors(place, { commitSeqs, lastBlock: blockNumber, tables }, seq)
      },
    })
    for (const { table, changed, restored } of plans) {
      for (const { id, isOfFile } of changed) {
        if (isOfFile) this.#ofFiles.remove(table.entityType, id)
        else this.entities.remove(table.entityType, id)
      }
      for (const { id, entity } of restored) this.entities.set(table.entityType, id, entity)
    }
    this.#horizon = Math.min(this.#horizon, blockNumber)
    this.blocks = [...blocks]
    this.sources = this.sources.filter(({ block }) => block <= blockNumber)
    this.failures = failures
  }

  async pruneBefore(blockNumber: number): Promise<void> {
    const last = this.blocks.at(-1)
    if (last === undefined) return
    await this.flush()
    const block = Math.min(blockNumber, last.number)
    const { place, tables, nowMs } = this.#parts
    // The same block again finishes what was cut short.
    if (block < (await readPrunedBlock(place))) return
    const mutable = tables.filter(({ isImmutable }) => !isImmutable)
    await pruneTables(
      place,
      mutable.map(({ name }) => `${name}_rows`),
      block,
      nowMs(),
    )
  }

  async points(entityType: string, from: bigint): Promise<readonly Entity[]> {
    await this.flush()
    const table = this.#tables.get(entityType)
    return table === undefined ? [] : readPoints(this.#parts.place, table, from)
  }

  async newestBuckets(
    entityType: string,
    dimensions: readonly string[],
  ): Promise<readonly Entity[]> {
    await this.flush()
    const table = this.#tables.get(entityType)
    return table === undefined ? [] : readNewestBuckets(this.#parts.place, table, dimensions)
  }

  /** Writes what is queued, by now or while it writes; after a failure the batch stays the first. */
  async #write(): Promise<void> {
    do {
      this.#writing ??= this.#writeQueue().finally(() => {
        this.#writing = undefined
      })
      await this.#writing
    } while (this.#queue.length > 0)
  }

  async #writeQueue(): Promise<void> {
    const { place, writer } = this.#parts
    for (let batch = this.#queue[0]; batch !== undefined; batch = this.#queue[0]) {
      const current = batch
      const blocks = current.blocks()
      if (blocks !== undefined) {
        await writer.commit({
          firstBlock: blocks.first,
          lastBlock: blocks.last,
          blockHashes: [],
          kills: [],
          insertRows: (seq) => writeBatch(place, current, seq),
        })
      }
      this.#queue.shift()
    }
    this.#forget()
    await writer.collectGarbage(COLLECT_RULES)
  }

  #forget(): void {
    const { writer } = this.#parts
    if (writer.state().visible.length <= COMMITS_KEPT_MAX) return
    this.#horizon = (this.blocks.at(-1)?.number ?? 0) - RECENT_BLOCK_COUNT
    writer.forget(({ lastBlock }) => lastBlock <= this.#horizon)
  }
}
