import type { Row } from '../../store/row-binary.ts'
import type { BlockChanges, CreatedSource, SubgraphFailure } from '../entity-cache/entity-store.ts'
import { bytesText } from '../entity-cache/entity.ts'
import type { ProofDigest } from '../poi/proof-of-indexing.ts'
import { contextText } from './context-text.ts'
import { type EntityRows, openEntityRows } from './entity-rows.ts'
import type { EntityTable } from './entity-table.ts'

/** Whole blocks on their way to the tables, which become visible together. */
export type Batch = {
  /**
   * Takes a block, or nothing of it.
   *
   * @throws {EntityUnfitError}
   */
  add(changes: BlockChanges, digest: ProofDigest | undefined): void
  /** Undefined while it is empty. */
  readonly blocks: () => { readonly first: number; readonly last: number } | undefined
  isFull(): boolean
  /** Rows by the name of the table, without those that have none. */
  readonly entities: () => readonly EntityRows[]
  readonly own: OwnRows
}

/** Rows of the tables about the run. */
export type OwnRows = {
  readonly _block: readonly Row[]
  readonly _source: readonly Row[]
  readonly _failure: readonly Row[]
}

/** When a batch is written without being asked to. */
export type BatchLimits = {
  readonly rowCountMax: number
  readonly byteLengthMax: number
  readonly blockCountMax: number
}

/** A batch is large where one part per table and fsync shall cost little per row. */
export const BATCH_LIMITS: BatchLimits = {
  rowCountMax: 100_000,
  byteLengthMax: 32 * 1024 * 1024,
  blockCountMax: 10_000,
}

/** Opens an empty batch for the tables, by entity type. */
export function openBatch(tables: ReadonlyMap<string, EntityTable>, limits: BatchLimits): Batch {
  const rowsByType = new Map<string, EntityRows>()
  const own = { _block: [] as Row[], _source: [] as Row[], _failure: [] as Row[] }
  let blocks: { first: number; last: number } | undefined
  let rowCount = 0
  const rowsOf = (entityType: string): EntityRows | undefined => {
    const known = rowsByType.get(entityType)
    const table = tables.get(entityType)
    if (known !== undefined || table === undefined) return known
    const fresh = openEntityRows(table)
    rowsByType.set(entityType, fresh)
    return fresh
  }
  return {
    add: ({ block, ...changes }, digest) => {
      const before = [...rowsByType.values()].map((rows) => [rows, rows.rowCount()] as const)
      try {
        for (const change of changes.changes) {
          rowsOf(change.entityType)?.append(change, block.number)
        }
        for (const bucket of changes.buckets) {
          rowsOf(bucket.entityType)?.append({ type: 'insert', ...bucket }, block.number)
        }
      } catch (error) {
        for (const rows of rowsByType.values()) {
          rows.goBack(before.find(([known]) => known === rows)?.[1] ?? 0)
        }
        throw error
      }
      own._block.push({
        block: block.number,
        hash: block.hash,
        at_seconds: block.timestamp,
        digest: digest === undefined ? '0x' : bytesText(digest),
        has_proof: changes.proof !== undefined,
      })
      own._source.push(...changes.createdSources.map(sourceRow))
      own._failure.push(...changes.failures.map(failureRow))
      rowCount += changes.changes.length + changes.buckets.length
      blocks = { first: blocks?.first ?? block.number, last: block.number }
    },
    blocks: () => blocks,
    isFull: () =>
      own._block.length >= limits.blockCountMax ||
      rowCount >= limits.rowCountMax ||
      [...rowsByType.values()].reduce((sum, rows) => sum + rows.byteLength(), 0) >=
        limits.byteLengthMax,
    entities: () => [...rowsByType.values()].filter((rows) => rows.rowCount() > 0),
    own,
  }
}

function sourceRow(source: CreatedSource, position: number): Row {
  return {
    block: source.block,
    position,
    template: source.template,
    address: source.address,
    context: contextText(source.context),
    region: source.file?.region ?? 0,
    file_state: source.file?.state ?? '',
  }
}

function failureRow(failure: SubgraphFailure, position: number): Row {
  return {
    block: failure.block,
    position,
    block_hash: failure.blockHash,
    data_source: failure.dataSource,
    handler: failure.handler,
    log_index: failure.logIndex ?? null,
    message: failure.message.toWellFormed(),
  }
}
