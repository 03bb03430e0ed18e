import fc from 'fast-check'
import { expect, test } from 'vitest'

import { commonIntegers, parseDecimal } from './decimal.ts'
import { readEdges, readIds, readWeights } from './weighted-files.ts'

const edges = (...rows: string[]) =>
  readEdges('e.csv', ['from,to,weight', ...rows].join('\n'), 'sum')

test('decimals become integers in exact ratios', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.bigInt(0n, 10n ** 18n), fc.integer({ min: 0, max: 18 })), {
        minLength: 1,
        maxLength: 20,
      }),
      (numbers) => {
        const texts = numbers.map(([digits, scale]) => {
          const padded = digits.toString().padStart(scale + 1, '0')
          const whole = padded.slice(0, padded.length - scale)
          return scale === 0 ? whole : `${whole}.${padded.slice(-scale)}`
        })
        const { integers, scale } = commonIntegers(texts.map((text) => parseDecimal(text, '')))
        for (const [index, [digits, own]] of numbers.entries()) {
          const power = 10n ** BigInt(18 - own)
          expect((integers[index] ?? 0n) * 10n ** BigInt(18 - scale)).toBe(digits * power)
        }
      },
    ),
    { seed: 20261 },
  )
})

test('decimals are written in any usual way', () => {
  expect(parseDecimal('1.50', '')).toEqual({ digits: 15n, scale: 1 })
  expect(parseDecimal('.5', '')).toEqual({ digits: 5n, scale: 1 })
  expect(parseDecimal('2e3', '')).toEqual({ digits: 2000n, scale: 0 })
  expect(parseDecimal('2.5E-4', '')).toEqual({ digits: 25n, scale: 5 })
  expect(parseDecimal('-0', '')).toEqual({ digits: 0n, scale: 0 })
})

test('a bad weight is refused with its line', () => {
  expect(() => edges('a,b,1', 'b,c,-2')).toThrowErrorMatchingInlineSnapshot(
    `[WeightNegativeError: e.csv line 3: expected a weight of at least 0, found -2]`,
  )
  expect(() => edges('a,b,NaN')).toThrowErrorMatchingInlineSnapshot(
    `[WeightMalformedError: e.csv line 2: expected a decimal number, found "NaN"]`,
  )
  expect(() => edges('a,b,Infinity')).toThrowErrorMatchingInlineSnapshot(
    `[WeightMalformedError: e.csv line 2: expected a decimal number, found "Infinity"]`,
  )
  expect(() => edges('a,b,')).toThrowErrorMatchingInlineSnapshot(
    `[WeightMalformedError: e.csv line 2: expected a decimal number, found ""]`,
  )
  expect(() => edges('a,b,1e41')).toThrowErrorMatchingInlineSnapshot(
    `[WeightOutOfRangeError: e.csv line 2: expected at most 40 digits on each side of the point, found 1e41]`,
  )
  expect(() => edges('a,b,1e-9999')).toThrowErrorMatchingInlineSnapshot(
    `[WeightOutOfRangeError: e.csv line 2: expected at most 40 digits on each side of the point, found 1e-9999]`,
  )
  expect(() => edges('a,b,0x10')).toThrow(expect.objectContaining({ code: 'WEIGHT_MALFORMED' }))
})

test('a missing column, cell or id is refused with its line', () => {
  expect(() => readEdges('e.csv', 'from,to\na,b', 'sum')).toThrowErrorMatchingInlineSnapshot(
    `[CsvColumnMissingError: e.csv line 1: expected a column weight, found from, to]`,
  )
  expect(() => edges('a,b')).toThrowErrorMatchingInlineSnapshot(
    `[CsvMalformedError: e.csv line 2: expected 3 columns, found 2]`,
  )
  expect(() => edges(',b,1')).toThrowErrorMatchingInlineSnapshot(
    `[IdMissingError: e.csv line 2: expected an id in column from, found nothing]`,
  )
  expect(() => readEdges('e.csv', '', 'sum')).toThrow(
    expect.objectContaining({ code: 'CSV_MALFORMED' }),
  )
  expect(() => edges('"a,b,1')).toThrow(expect.objectContaining({ code: 'CSV_MALFORMED' }))
})

test('a repeated id is refused, a repeated pair only when asked to', () => {
  expect(() => readWeights('t.csv', 'id,weight\na,1\n\na,2')).toThrowErrorMatchingInlineSnapshot(
    `[IdRepeatedError: t.csv line 4: expected each id once, found "a" again (line 2)]`,
  )
  expect(() => readIds('p.csv', 'id\na\na')).toThrow(
    expect.objectContaining({ code: 'ID_REPEATED' }),
  )
  const text = 'from,to,weight\na,b,1\na,b,2'
  expect(readEdges('e.csv', text, 'sum').rows.length).toBe(2)
  expect(() => readEdges('e.csv', text, 'reject')).toThrowErrorMatchingInlineSnapshot(
    `[EdgeRepeatedError: e.csv line 3: expected each pair once, found a -> b again (line 2)]`,
  )
})

test('lines are counted over quoted line breaks and empty lines', () => {
  const text = 'from,to,weight\n"a\nb",c,1\n\nd,e,-1'
  expect(() => readEdges('e.csv', text, 'sum')).toThrow('e.csv line 5')
})

test('columns may come in any order, with others between and a byte order mark before', () => {
  const text = '\uFEFFweight,note,to,from\n2,x,b,a\n'
  expect(readEdges('e.csv', text, 'sum').rows).toEqual([{ from: 'a', to: 'b', weight: 2n }])
})
