import { expect, test } from 'vitest'

import { formatQ32, readRuleset } from './ruleset.ts'

test('every parameter of a ruleset is listed by its path, unchanged', () => {
  const json =
    '{"firstBlock":10,"epochBlockCount":50,"rank":{"x":7},"payoutMin":"90071992547409931"}'
  expect(readRuleset(json)).toEqual({
    firstBlock: 10,
    epochBlockCount: 50,
    parameters: [
      ['firstBlock', '10'],
      ['epochBlockCount', '50'],
      ['rank.x', '7'],
      ['payoutMin', '90071992547409931'],
    ],
  })
})

test('what is no ruleset is none', () => {
  expect([readRuleset('{'), readRuleset('{"firstBlock":1}'), readRuleset('null')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('fractions of 2^32 read as percentages', () => {
  expect(formatQ32('3650722201')).toBe('84.999999%')
  expect(formatQ32(String(2 ** 31))).toBe('50%')
  expect(formatQ32('0')).toBe('0%')
})
