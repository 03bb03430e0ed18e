import fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  BIG_INT_BITS_MAX,
  bitLength,
  fromMagnitudeBytes,
  fromSignedBytes,
  parseDecimalInteger,
  toMagnitudeBytes,
  toSignedBytes,
  withinBits,
} from './big-int.ts'

const SEED = { seed: 20_260_411 }
const anyInteger = fc.oneof(
  fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
  fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }),
  fc.bigInt({ min: -(2n ** 34n), max: 2n ** 34n }),
)

test('an integer survives its signed bytes, and no shorter two’s complement exists', () => {
  fc.assert(
    fc.property(anyInteger, (value) => {
      const bytes = toSignedBytes(value)
      expect(fromSignedBytes(bytes)).toBe(value)
      const shorter = fromSignedBytes(bytes.subarray(0, -1))
      expect(bytes.length === 1 || shorter !== value).toBe(true)
    }),
    SEED,
  )
})

test('signed bytes are those of num-bigint at the edges', () => {
  const cases: readonly (readonly [bigint, readonly number[]])[] = [
    [0n, [0]],
    [1n, [1]],
    [-1n, [255]],
    [127n, [127]],
    [128n, [128, 0]],
    [-128n, [128]],
    [-129n, [127, 255]],
    [255n, [255, 0]],
    [-256n, [0, 255]],
    [32768n, [0, 128, 0]],
  ]
  for (const [value, bytes] of cases) expect([...toSignedBytes(value)]).toEqual(bytes)
  expect(fromSignedBytes(new Uint8Array())).toBe(0n)
})

test('an integer survives its magnitude bytes without its sign', () => {
  fc.assert(
    fc.property(anyInteger, (value) => {
      const magnitude = value < 0n ? -value : value
      expect(fromMagnitudeBytes(toMagnitudeBytes(value))).toBe(magnitude)
      expect(bitLength(value)).toBe(magnitude === 0n ? 0 : magnitude.toString(2).length)
    }),
    SEED,
  )
})

test('integers up to the limit of Postgres pass and the next bit does not', () => {
  const largest = 2n ** BigInt(BIG_INT_BITS_MAX - 1) - 1n
  expect(withinBits(largest)).toBe(largest)
  expect(() => withinBits(largest + 1n)).toThrow(
    'BigInt is too big, total bits 435413 (max 435412)',
  )
})

test('decimal integers are read as num-bigint reads them', () => {
  expect(parseDecimalInteger('-0012')).toBe(-12n)
  expect(parseDecimalInteger('+7')).toBe(7n)
  expect(parseDecimalInteger('1_000')).toBe(1000n)
  for (const text of ['', '-', '+-1', '-+1', '0x10', '_1', ' 1', '1.0', '1e3']) {
    expect(parseDecimalInteger(text)).toBeUndefined()
  }
})
