import { RetryableError } from '@foggara/schema'

import type { EntityChange } from './entity-store.ts'

/** The entities of files: handlers of the chain do not see them, and nothing replaces them. */
export type FileEntities = {
  /**
   * Says whether a block may be taken, without taking it.
   *
   * @throws {RegionConflictError}
   */
  check(
    changes: readonly EntityChange[],
    isKnown: (entityType: string, id: string) => boolean,
  ): void
  add(entityType: string, id: string): void
  remove(entityType: string, id: string): void
}

/** Opens an empty set. */
export function openFileEntities(): FileEntities {
  const keys = new Set<string>()
  return {
    check: (changes, isKnown) => {
      // Without files, which is the rule, there is nothing to look at.
      const isOfChain = (change: EntityChange) =>
        change.type === 'remove' || change.region === undefined
      if (keys.size === 0 && changes.every(isOfChain)) return
      const fresh = new Set<string>()
      for (const change of changes) {
        if (change.type === 'remove') continue
        const { entityType, id, region } = change
        const key = keyOf(entityType, id)
        const isTaken = region !== undefined && (fresh.has(key) || isKnown(entityType, id))
        if (isTaken || keys.has(key)) throw new RegionConflictError(entityType, id)
        fresh.add(key)
      }
    },
    add: (entityType, id) => keys.add(keyOf(entityType, id)),
    remove: (entityType, id) => keys.delete(keyOf(entityType, id)),
  }
}

function keyOf(entityType: string, id: string): string {
  return `${entityType}\0${id}`
}

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
