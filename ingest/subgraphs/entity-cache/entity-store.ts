import type { ProofDigest } from '../poi/proof-of-indexing.ts'
import type { Entity } from './entity.ts'

/** Whether an entity is new, has another version, or is gone from the block on. */
export type EntityChange =
  | {
      readonly type: 'insert' | 'overwrite'
      readonly entityType: string
      readonly id: string
      readonly entity: Entity
      /** `(block << 32) + 100 + n` for the n-th write of the block. */
      readonly vid: bigint
      /**
       * Absent for the chain's own entities. An entity of a file is only ever inserted, `get` and
       * `related` do not show it, and a second one of its type and id is an error of the store.
       */
      readonly region?: number
    }
  | { readonly type: 'remove'; readonly entityType: string; readonly id: string }

/** A row of an aggregation: what became of the points of a group in an hour or a day that is over. */
export type Bucket = {
  /** Of the aggregation, followed by `_hour` or `_day`; see `EntitySchema.aggregations`. */
  readonly entityType: string
  /** That of its last point. */
  readonly id: string
  /** Decimals may end in zeros: they have the digits that Postgres would show. */
  readonly entity: Entity
  /** `(block << 32) + n` for the n-th bucket that the block closes. */
  readonly vid: bigint
}

/** A data source that a handler created; of a file also that it was read, in another one. */
export type CreatedSource = {
  readonly template: string
  /** Lower-case hex after `0x`; of a file what it is called, such as a CID. */
  readonly address: string
  readonly context: Entity | undefined
  /** The block of the handler. */
  readonly block: number
  /** Present for files. */
  readonly file?: CreatedFile
}

/** Where a file stands. */
export type CreatedFile = {
  /** The causality region of the file, from 1 on; its entities carry it. */
  readonly region: number
  /** `read` says that the file's handler ran in the block; a row with `waiting` came before. */
  readonly state: 'waiting' | 'read'
}

/** What a handler's deterministic failure was. */
export type SubgraphFailure = {
  readonly dataSource: string
  readonly handler: string
  readonly block: number
  readonly blockHash: string
  /** Undefined for block handlers. */
  readonly logIndex: number | undefined
  readonly message: string
}

/** A block that ran. */
export type BlockPoint = {
  readonly number: number
  /** Lower-case hex after `0x`. */
  readonly hash: string
}

/** Everything that a block does to a subgraph; a store takes it whole or not at all. */
export type BlockChanges = {
  readonly block: { readonly number: number; readonly hash: string; readonly timestamp: bigint }
  readonly changes: readonly EntityChange[]
  /** Rows that are there from the block on, and never change: whole buckets that ended before it. */
  readonly buckets: readonly Bucket[]
  /** The digest after the block; undefined where no handler ran. */
  readonly proof: ProofDigest | undefined
  readonly createdSources: readonly CreatedSource[]
  readonly failures: readonly SubgraphFailure[]
}

/**
 * Where a subgraph's entities are.
 *
 * Handlers cannot wait, so reads answer at once; they see every block that was committed. What is
 * read back keeps null fields that an overwriting handler left, as graph-node's cache does.
 */
export type EntityStore = {
  get(entityType: string, id: string): Entity | undefined
  /** The entities whose field holds the id, by their own id. */
  related(entityType: string, field: string, id: string): ReadonlyMap<string, Entity>
  /** The digest after the last block that has one. */
  proof(): ProofDigest | undefined
  createdSources(): readonly CreatedSource[]
  /** The newest block that was committed; undefined before the first. */
  lastBlock(): BlockPoint | undefined
  /**
   * Committed blocks, ascending, with the newest as the last one: at least those that the chain may
   * still replace. Going back leads to one of them.
   */
  recentBlocks(): readonly BlockPoint[]
  /** Failures of the newest block; without `nonFatalErrors` it is then the last one that can run. */
  lastFailures(): readonly SubgraphFailure[]
  /** The points of a timeseries from a time on, in microseconds, of the chain and of files. */
  points(entityType: string, from: bigint): Promise<readonly Entity[]>
  /**
   * The newest bucket of a type for each combination of values of the dimensions: with none of them,
   * any one of the newest.
   */
  newestBuckets(entityType: string, dimensions: readonly string[]): Promise<readonly Entity[]>
  commit(changes: BlockChanges): Promise<void>
  /** Forgets every block above `blockNumber`. */
  revertTo(blockNumber: number): Promise<void>
}
