import fc from 'fast-check'

import { parseEntitySchema } from '../../entity-cache/entity-schema.ts'
import type { BlockChanges, Bucket, EntityChange } from '../../entity-cache/entity-store.ts'
import { type Entity, NULL_VALUE, type StoreValue, valueText } from '../../entity-cache/entity.ts'
import type { MemoryStore } from '../../entity-cache/memory-store.ts'

/** A word of the tables that is taken, one of SQL, and every type that a field can have. */
export const PROGRAM_SCHEMA = parseEntitySchema(`
enum Kind { MODEL DATASET }
type Account @entity(immutable: false) {
  id: Bytes!
  orders: [Order!]! @derivedFrom(field: "owner")
  points: [Point!]! @derivedFrom(field: "owner")
}
type Order @entity(immutable: false) {
  id: ID!
  owner: Account!
  number: BigInt!
  price: BigDecimal
  kind: Kind
  kinds: [Kind!]!
  tags: [Bytes!]
  parents: [Order]
  from: Timestamp
  blockFrom: Int
  large: Int8
  isOpen: Boolean
}
type Move @entity(immutable: true) { id: Int8! order: Order! note: String }
type Point @entity(timeseries: true) { id: Int8! timestamp: Timestamp! owner: Account! value: BigDecimal! }
type Stats @aggregation(intervals: ["hour"], source: "Point") {
  id: Int8!
  timestamp: Timestamp!
  owner: Account!
  sum: BigDecimal! @aggregate(fn: "sum", arg: "value")
}
`)
/** What is done to a store. */
export type ProgramStep =
  | {
      readonly type: 'block'
      readonly gap: number
      readonly writes: readonly Write[]
      readonly proves: boolean
      readonly fails: boolean
    }
  | { readonly type: 'revert'; readonly depth: number }
  | { readonly type: 'flush' }
  | { readonly type: 'prune'; readonly depth: number }
  | { readonly type: 'restart' }
  | { readonly type: 'fail'; readonly after: number; readonly when: 'before' | 'after' }
  | { readonly type: 'compare'; readonly depth: number }

type Write = {
  /** `file` is an order that a file brings. */
  readonly to: 'Account' | 'Order' | 'Move' | 'Point' | 'Stats_hour' | 'source' | 'file'
  readonly id: number
  readonly removes: boolean
  readonly number: bigint
  readonly digits: bigint
  readonly small: number
}

const writeOf: fc.Arbitrary<Write> = fc.record({
  to: fc.constantFrom(
    'Account',
    'Order',
    'Order',
    'Order',
    'Order',
    'Move',
    'Point',
    'Stats_hour',
    'source',
    'file',
  ),
  id: fc.nat(3),
  removes: fc.boolean(),
  number: fc.oneof(fc.bigInt(-9n, 9n), fc.bigInt(-(2n ** 257n), 2n ** 257n)),
  digits: fc.bigInt(-(10n ** 35n) + 1n, 10n ** 34n - 1n),
  small: fc.nat(63),
})
/** Any step. */
export const programStep: fc.Arbitrary<ProgramStep> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('block' as const),
      gap: fc.nat(2),
      writes: fc.array(writeOf, { maxLength: 8 }),
      proves: fc.boolean(),
      fails: fc.nat(5).map((number) => number === 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('revert' as const), depth: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.constant({ type: 'flush' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'restart' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('prune' as const), depth: fc.nat(8) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('fail' as const),
      after: fc.nat(6),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('compare' as const), depth: fc.nat(8) }) },
)

/** The block that a step makes of what is stored. */
export function blockOf(step: ProgramStep & { type: 'block' }, memory: MemoryStore): BlockChanges {
  const last = memory.lastBlock()?.number ?? 0
  const number = last + 1 + step.gap
  const changes = new Map<string, EntityChange>()
  const buckets: Bucket[] = []
  for (const [index, write] of step.writes.entries()) {
    const vid = (BigInt(number) << 32n) + 100n + BigInt(index)
    if (write.to === 'source') continue
    if (write.to === 'file') {
      const id = `file ${vid}`
      const entity = new Map(entityOf(write, vid)).set('id', { type: 'String', value: id })
      changes.set(id, {
        type: 'insert',
        entityType: 'Order',
        id,
        entity,
        vid,
        region: 1 + write.small,
      })
      continue
    }
    if (write.to === 'Stats_hour')
      buckets.push({ entityType: write.to, id: `${vid}`, entity: entityOf(write, vid), vid })
    else {
      const change = changeOf(write, write.to, vid, memory)
      if (change !== undefined) changes.set(`${change.entityType} ${change.id}`, change)
    }
  }
  const hash = `0x${number.toString(16).padStart(60, '0')}${step.writes.length.toString(16).padStart(4, '0')}`
  const proof = new Uint8Array(32).fill(number % 256)
  const failure = { dataSource: 'Sample', handler: 'handleIt', block: number, blockHash: hash }
  return {
    block: { number, hash, timestamp: BigInt(number) * 12n },
    changes: [...changes.values()],
    buckets,
    proof: step.proves ? proof : undefined,
    createdSources: step.writes
      .filter(({ to }) => to === 'source')
      .map(({ id, digits, small }) => ({
        template: 'Child',
        address: `0x${id.toString().padStart(40, '0')}`,
        context: small % 2 === 0 ? undefined : new Map([['price', decimal(digits, small)]]),
        block: number,
        ...(small % 3 === 0 ? { file: { region: 1 + small, state: 'waiting' as const } } : {}),
      })),
    failures: step.fails
      ? [
          { ...failure, logIndex: undefined, message: 'first\nline' },
          { ...failure, logIndex: 3, message: "it's gone" },
        ]
      : [],
  }
}

