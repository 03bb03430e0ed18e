import type { EntitySchema } from '../entity-cache/entity-schema.ts'
import type { BlockChanges, EntityStore } from '../entity-cache/entity-store.ts'
import { type BucketTable, openBucketTable } from './bucket-table.ts'

/** The buckets of a subgraph's aggregations, as blocks fill and close them. */
export type RollUps = {
  /**
   * What a block does, with the buckets that ended before it, by interval, aggregation and id. They
   * hold none of the block's own points. A block in which nothing ran closes no bucket, so that it
   * makes no difference whether such blocks are left out.
   *
   * @throws {NonDeterministicError} where Postgres could not compute a bucket either.
   */
  withBuckets(changes: Omit<BlockChanges, 'buckets'>): Promise<BlockChanges>
  /** Takes over a block that was committed. */
  advance(changes: BlockChanges): void
  /** Reads again from the store what the next block goes on from. */
  forget(): void
}

/** Opens the aggregations of a schema over the points and buckets that a store has. */
export function openRollUps(
  { aggregations }: Pick<EntitySchema, 'aggregations'>,
  store: Pick<EntityStore, 'points' | 'newestBuckets'>,
): RollUps {
  let tables: readonly BucketTable[] | undefined
  const load = async () => {
    const opened = aggregations.map(openBucketTable)
    const earliest = new Map<string, bigint>()
    for (const [index, { bucketType, dimensions, source }] of aggregations.entries()) {
      const table = opened[index]
      if (table === undefined) continue
      const names = table.isCumulative ? dimensions.map(({ name }) => name) : []
      const from = table.goOn(await store.newestBuckets(bucketType.name, names))
      const known = earliest.get(source)
      if (known === undefined || from < known) earliest.set(source, from)
    }
    for (const [source, from] of earliest) {
      const points = await store.points(source, from)
      for (const table of opened) if (table.source === source) table.add(points)
    }
    return opened
  }
  return {
    withBuckets: async (given) => {
      const isEmpty = given.proof === undefined && given.changes.length === 0
      if (isEmpty || aggregations.length === 0) return { ...given, buckets: [] }
      tables ??= await load()
      const rows = tables.flatMap((table) => table.close(given.block.timestamp))
      const first = BigInt(given.block.number) << 32n
      const buckets = rows.map((row, index) => ({ ...row, vid: first + BigInt(index) }))
      return { ...given, buckets }
    },
    advance: ({ changes, buckets }) => {
      for (const table of tables ?? []) {
        if (buckets.length > 0) table.reopen(buckets)
        table.add(
          changes.flatMap((change) =>
            change.type === 'insert' && change.entityType === table.source ? [change.entity] : [],
          ),
        )
      }
    },
    forget: () => {
      tables = undefined
    },
  }
}
