import { DeterministicError } from '../failure.ts'
import { type AscHeap, type Pointer, READ_DEPTH_MAX } from './asc-heap.ts'
import { TYPE_INDEX } from './type-index.ts'

/** A value of a contract's ABI, as mappings see it. */
export type EthereumValue =
  | {
      readonly type: 'address' | 'fixedBytes' | 'bytes' | 'function'
      readonly value: Uint8Array
    }
  | { readonly type: 'int' | 'uint'; readonly value: bigint }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | {
      readonly type: 'fixedArray' | 'array' | 'tuple'
      readonly value: readonly EthereumValue[]
    }

const KINDS = [
  'address',
  'fixedBytes',
  'bytes',
  'int',
  'uint',
  'bool',
  'string',
  'fixedArray',
  'array',
  'tuple',
  'function',
] as const

const KIND = new Map(KINDS.map((type, kind) => [type, kind]))

/** Writes a value of the ABI. */
export function writeEthereumValue(heap: AscHeap, value: EthereumValue): Pointer {
  return heap.writeEnum(TYPE_INDEX.EthereumValue, KIND.get(value.type) ?? 0, payloadOf(heap, value))
}

/** Writes values of the ABI as an array. */
export function writeEthereumValues(heap: AscHeap, values: readonly EthereumValue[]): Pointer {
  const items = values.map((value) => writeEthereumValue(heap, value))
  return heap.writeArray(TYPE_INDEX.ArrayEthereumValue, items)
}

/**
 * Reads a value of the ABI that `depth` reads led to.
 *
 * @throws {DeterministicError}
 */
export function readEthereumValue(heap: AscHeap, pointer: Pointer, depth = 0): EthereumValue {
  if (depth + 1 > READ_DEPTH_MAX) throw new DeterministicError('recursion limit reached')
  const payload = heap.payload(pointer)
  const target = Number(BigInt.asUintN(32, payload))
  const type = KINDS[heap.field(pointer, 0)]
  switch (type) {
    case 'address':
    case 'function':
    case 'fixedBytes':
    case 'bytes':
      return { type, value: sized(type, heap.readBytes(target)) }
    case 'int':
    case 'uint':
      return { type, value: heap.readBigInt(target) }
    case 'bool':
      return { type, value: payload !== 0n }
    case 'string':
      return { type, value: heap.readString(target) }
    case 'fixedArray':
    case 'array':
    case 'tuple':
      return {
        type,
        value: heap.readArray(target).map((item) => readEthereumValue(heap, item, depth + 2)),
      }
    case undefined:
      throw new DeterministicError(`value kind ${heap.field(pointer, 0)} is not valid`)
    default:
      return type satisfies never
  }
}

function payloadOf(heap: AscHeap, value: EthereumValue): number {
  switch (value.type) {
    case 'address':
    case 'function':
    case 'fixedBytes':
    case 'bytes':
      return heap.writeBytes(value.value)
    case 'int':
    case 'uint':
      return heap.writeBigInt(value.value)
    case 'bool':
      return value.value ? 1 : 0
    case 'string':
      return heap.writeString(value.value)
    case 'fixedArray':
    case 'array':
    case 'tuple':
      return writeEthereumValues(heap, value.value)
    default:
      return value satisfies never
  }
}

function sized(type: 'address' | 'function' | 'fixedBytes' | 'bytes', bytes: Uint8Array) {
  const expected = type === 'address' ? 20 : type === 'function' ? 24 : undefined
  const fits = type === 'fixedBytes' ? bytes.length <= 32 : bytes.length === expected
  if (type === 'bytes' || fits) return bytes
  throw new DeterministicError(`expected the bytes of one ${type}, found ${bytes.length} bytes`)
}
