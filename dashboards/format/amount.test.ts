import fc from 'fast-check'
import { expect, test } from 'vitest'

import { formatColumn, formatCompact, formatExact } from './amount.ts'

const seed = 20_261_122
const units = fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n })
const decimals = fc.integer({ min: 0, max: 30 })

function parse(text: string, places: number): bigint {
  const plain = text.replaceAll(',', '').replace('−', '-')
  const [whole = '0', fraction = ''] = plain.split('.')
  const magnitude = BigInt(whole.replace('-', '') + fraction.padEnd(places, '0'))
  return plain.startsWith('-') ? -magnitude : magnitude
}

test('the exact text of an amount reads back as the same base units', () => {
  fc.assert(
    fc.property(units, decimals, (value, places) => {
      expect(parse(formatExact(value.toString(), places), places)).toBe(value)
    }),
    { seed },
  )
})

test('a column never shows more than there is, and less only below its last digit', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n }), (value) => {
      const text = formatColumn(value.toString(), 18)
      const isDust = text === '<0.0001'
      const shown = isDust ? 0n : parse(text, 18)
      expect(shown <= value && value - shown < 10n ** 14n).toBe(true)
      expect(isDust).toBe(value > 0n && value < 10n ** 14n)
    }),
    { seed },
  )
})

test.each([
  ['0', '0', '0', '0'],
  ['1', '0.000000000000000001', '<0.0001', '<0.0001'],
  ['-1', '−0.000000000000000001', '>−0.0001', '>−0.0001'],
  ['99999999999999', '0.000099999999999999', '<0.0001', '<0.0001'],
  ['100000000000000', '0.0001', '0.0001', '0.0001'],
  ['1500000000000000000', '1.5', '1.5000', '1.5'],
  ['100000000000000000000', '100', '100.0000', '100'],
  ['999999999999999999999', '999.999999999999999999', '999.9999', '999.9999'],
  ['1234567890123456789012', '1,234.567890123456789012', '1,234.5678', '1.23K'],
  ['12345678901234567890123456', '12,345,678.901234567890123456', '12,345,678.9012', '12.34M'],
  ['-2500000000000000000000', '−2,500', '−2,500.0000', '−2.50K'],
  [
    '1234567000000000000000000000000000',
    '1,234,567,000,000,000',
    '1,234,567,000,000,000.0000',
    '1,234.56T',
  ],
])('%s base units are written %s, %s and %s', (value, exact, column, compact) => {
  expect([formatExact(value, 18), formatColumn(value, 18), formatCompact(value, 18)]).toEqual([
    exact,
    column,
    compact,
  ])
})

test('a token without decimals is written without a fraction', () => {
  expect(formatExact('1204', 0)).toBe('1,204')
})
