import { expect, test } from 'vitest'

import { parseBundle } from './bundle.ts'

const head = '{"manifest":"{}","manifestHash":"0x01","ruleset":"{}"}'

test('lines are gathered by table, in their order', () => {
  const rows = [
    '{"table":"assets","line":"a"}',
    '{"table":"edges","line":"e"}',
    '{"table":"assets","line":"b"}',
  ]
  const bundle = parseBundle([head, ...rows, ''].join('\n'))
  expect(bundle.lines).toEqual({ assets: ['a', 'b'], edges: ['e'] })
  expect(bundle.rowCount).toBe(3)
})

test('a damaged line is named by its number', () => {
  expect(() => parseBundle('')).toThrowErrorMatchingInlineSnapshot(
    `[Error: line 1: expected a JSON object]`,
  )
  expect(() => parseBundle(`${head}\n{"table":1}`)).toThrowErrorMatchingInlineSnapshot(
    `[Error: line 2: expected a table and its line]`,
  )
})
