import fc from 'fast-check'
import { expect, test } from 'vitest'

import { AMOUNT_BOUND, checkAmount, compareIds, divFloor, mulDivFloor } from './numbers.ts'

const natural = fc.bigInt({ min: 0n, max: 1n << 130n })
const positive = fc.bigInt({ min: 1n, max: 1n << 130n })
const parameters = { seed: 20261122, numRuns: 500 }

test('a floored quotient times its divisor leaves less than the divisor', () => {
  fc.assert(
    fc.property(natural, positive, (numerator, denominator) => {
      const rest = numerator - divFloor(numerator, denominator) * denominator
      return rest >= 0n && rest < denominator
    }),
    parameters,
  )
})

test('mulDivFloor floors once, after the whole product', () => {
  fc.assert(
    fc.property(natural, natural, positive, (a, b, c) => mulDivFloor(a, b, c) === (a * b) / c),
    parameters,
  )
})

test('negative factors and empty divisors are refused', () => {
  expect(() => divFloor(-1n, 2n)).toThrowErrorMatchingInlineSnapshot(
    `[InvariantError: divFloor takes a non-negative numerator, found -1]`,
  )
  expect(() => divFloor(1n, 0n)).toThrowErrorMatchingInlineSnapshot(
    `[InvariantError: divFloor takes a positive denominator, found 0]`,
  )
})

test('an amount of 2^96 base units is refused whole, one less is taken', () => {
  expect(checkAmount(AMOUNT_BOUND - 1n, 'budget')).toBe(AMOUNT_BOUND - 1n)
  expect(() => checkAmount(AMOUNT_BOUND, 'budget')).toThrowErrorMatchingInlineSnapshot(
    `[AmountOutOfRangeError: budget: expected 0 <= amount < 2^96 base units, found 79228162514264337593543950336]`,
  )
})

test('lower-case hex compares as its bytes do', () => {
  const bytes = fc.uint8Array({ minLength: 20, maxLength: 20 })
  const hex = (value: Uint8Array) => `0x${Buffer.from(value).toString('hex')}`
  fc.assert(
    fc.property(bytes, bytes, (a, b) => compareIds(hex(a), hex(b)) === Buffer.compare(a, b)),
    parameters,
  )
})
