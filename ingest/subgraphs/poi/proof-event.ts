import type { Entity } from '../entity-cache/entity.ts'

/** One thing that a handler did to the entities, as the Proof of Indexing counts it. */
export type ProofEvent =
  | {
      readonly type: 'set'
      readonly entityType: string
      readonly id: string
      readonly entity: Entity
    }
  | { readonly type: 'remove'; readonly entityType: string; readonly id: string }
  | { readonly type: 'error'; readonly redactedEventCount: number }

/** How the hash numbers the events; nothing else may change. */
export const EVENT_VARIANTS = { remove: 1, set: 2, error: 3 } as const

/** How the hash numbers the types of values; a null is not hashed at all. */
export const VALUE_VARIANTS = {
  Null: 0,
  String: 1,
  Int: 2,
  BigDecimal: 3,
  Bool: 4,
  List: 5,
  Bytes: 6,
  BigInt: 7,
  Int8: 8,
  Timestamp: 9,
} as const
