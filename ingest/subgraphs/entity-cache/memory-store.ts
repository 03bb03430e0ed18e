import { RetryableError } from '@foggara/schema'

import type { ProofDigest } from '../poi/proof-of-indexing.ts'
import type {
  BlockChanges,
  BlockPoint,
  CreatedSource,
  EntityChange,
  EntityStore,
  SubgraphFailure,
} from './entity-store.ts'
import { type Entity, valueText } from './entity.ts'

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
  const current = new Map<string, Map<string, OpenVersion>>()
  let versions: OpenVersion[] = []
  let proofs: { block: number; digest: ProofDigest }[] = []
  let sources: CreatedSource[] = []
  let failures: SubgraphFailure[] = []
  let blocks: BlockPoint[] = []
  const entitiesOf = (entityType: string) => {
    const known = current.get(entityType) ?? new Map<string, OpenVersion>()
    current.set(entityType, known)
    return known
  }
  const ofFiles = new Set<string>()
  const refuseConflicts = (changes: readonly EntityChange[]) => {
    const fresh = new Set<string>()
    for (const change of changes) {
      if (change.type === 'remove') continue
      const { entityType, id, region } = change
      const key = keyOf(entityType, id)
      const isOfFile = region !== undefined
      const isTaken = isOfFile && (fresh.has(key) || current.get(entityType)?.has(id) === true)
      if (isTaken || ofFiles.has(key)) throw new RegionConflictError(entityType, id)
      fresh.add(key)
    }
  }
  const apply = ({ block, changes }: BlockChanges) => {
    for (const change of changes) {
      const entities = entitiesOf(change.entityType)
      const before = entities.get(change.id)
      if (change.type === 'remove') {
        if (before !== undefined) before.until = block.number
        entities.delete(change.id)
        continue
      }
      const { entityType, id, entity, vid, region } = change
      if (before !== undefined) before.until = block.number
      const file = region === undefined ? {} : { region }
      const version = { entityType, id, entity, vid, from: block.number, until: undefined, ...file }
      if (region === undefined) entities.set(id, version)
      else ofFiles.add(keyOf(entityType, id))
      versions.push(version)
    }
  }
  return {
    get: (entityType, id) => current.get(entityType)?.get(id)?.entity,
    related: (entityType, field, id) => {
      const found = new Map<string, Entity>()
      for (const [own, { entity }] of entitiesOf(entityType)) {
        if (valueText(entity.get(field)) === id) found.set(own, entity)
      }
      return found
    },
    proof: () => proofs.at(-1)?.digest,
    createdSources: () => sources,
    lastBlock: () => blocks.at(-1),
    recentBlocks: () => blocks,
    lastFailures: () => failures.filter(({ block }) => block === blocks.at(-1)?.number),
    commit: async (changes) => {
      refuseConflicts(changes.changes)
      apply(changes)
      blocks.push({ number: changes.block.number, hash: changes.block.hash })
      if (changes.proof !== undefined) {
        proofs.push({ block: changes.block.number, digest: changes.proof })
      }
      sources.push(...changes.createdSources)
      failures.push(...changes.failures)
    },
    revertTo: async (blockNumber) => {
      versions = versions.filter((version) => {
        if (version.from <= blockNumber) return true
        if (version.region !== undefined) ofFiles.delete(keyOf(version.entityType, version.id))
        else entitiesOf(version.entityType).delete(version.id)
        return false
      })
      for (const version of versions) {
        if (version.until === undefined || version.until <= blockNumber) continue
        version.until = undefined
        entitiesOf(version.entityType).set(version.id, version)
      }
      proofs = proofs.filter(({ block }) => block <= blockNumber)
      sources = sources.filter(({ block }) => block <= blockNumber)
      failures = failures.filter(({ block }) => block <= blockNumber)
      blocks = blocks.filter(({ number }) => number <= blockNumber)
    },
    versions: () => versions,
    proofs: () => proofs,
    failures: () => failures,
  }
}

function keyOf(entityType: string, id: string): string {
  return `${entityType}\0${id}`
}

type OpenVersion = { -readonly [Name in keyof EntityVersion]: EntityVersion[Name] }

/** A file and the chain, or two files, have an entity of one type and id; graph-node stops as well. */
class RegionConflictError extends RetryableError {
  constructor(entityType: string, id: string) {
    super(
      'SUBGRAPH_ENTITY_CONFLICT',
      `expected ${entityType}[${id}] from one file or from the chain alone, found it from another`,
      { hint: 'Give entities of files ids of their own, such as the name of the file.' },
    )
  }
}
