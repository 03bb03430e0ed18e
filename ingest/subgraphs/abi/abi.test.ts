import fc from 'fast-check'
import { encodeAbiParameters, hexToBytes, parseAbiParameters } from 'viem'
import { expect, test } from 'vitest'

import type { EthereumValue } from '../heap/ethereum-values.ts'
import { type AbiType, parseAbiType } from './abi-type.ts'
import { decodeValues } from './decode.ts'
import { encodeValues, isOfType } from './encode.ts'

const SEED = { seed: 20_260_414, numRuns: 200 }

const { value: typed } = fc.letrec<{ value: readonly [AbiType, EthereumValue] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(
      (value) =>
        [
          { type: 'uint', bits: 256 },
          { type: 'uint', value },
        ] as const,
    ),
    fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }).map(
      (value) =>
        [
          { type: 'int', bits: 128 },
          { type: 'int', value },
        ] as const,
    ),
    fc.boolean().map((value) => [{ type: 'bool' }, { type: 'bool', value }] as const),
    fc
      .string({ unit: 'grapheme' })
      .map((value) => [{ type: 'string' }, { type: 'string', value }] as const),
    fc
      .uint8Array({ maxLength: 70 })
      .map((value) => [{ type: 'bytes' }, { type: 'bytes', value }] as const),
    fc
      .uint8Array({ minLength: 20, maxLength: 20 })
      .map((value) => [{ type: 'address' }, { type: 'address', value }] as const),
    fc.uint8Array({ minLength: 1, maxLength: 32 }).map(
      (value) =>
        [
          { type: 'fixedBytes', size: value.length },
          { type: 'fixedBytes', value },
        ] as const,
    ),
    fc.array(tie('value'), { maxLength: 4 }).map(
      (members) =>
        [
          { type: 'tuple', members: members.map(([type]) => type) },
          { type: 'tuple', value: members.map(([, value]) => value) },
        ] as const,
    ),
    fc.tuple(tie('value'), fc.nat(4)).map(
      ([[item, value], length]) =>
        [
          { type: 'array', item },
          { type: 'array', value: Array.from({ length }, () => value) },
        ] as const,
    ),
    fc.tuple(tie('value'), fc.integer({ min: 1, max: 3 })).map(
      ([[item, value], length]) =>
        [
          { type: 'fixedArray', item, length },
          { type: 'fixedArray', value: Array.from({ length }, () => value) },
        ] as const,
    ),
  ),
}))

test('values survive their encoding and are of their type', () => {
  fc.assert(
    fc.property(fc.array(typed, { maxLength: 4 }), (pairs) => {
      const types = pairs.map(([type]) => type)
      const values = pairs.map(([, value]) => value)
      expect(decodeValues(types, encodeValues(values))).toEqual(values)
      expect(pairs.every(([type, value]) => isOfType(value, type))).toBe(true)
    }),
    SEED,
  )
})

test('the encoding is that of viem', () => {
  const parameters = 'uint256, (string, int64[2])[], bytes, (address, bytes4)'
  const address = '0x00112233445566778899aabbccddeeff00112233'
  const theirs = encodeAbiParameters(parseAbiParameters(parameters), [
    7n,
    [
      ['héllo', [-1n, 2n]],
      ['', [3n, -4n]],
    ],
    '0x010203',
    [address, '0xdeadbeef'],
  ])
  const ours: readonly EthereumValue[] = [
    { type: 'uint', value: 7n },
    {
      type: 'array',
      value: [pair('héllo', -1n, 2n), pair('', 3n, -4n)],
    },
    { type: 'bytes', value: Uint8Array.of(1, 2, 3) },
    {
      type: 'tuple',
      value: [
        { type: 'address', value: hexToBytes(address) },
        { type: 'fixedBytes', value: hexToBytes('0xdeadbeef') },
      ],
    },
  ]
  expect(new Uint8Array(encodeValues(ours))).toEqual(hexToBytes(theirs))
  const type = parseAbiType(`(${parameters})`)
  expect(type?.type === 'tuple' && decodeValues(type.members, hexToBytes(theirs))).toEqual(ours)
})

test('bytes that end early give no values, and offsets beyond the end neither', () => {
  const bytes = encodeValues([{ type: 'string', value: 'a text of more than one word of bytes' }])
  for (let length = 0; length < 64 + 37; length += 1) {
    expect(decodeValues([{ type: 'string' }], bytes.subarray(0, length))).toBeUndefined()
  }
  const far = Uint8Array.from(bytes).fill(255, 0, 32)
  expect(decodeValues([{ type: 'string' }], far)).toBeUndefined()
})

test('types that Solidity does not have are not read', () => {
  for (const text of ['', 'uint7', 'bytes33', 'uint256[', '(address', 'address)', 'int512', 'x']) {
    expect(parseAbiType(text)).toBeUndefined()
  }
})

function pair(text: string, first: bigint, second: bigint): EthereumValue {
  const numbers = [first, second].map((value) => ({ type: 'int', value }) as const)
  return {
    type: 'tuple',
    value: [
      { type: 'string', value: text },
      { type: 'fixedArray', value: numbers },
    ],
  }
}
