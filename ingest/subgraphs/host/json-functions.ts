import { DeterministicError } from '../failure.ts'
import type { AscHeap, Pointer } from '../heap/asc-heap.ts'
import { byCodePoint } from '../heap/store-values.ts'
import { TYPE_INDEX } from '../heap/type-index.ts'
import type { WasmFunction } from '../heap/web-assembly.ts'
import { parseDecimalInteger } from '../numbers/big-int.ts'
import type { HostState } from './host-functions.ts'
import { JSON_BYTES_MAX, type JsonValue, parseJson } from './json-text.ts'

const KIND = { null: 0, bool: 1, number: 2, string: 3, array: 4, object: 5 } as const
const I64_MAX = 2n ** 63n - 1n
const FLOAT = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)$/i

/** The functions that read JSON and the numbers in it. */
export function jsonFunctions({ heap }: HostState): Readonly<Record<string, WasmFunction>> {
  const integer = (text: Pointer, type: string, least: bigint, most: bigint) => {
    const digits = heap().readString(text)
    const value = digits.includes('_') ? undefined : parseDecimalInteger(digits)
    if (value !== undefined && value >= least && value <= most) return value
    throw new DeterministicError(`JSON \`${digits}\` cannot be parsed as ${type}`)
  }
  return {
    'json.fromBytes': (bytes: Pointer) => {
      const content = heap().readBytes(bytes)
      const value = parseJson(content)
      if (value !== undefined) return writeJson(heap(), value)
      throw new DeterministicError(
        content.length > JSON_BYTES_MAX
          ? `JSON size exceeds max size of ${JSON_BYTES_MAX}`
          : 'Failed to parse JSON from byte array',
      )
    },
    'json.try_fromBytes': (bytes: Pointer) => {
      const value = parseJson(heap().readBytes(bytes))
      return writeResult(heap(), value)
    },
    'json.toI64': (text: Pointer) => integer(text, 'i64', -I64_MAX - 1n, I64_MAX),
    'json.toU64': (text: Pointer) => BigInt.asIntN(64, integer(text, 'u64', 0n, 2n * I64_MAX + 1n)),
    'json.toF64': (text: Pointer) => {
      const digits = heap().readString(text)
      if (FLOAT.test(digits)) return floatOf(digits)
      throw new DeterministicError(`JSON \`${digits}\` cannot be parsed as f64`)
    },
    'json.toBigInt': (text: Pointer) => {
      const digits = heap().readString(text)
      const value = parseDecimalInteger(digits)
      if (value !== undefined) return heap().writeBigInt(value)
      throw new DeterministicError(`JSON \`${digits}\` is not a decimal string`)
    },
  }
}

function writeResult(heap: AscHeap, value: JsonValue | undefined): Pointer {
  const wrapped =
    value === undefined ? 0 : heap.writeFields(TYPE_INDEX.WrappedJson, [writeJson(heap, value)])
  const error = value === undefined ? heap.writeByte(TYPE_INDEX.WrappedBool, 1) : 0
  return heap.writeFields(TYPE_INDEX.JsonResult, [wrapped, error])
}

function writeJson(heap: AscHeap, value: JsonValue): Pointer {
  return heap.writeEnum(TYPE_INDEX.JsonValue, KIND[value.type], jsonPayload(heap, value))
}

function jsonPayload(heap: AscHeap, value: JsonValue): number {
  switch (value.type) {
    case 'null':
      return 0
    case 'bool':
      return value.value ? 1 : 0
    case 'number':
    case 'string':
      return heap.writeString(value.value)
    case 'array': {
      const items = value.value.map((item) => writeJson(heap, item))
      return heap.writeArray(TYPE_INDEX.ArrayJsonValue, items)
    }
    case 'object': {
      const names = [...value.value.keys()].toSorted(byCodePoint)
      const entries = names.flatMap((name) => {
        const item = value.value.get(name)
        if (item === undefined) return []
        const nameAt = heap.writeString(name)
        return [heap.writeFields(TYPE_INDEX.MapEntryJson, [nameAt, writeJson(heap, item)])]
      })
      const entriesAt = heap.writeArray(TYPE_INDEX.ArrayMapEntryJson, entries)
      return heap.writeFields(TYPE_INDEX.MapJson, [entriesAt])
    }
    default:
      return value satisfies never
  }
}

function floatOf(text: string): number {
  const word = text.toLowerCase().replace(/^[+-]/, '')
  if (word === 'nan') return Number.NaN
  if (!word.startsWith('inf')) return Number(text)
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}
