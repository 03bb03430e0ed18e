import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type Entity, sameEntity, type StoreValue } from '../entity-cache/entity.ts'
import { normalise } from '../numbers/big-decimal.ts'
import { AscHeap, READ_DEPTH_MAX } from './asc-heap.ts'
import { type EthereumValue, readEthereumValue, writeEthereumValue } from './ethereum-values.ts'
import {
  byCodePoint,
  readEntity,
  readStoreValue,
  writeEntity,
  writeStoreValue,
} from './store-values.ts'

const SEED = { seed: 20_260_416, numRuns: 200 }
const PAGE = 65_536

const text = fc.string({ unit: 'binary', maxLength: 200 }).filter((value) => !value.includes('\0'))
const scalar: fc.Arbitrary<StoreValue> = fc.oneof(
  text.map((value) => ({ type: 'String', value }) as const),
  fc.integer().map((value) => ({ type: 'Int', value }) as const),
  fc.boolean().map((value) => ({ type: 'Bool', value }) as const),
  fc.constant({ type: 'Null' } as const),
  fc.uint8Array().map((value) => ({ type: 'Bytes', value }) as const),
  fc.bigInt().map((value) => ({ type: 'BigInt', value }) as const),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => ({ type: 'Int8', value }) as const),
  fc
    .bigInt({ min: -(2n ** 60n), max: 2n ** 60n })
    .map((value) => ({ type: 'Timestamp', value }) as const),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 34n }), fc.integer({ min: -30, max: 30 }))
    .map(([digits, scale]) => ({ type: 'BigDecimal', value: normalise(digits, scale) }) as const),
)
const { value } = fc.letrec<{ value: StoreValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc
      .array(tie('value'), { maxLength: 4 })
      .map((items) => ({ type: 'List', value: items }) as const),
  ),
}))

test('an entity that was written is read as it was, over any number of pieces of memory', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, value), { maxLength: 12 }), (fields) => {
      const heap = openHeap()
      const entity: Entity = new Map(fields)
      expect(sameEntity(readEntity(heap, writeEntity(heap, entity)), entity)).toBe(true)
    }),
    SEED,
  )
})

test('the fields of an entity lie in the order of their code points', () => {
  fc.assert(
    fc.property(fc.uniqueArray(text, { maxLength: 8 }), (names) => {
      const heap = openHeap()
      const entity = new Map(names.map((name) => [name, { type: 'Int', value: 1 } as const]))
      const found = [...readEntity(heap, writeEntity(heap, entity)).keys()]
      const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(found).toEqual(sorted)
      expect(names.toSorted(byCodePoint)).toEqual(sorted)
    }),
    SEED,
  )
})

test('values of an ABI that were written are read as they were', () => {
  const values: readonly EthereumValue[] = [
    { type: 'address', value: new Uint8Array(20).fill(3) },
    { type: 'int', value: -(2n ** 255n) },
    { type: 'uint', value: 2n ** 256n - 1n },
    { type: 'bool', value: true },
    { type: 'string', value: 'ünï 🦀' },
    { type: 'bytes', value: new Uint8Array() },
    { type: 'fixedBytes', value: Uint8Array.of(1, 2, 3) },
  ]
  const nested: EthereumValue = {
    type: 'tuple',
    value: [
      { type: 'array', value: values },
      { type: 'fixedArray', value: values },
    ],
  }
  const heap = openHeap()
  expect(readEthereumValue(heap, writeEthereumValue(heap, nested))).toEqual(nested)
})

test('NUL characters are lost, and half a surrogate pair is an error', () => {
  const heap = openHeap()
  expect(heap.readString(heap.writeString('a\0b\0'))).toBe('ab')
  expect(() => heap.readString(heap.writeString('a\ud800b'))).toThrow('lone surrogate')
})

test('null, addresses out of the memory and deep nesting are errors of the mapping', () => {
  const heap = openHeap()
  expect(() => heap.readString(0)).toThrow("value that is 'null'")
  expect(() => heap.readBytes(PAGE * 4000)).toThrow('Heap access out of bounds')
  expect(() => heap.readString(2)).toThrow('Heap access out of bounds')
  const nest = (depth: number) => {
    let nested: StoreValue = { type: 'Int', value: 1 }
    for (let level = 0; level < depth; level += 1) nested = { type: 'List', value: [nested] }
    return nested
  }
  const fitting = nest(READ_DEPTH_MAX / 2 - 1)
  expect(readStoreValue(heap, writeStoreValue(heap, fitting))).toEqual(fitting)
  const tooDeep = writeStoreValue(heap, nest(READ_DEPTH_MAX / 2))
  expect(() => readStoreValue(heap, tooDeep)).toThrow('recursion limit reached')
})

test('a decimal whose exponent is out of range is not read', () => {
  const heap = openHeap()
  const read = (scale: number) => heap.readBigDecimal(heap.writeBigDecimal({ digits: 1n, scale }))
  expect(read(6143)).toEqual({ digits: 1n, scale: 6143 })
  expect(() => read(6144)).toThrow('big decimal exponent `-6144` is outside')
  expect(() => read(-6145)).toThrow('big decimal exponent `6145` is outside')
})

/** A heap over memory that grows as AssemblyScript's allocator grows it. */
function openHeap(): AscHeap {
  let buffer = new ArrayBuffer(PAGE)
  let end = 1028
  return new AscHeap({
    memory: {
      get buffer() {
        return buffer
      },
    },
    allocate: (byteLength: number) => {
      const start = end
      end += (byteLength + 15) & ~15
      while (end > buffer.byteLength) buffer = buffer.transfer(buffer.byteLength * 2)
      return start
    },
    id_of_type: (index: number) => index + 5,
  })
}
