import { type BigDecimal, equals as equalDecimals, formatDecimal } from '../numbers/big-decimal.ts'

/** A value of an entity's field, as graph-node tells them apart; timestamps are microseconds. */
export type StoreValue =
  | { readonly type: 'String'; readonly value: string }
  | { readonly type: 'Int'; readonly value: number }
  | { readonly type: 'BigDecimal'; readonly value: BigDecimal }
  | { readonly type: 'Bool'; readonly value: boolean }
  | { readonly type: 'List'; readonly value: readonly StoreValue[] }
  | { readonly type: 'Null' }
  | { readonly type: 'Bytes'; readonly value: Uint8Array }
  | { readonly type: 'BigInt'; readonly value: bigint }
  | { readonly type: 'Int8'; readonly value: bigint }
  | { readonly type: 'Timestamp'; readonly value: bigint }

/** The fields of an entity that have a value, by name. */
export type Entity = ReadonlyMap<string, StoreValue>

/** The value of a field that a mapping set to null. */
export const NULL_VALUE: StoreValue = { type: 'Null' }

/** Whether two values are of one type and mean the same. */
export function sameValue(a: StoreValue | undefined, b: StoreValue | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined) return false
  if (a.type === 'Null') return b.type === 'Null'
  if (a.type === 'Bytes') return b.type === 'Bytes' && sameBytes(a.value, b.value)
  if (a.type === 'BigDecimal') return b.type === 'BigDecimal' && equalDecimals(a.value, b.value)
  if (a.type === 'List') {
    if (b.type !== 'List' || a.value.length !== b.value.length) return false
    return a.value.every((item, index) => sameValue(item, b.value[index]))
  }
  return a.type === b.type && a.value === b.value
}

/** Whether two entities have the same fields with the same values; a null field counts as a field. */
export function sameEntity(a: Entity, b: Entity): boolean {
  if (a.size !== b.size) return false
  for (const [name, value] of a) if (!sameValue(value, b.get(name))) return false
  return true
}

/** The value as text: bytes as lower-case hex after `0x`, decimals in full, null as no text. */
export function valueText(value: StoreValue | undefined): string | undefined {
  if (value === undefined || value.type === 'Null') return undefined
  if (value.type === 'Bytes') return bytesText(value.value)
  if (value.type === 'BigDecimal') return formatDecimal(value.value)
  if (value.type === 'List') return JSON.stringify(value.value.map((item) => valueText(item)))
  return String(value.value)
}

/** Lower-case hex after `0x`. */
export function bytesText(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

/** Whether two byte strings are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false
  return true
}
