import { type Column, type ColumnType, camelCase } from '@foggara/schema'

import type { Cell, Row } from '../sql/row.ts'
import { ACCOUNT_REF } from './account/ref.ts'
import { COLUMN_TEXT } from './column-text.ts'
import type { Entity, EntityDefinition, EntityFieldBuilder } from './entity.ts'
import { EVIDENCE_COLUMN_NAMES, EVIDENCE_TYPE } from './evidence.ts'
import { WORDS } from './words.ts'

type ScalarName = 'Boolean' | 'String' | 'SafeInt' | 'BigInt' | 'Address' | 'Bytes32' | 'Bytes'

const SCALARS: Readonly<Record<ColumnType, ScalarName>> = {
  Bool: 'Boolean',
  UInt8: 'SafeInt',
  UInt32: 'SafeInt',
  UInt64: 'SafeInt',
  UInt128: 'BigInt',
  UInt256: 'BigInt',
  Int256: 'BigInt',
  String: 'String',
  'LowCardinality(String)': 'String',
  Bytes: 'Bytes',
  'FixedString(20)': 'Address',
  'FixedString(32)': 'Bytes32',
  'Nullable(UInt64)': 'SafeInt',
  'Array(UInt64)': 'SafeInt',
  'Array(UInt256)': 'BigInt',
  'Array(String)': 'String',
  'Array(FixedString(20))': 'Address',
  'Array(FixedString(32))': 'Bytes32',
  'Map(String, UInt64)': 'String',
}

/** 64-bit columns that anybody may fill with any value, so that a JSON number could not hold it. */
const WIDE_COLUMNS = new Set([
  'byte_length',
  'duration_seconds',
  'expires_at_seconds',
  'finished_at_seconds',
  'first_nonce',
  'last_nonce',
  'missing_count',
  'nonce',
  'sequence',
  'started_at_seconds',
])

/** Columns of addresses that are contracts, not accounts. */
const CONTRACT_COLUMNS = new Set(['address', 'token'])

/** One field per column of the definition; the evidence columns become one object. */
export function columnFields(t: EntityFieldBuilder, definition: EntityDefinition) {
  const evidence = EVIDENCE_COLUMN_NAMES.every((name) =>
    definition.source.columns.some((column) => column.name === name),
  )
  const left = definition.source.columns.filter(
    (column) =>
      !definition.omit?.includes(column.name) &&
      !(evidence && EVIDENCE_COLUMN_NAMES.some((name) => name === column.name)),
  )
  const fields = left.map((column) => [
    definition.rename?.[column.name] ?? camelCase(column.name),
    columnField(t, definition, column),
  ])
  return {
    ...Object.fromEntries(fields),
    ...(evidence ? { evidence: evidenceField(t, definition) } : {}),
  }
}

/** The scalar that a column's values (or items) are. */
export function scalarOf(column: Column): ScalarName {
  return WIDE_COLUMNS.has(column.name) ? 'BigInt' : SCALARS[column.type]
}

/** Whether a value is its type's way of saying that there is none. */
export function isNone(cell: Cell | undefined): boolean {
  if (cell === undefined || cell === null || cell === '' || cell === '0' || cell === 0) return true
  return typeof cell === 'string' && /^0x0*$/.test(cell)
}

/** A column's cell, read on demand when the row is only a key. */
export async function cellOf(
  entity: Entity,
  definition: EntityDefinition,
  column: string,
): Promise<Cell | undefined> {
  const name = camelCase(column)
  if (name in entity.row) return entity.row[name]
  const [key] = definition.source.key
  const value = key === undefined ? undefined : entity.row[camelCase(key)]
  if (key === undefined || value === undefined) return undefined
  const row = await entity.from.lookup(definition.source, [column], key, String(value))
  return row?.[name]
}

function columnField(t: EntityFieldBuilder, definition: EntityDefinition, column: Column) {
  const name = camelCase(column.name)
  const isOptional = definition.optional?.includes(column.name) ?? false
  const description = COLUMN_TEXT[column.name]
  const shared = {
    ...(description === undefined ? {} : { description }),
    extensions: { columns: [column.name] },
  }
  const cell = ({ row }: Entity): Cell => {
    const value = row[name] ?? null
    return isOptional && isNone(value) ? null : value
  }
  const words = definition.enums?.[column.name]
  if (words !== undefined) {
    return t.field({
      ...shared,
      type: WORDS[words],
      nullable: true,
      resolve: (entity) => (cell(entity) || null) as never,
    })
  }
  if (column.type === 'FixedString(20)' && !CONTRACT_COLUMNS.has(column.name)) {
    return t.field({
      ...shared,
      type: ACCOUNT_REF,
      nullable: isOptional,
      resolve: (entity) => accountOf(entity, name) as never,
    })
  }
  const scalar = scalarOf(column)
  if (column.type.startsWith('Array(')) {
    return t.field({ ...shared, type: [scalar], resolve: (entity) => cell(entity) as never })
  }
  const nullable = isOptional || column.type.startsWith('Nullable(')
  return t.field({ ...shared, type: scalar, nullable, resolve: (entity) => cell(entity) as never })
}

function accountOf({ row, from }: Entity, name: string): Entity | null {
  const address = row[name]
  return isNone(address) || address === undefined ? null : { row: { account: address }, from }
}

function evidenceField(t: EntityFieldBuilder, definition: EntityDefinition) {
  return t.field({
    type: EVIDENCE_TYPE,
    nullable: definition.optional?.includes('block') ?? false,
    description: 'The event that the row comes from.',
    extensions: { columns: EVIDENCE_COLUMN_NAMES },
    resolve: ({ row }) => (isNone(row['block']) ? null : evidenceOf(row)) as never,
  })
}

function evidenceOf(row: Row) {
  return {
    block: Number(row['block']),
    transactionHash: String(row['transactionHash']),
    logIndex: Number(row['logIndex']),
    timestamp: Number(row['atSeconds']),
  }
}
