import { snakeCase } from '@foggara/schema'

import type {
  EntityField,
  EntitySchema,
  EntityType,
  ScalarType,
} from '../entity-cache/entity-schema.ts'

/** Where the versions of one entity type are stored. */
export type EntityTable = {
  readonly entityType: string
  /** The view of the current state; the names of everything else about the type begin with it. */
  readonly name: string
  /** Versions are never closed, so that every row is current. */
  readonly isImmutable: boolean
  /** Its rows are buckets of an aggregation, which handlers do not see. */
  readonly isBucket: boolean
  /** One per field that is stored, the id among them. */
  readonly columns: readonly FieldColumn[]
  /** Fields by which the entities of others are found: each gets a second sort order. */
  readonly lookups: readonly FieldColumn[]
}

/** The column of a field. */
export type FieldColumn = {
  readonly name: string
  readonly field: EntityField
  /** ClickHouse's name of the column's type. */
  readonly type: string
}

/** Columns of every table that come after those of the fields, as SQL and in the order of rows. */
export const VERSION_COLUMNS = {
  vid: 'UInt64',
  block_from: 'UInt64',
  /** 0 for the chain, above for a file. */
  _region: 'UInt32',
  /** The entity is gone from the block on; the other columns are empty. */
  _removed: 'Bool',
  /** Fields that are null as a handler left them, rather than absent. */
  _null_fields: 'Array(LowCardinality(String))',
  /** Lists that are absent, rather than empty. */
  _absent_lists: 'Array(LowCardinality(String))',
  /** The exact text of integers, or lists of them, that are beyond 256 bits with a sign. */
  _large: 'Map(LowCardinality(String), String)',
  commit_seq: 'UInt64',
} as const

/** Whether views of the table show the integers that its columns do not hold. */
export function hasIntegers({ columns }: EntityTable): boolean {
  return columns.some(({ field }) => field.scalar === 'BigInt')
}

/** Names of columns that only views have. */
const VIEW_COLUMNS = ['block_to']

/** Names of tables and views that no entity has. */
const SUFFIXES = ['', '_rows', '_history', '_at']

/**
 * The tables of a schema, in its order. Names are those of the schema in snake_case; one that is
 * taken gets `_` behind it.
 */
export function entityTables(schema: EntitySchema): readonly EntityTable[] {
  const taken = new Set<string>()
  const lookedUp = lookupFields(schema)
  const buckets = schema.aggregations.map(({ bucketType }) => bucketType)
  return [...schema.entities.values(), ...buckets].map((type) => {
    const fields = lookedUp.get(type.name) ?? new Set()
    const columns = fieldColumns(type)
    const lookups = columns.filter(({ field }) => fields.has(field.name))
    const suffixes = [...SUFFIXES, ...lookups.map((column) => lookupSuffix(column))]
    let name = snakeCase(type.name)
    while (suffixes.some((suffix) => taken.has(name + suffix))) name += '_'
    for (const suffix of suffixes) taken.add(name + suffix)
    const isBucket = buckets.includes(type)
    const isImmutable = type.isImmutable || isBucket
    return { entityType: type.name, name, isImmutable, isBucket, columns, lookups }
  })
}

/** What the name of the view that finds entities by a field ends in. */
export function lookupSuffix(column: FieldColumn): string {
  return `_by_${column.name}`
}

function fieldColumns(type: EntityType): readonly FieldColumn[] {
  const taken = new Set([...Object.keys(VERSION_COLUMNS), ...VIEW_COLUMNS])
  return [...type.fields.values()].flatMap((field) => {
    if (field.derivedFrom !== undefined) return []
    let name = snakeCase(field.name)
    while (taken.has(name)) name += '_'
    taken.add(name)
    return [{ name, field, type: columnType(field) }]
  })
}

/** The fields, by entity, that a derived field of another entity gets its values from. */
function lookupFields(schema: EntitySchema): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const { fields } of schema.entities.values()) {
    for (const { refersTo = '', derivedFrom = '' } of fields.values()) {
      const isInterface = schema.otherTypes.has(refersTo)
      for (const other of schema.entities.values()) {
        const field = other.fields.get(derivedFrom)
        if (field === undefined || field.isList || field.refersTo === undefined) continue
        if (other.name !== refersTo && !isInterface) continue
        found.set(other.name, (found.get(other.name) ?? new Set()).add(derivedFrom))
      }
    }
  }
  return found
}

/**
 * Integers beyond 256 bits with a sign, such as the largest `uint256`, are at the nearest end of the
 * column and exact in `_large`. Decimals are text in full, for no type of ClickHouse has 34 digits
 * and 6144 powers of ten: `toDecimal256(price, 18)` counts.
 */
const SCALAR_TYPES: Readonly<Record<ScalarType, string>> = {
  String: 'String',
  Bytes: 'String',
  Int: 'Int32',
  Int8: 'Int64',
  BigInt: 'Int256',
  BigDecimal: 'String',
  Boolean: 'Bool',
  Timestamp: "DateTime64(6, 'UTC')",
}

function columnType({ scalar, isEnum, isList, isRequired, hasNullItems }: EntityField): string {
  const base = SCALAR_TYPES[scalar]
  const isNullable = isList ? hasNullItems : !isRequired
  const item = isNullable ? `Nullable(${base})` : base
  const stored = isEnum ? `LowCardinality(${item})` : item
  return isList ? `Array(${stored})` : stored
}
