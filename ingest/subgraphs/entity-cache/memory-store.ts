import type { ProofDigest } from '../poi/proof-of-indexing.ts'
import type {
  BlockChanges,
  BlockPoint,
  CreatedSource,
  EntityStore,
  SubgraphFailure,
} from './entity-store.ts'
import { type Entity, valueText } from './entity.ts'
import { openFileEntities } from './file-entities.ts'

/** A version of an entity, valid from its block on and until another one, if there is one. */
export type EntityVersion = {
  readonly entityType: string
  readonly id: string
  readonly from: number
  readonly until: number | undefined
  readonly vid: bigint
  readonly entity: Entity
  /** The causality region of a file; absent for the chain's own entities. */
  readonly region?: number
}

/** A store that keeps every version in memory, for tests and small chains. */
export type MemoryStore = EntityStore & {
  versions(): readonly EntityVersion[]
  /** The digests by block, in order. */
  proofs(): readonly { readonly block: number; readonly digest: ProofDigest }[]
  failures(): readonly SubgraphFailure[]
}

/** Opens an empty store. */
export function openMemoryStore(): MemoryStore {
  const entities = openVersions()
  let proofs: { block: number; digest: ProofDigest }[] = []
  let sources: CreatedSource[] = []
  let failures: SubgraphFailure[] = []
  let blocks: BlockPoint[] = []
  return {
    get: (entityType, id) => entities.of(entityType).get(id)?.entity,
    related: (entityType, field, id) => {
      const found = new Map<string, Entity>()
      for (const [own, { entity }] of entities.of(entityType)) {
        if (valueText(entity.get(field)) === id) found.set(own, entity)
      }
      return found
    },
    proof: () => proofs.at(-1)?.digest,
    createdSources: () => sources,
    lastBlock: () => blocks.at(-1),
    recentBlocks: () => blocks,
    lastFailures: () => failures.filter(({ block }) => block === blocks.at(-1)?.number),
    points: async (entityType, from) => entities.since(entityType, from),
    newestBuckets: async (entityType, dimensions) =>
      newestOf(entities.since(entityType, 0n), dimensions),
    commit: async (changes) => {
      entities.apply(changes)
      blocks.push({ number: changes.block.number, hash: changes.block.hash })
      if (changes.proof !== undefined) {
        proofs.push({ block: changes.block.number, digest: changes.proof })
      }
      sources.push(...changes.createdSources)
      failures.push(...changes.failures)
    },
    revertTo: async (blockNumber) => {
      entities.revertTo(blockNumber)
      proofs = proofs.filter(({ block }) => block <= blockNumber)
      sources = sources.filter(({ block }) => block <= blockNumber)
      failures = failures.filter(({ block }) => block <= blockNumber)
      blocks = blocks.filter(({ number }) => number <= blockNumber)
    },
    versions: entities.all,
    proofs: () => proofs,
    failures: () => failures,
  }
}

function openVersions() {
  const current = new Map<string, Map<string, OpenVersion>>()
  const ofFiles = openFileEntities()
  let versions: OpenVersion[] = []
  const of = (entityType: string) => {
    const known = current.get(entityType)
    if (known !== undefined) return known
    const made = new Map<string, OpenVersion>()
    current.set(entityType, made)
    return made
  }
  return {
    of,
    all: () => versions,
    since: (entityType: string, from: bigint) =>
      versions
        .filter((version) => version.entityType === entityType)
        .map(({ entity }) => entity)
        .filter((entity) => timestampOf(entity) >= from),
    apply: ({ block, changes, buckets }: BlockChanges) => {
      ofFiles.check(changes, (entityType, id) => of(entityType).has(id))
      for (const change of changes) {
        const entities = of(change.entityType)
        const before = entities.get(change.id)
        if (before !== undefined) before.until = block.number
        if (change.type === 'remove') {
          entities.delete(change.id)
          continue
        }
        const { entityType, id, entity, vid, region } = change
        const file = region === undefined ? {} : { region }
        const open = { from: block.number, until: undefined }
        const version = { entityType, id, entity, vid, ...open, ...file }
        if (region === undefined) entities.set(id, version)
        else ofFiles.add(entityType, id)
        versions.push(version)
      }
      for (const bucket of buckets) {
        versions.push({ ...bucket, from: block.number, until: undefined })
      }
    },
    revertTo: (blockNumber: number) => {
      versions = versions.filter((version) => {
        if (version.from <= blockNumber) return true
        if (version.region !== undefined) ofFiles.remove(version.entityType, version.id)
        else of(version.entityType).delete(version.id)
        return false
      })
      for (const version of versions) {
        if (version.until === undefined || version.until <= blockNumber) continue
        version.until = undefined
        of(version.entityType).set(version.id, version)
      }
    },
  }
}

function newestOf(buckets: readonly Entity[], dimensions: readonly string[]): readonly Entity[] {
  const newest = new Map<string, Entity>()
  for (const bucket of buckets) {
    const key = JSON.stringify(dimensions.map((name) => valueText(bucket.get(name)) ?? null))
    const known = newest.get(key)
    if (known === undefined || timestampOf(known) < timestampOf(bucket)) newest.set(key, bucket)
  }
  return [...newest.values()]
}

function timestampOf(entity: Entity): bigint {
  const value = entity.get('timestamp')
  return value?.type === 'Timestamp' ? value.value : 0n
}

type OpenVersion = { -readonly [Name in keyof EntityVersion]: EntityVersion[Name] }