function changeOf(
  write: Write,
  entityType: 'Account' | 'Order' | 'Move' | 'Point',
  vid: bigint,
  memory: MemoryStore,
): EntityChange | undefined {
  const isMutable = entityType === 'Account' || entityType === 'Order'
  const entity = entityOf(write, isMutable ? BigInt(write.id) : vid)
  const id = valueText(entity.get('id')) ?? ''
  const exists = memory.get(entityType, id) !== undefined
  if (write.removes && isMutable) return exists ? { type: 'remove', entityType, id } : undefined
  return { type: exists ? 'overwrite' : 'insert', entityType, id, entity, vid }
}

function entityOf(write: Write, id: bigint): Entity {
  const owner: StoreValue = { type: 'Bytes', value: Uint8Array.of(0xac, write.small % 3) }
  const timestamp: StoreValue = { type: 'Timestamp', value: BigInt(write.small) * 3_600_000_000n }
  switch (write.to) {
    case 'Account':
      return new Map([['id', { type: 'Bytes', value: Uint8Array.of(0xac, Number(id)) }]])
    case 'Move':
      return maybe(write.small, [
        ['id', { type: 'Int8', value: id }],
        ['order', { type: 'String', value: `order ${write.small % 3}` }],
        ['note', { type: 'String', value: "quote ' and \\ and 🦉\n" }],
      ])
    case 'Point':
      return new Map<string, StoreValue>([
        ['id', { type: 'Int8', value: id }],
        ['timestamp', timestamp],
        ['owner', owner],
        ['value', decimal(write.digits, write.small)],
      ])
    case 'Stats_hour':
      return new Map<string, StoreValue>([
        ['id', { type: 'Int8', value: id }],
        ['timestamp', timestamp],
        ['owner', owner],
        ['sum', { type: 'BigDecimal', value: { digits: write.digits * 10n, scale: write.small } }],
      ])
    case 'Order':
    case 'source':
    case 'file':
      return orderOf(write, owner, timestamp)
    default:
      return write.to satisfies never
  }
}

function orderOf(write: Write, owner: StoreValue, timestamp: StoreValue): Entity {
  const { small } = write
  return maybe(small, [
    ['id', { type: 'String', value: `order ${write.id}` }],
    ['owner', owner],
    ['number', { type: 'BigInt', value: write.number }],
    ['kinds', { type: 'List', value: small % 2 === 0 ? [] : [{ type: 'String', value: 'MODEL' }] }],
    ['price', decimal(write.digits, small - 20)],
    ['kind', { type: 'String', value: small % 2 === 0 ? 'MODEL' : 'DATASET' }],
    ['tags', { type: 'List', value: [{ type: 'Bytes', value: Uint8Array.of(small, 0, 255) }] }],
    ['parents', { type: 'List', value: [NULL_VALUE, { type: 'String', value: '' }] }],
    ['from', timestamp],
    ['blockFrom', { type: 'Int', value: 1 - small }],
    ['large', { type: 'Int8', value: -(1n << 63n) + BigInt(small) }],
    ['isOpen', { type: 'Bool', value: small % 2 === 0 }],
  ])
}

/** The optional fields are absent, null or there; lists may also be empty. */
function maybe(small: number, fields: readonly (readonly [string, StoreValue])[]): Entity {
  const required = new Set(['id', 'owner', 'number', 'kinds', 'order'])
  return new Map(
    fields.flatMap(([name, value], index): readonly (readonly [string, StoreValue])[] => {
      const choice = required.has(name) ? 0 : (small + 3 * index) % 4
      if (choice === 1) return []
      if (choice === 2) return [[name, NULL_VALUE]]
      return [[name, choice === 3 && value.type === 'List' ? { type: 'List', value: [] } : value]]
    }),
  )
}

/** In the normal form, as everything is that a mapping stores. */
function decimal(digits: bigint, scale: number): StoreValue {
  if (digits === 0n) return { type: 'BigDecimal', value: { digits: 0n, scale: 0 } }
  let [kept, places] = [digits, scale]
  while (kept % 10n === 0n) [kept, places] = [kept / 10n, places - 1]
  return { type: 'BigDecimal', value: { digits: kept, scale: places } }
}
