import fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  add,
  type BigDecimal,
  divide,
  equals,
  formatDecimal,
  multiply,
  normalise,
  parseDecimal,
  subtract,
} from './big-decimal.ts'

const SEED = { seed: 20_260_412 }
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 45n), max: 10n ** 45n }), fc.integer({ min: -40, max: 80 }))
  .map(([digits, scale]) => normalise(digits, scale))
const positive = decimal.filter(({ digits }) => digits > 0n)

test('a positive normal form has at most 34 digits, no trailing zero and is its own normal form', () => {
  fc.assert(
    fc.property(positive, (value) => {
      expect(value.digits.toString().length).toBeLessThanOrEqual(34)
      expect(value.digits % 10n).not.toBe(0n)
      expect(normalise(value.digits, value.scale)).toEqual(value)
    }),
    SEED,
  )
})

test('a negative normal form has at most 35 digits', () => {
  fc.assert(
    fc.property(positive, positive, (a, b) => {
      const product = multiply({ digits: -a.digits, scale: a.scale }, b)
      expect((-product.digits).toString().length).toBeLessThanOrEqual(35)
    }),
    SEED,
  )
})

test('sums and products do not depend on the order of their operands', () => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      expect(add(a, b)).toEqual(add(b, a))
      expect(multiply(a, b)).toEqual(multiply(b, a))
      expect(subtract(a, a)).toEqual({ digits: 0n, scale: 0 })
    }),
    SEED,
  )
})

test('a decimal survives being written out and read', () => {
  fc.assert(
    fc.property(decimal, (value) => {
      expect(equals(read(formatDecimal(value)), normalise(value.digits, value.scale))).toBe(true)
    }),
    SEED,
  )
})

test('a quotient is the one of digit-by-digit division', () => {
  fc.assert(
    fc.property(decimal, positive, (a, b) => {
      expect(divide(a, b)).toEqual(divideDigitByDigit(a, b))
    }),
    SEED,
  )
})

test('positive numbers round half up at 34 digits and negative ones keep 35 or are cut', () => {
  const thirtyFour = '1234567890123456789012345678901234'
  expect(formatDecimal(read(`${thirtyFour}5`))).toBe('12345678901234567890123456789012350')
  expect(formatDecimal(read(`-${thirtyFour}5`))).toBe(`-${thirtyFour}5`)
  expect(formatDecimal(read('-9.99999999999999999999999999999999999'))).toBe(
    '-9.999999999999999999999999999999999',
  )
  expect(formatDecimal(read('9.99999999999999999999999999999999999'))).toBe('10')
})

test('decimals are written without an exponent', () => {
  expect(formatDecimal({ digits: 12n, scale: -3 })).toBe('12000')
  expect(formatDecimal({ digits: -12n, scale: 1 })).toBe('-1.2')
  expect(formatDecimal({ digits: 12n, scale: 2 })).toBe('0.12')
  expect(formatDecimal({ digits: 12n, scale: 5 })).toBe('0.00012')
  expect(formatDecimal({ digits: 0n, scale: 0 })).toBe('0')
  expect(formatDecimal(divide(read('1'), read('3')))).toBe(`0.${'3'.repeat(34)}`)
  expect(formatDecimal(divide(read('2'), read('3')))).toBe(`0.${'6'.repeat(33)}7`)
})

test('decimals are read as bigdecimal-rs 0.1.2 reads them', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['.5', '0.5'],
    ['5.', '5'],
    ['-.5', '-0.5'],
    ['1e3', '1000'],
    ['1E-3', '0.001'],
    ['1e++3', '1000'],
    ['1e+-3', '0.001'],
    ['1._5', '0.15'],
  ]
  for (const [text, written] of cases) expect(formatDecimal(read(text))).toBe(written)
  for (const text of ['', '.', 'e5', '1e', '1.2.3', '1.-5', '-+1', '1e5e5', 'NaN', '١']) {
    expect(parseDecimal(text)).toBeUndefined()
  }
})

function read(text: string): BigDecimal {
  const value = parseDecimal(text)
  if (value === undefined) throw new TypeError(`expected a decimal, found ${text}`)
  return value
}

/** The loop of bigdecimal-rs 0.1.2, kept as it is written there. */
function divideDigitByDigit(a: BigDecimal, b: BigDecimal): BigDecimal {
  if (a.digits === 0n || (b.digits === 1n && b.scale === 0)) return normalise(a.digits, a.scale)
  let scale = a.scale - b.scale
  if (a.digits === b.digits) return normalise(1n, scale)
  let numerator = a.digits < 0n ? -a.digits : a.digits
  while (numerator < b.digits) {
    scale += 1
    numerator *= 10n
  }
  let quotient = numerator / b.digits
  let remainder = (numerator % b.digits) * 10n
  let precision = quotient.toString().length
  while (remainder !== 0n && precision < 100) {
    quotient = quotient * 10n + remainder / b.digits
    remainder = (remainder % b.digits) * 10n
    precision += 1
    scale += 1
  }
  if (remainder / b.digits >= 5n) quotient += 1n
  return normalise(a.digits < 0n ? -quotient : quotient, scale)
}
