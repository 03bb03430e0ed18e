import fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  parseUrlSearch,
  readChoices,
  readCount,
  readFrameSearch,
  stringifyUrlSearch,
} from './url-search.ts'

test('what is written to the URL reads back the same', () => {
  const name = fc.string({ minLength: 1 }).filter((text) => text !== '__proto__')
  const search = fc.dictionary(name, fc.string({ minLength: 1 }), { noNullPrototype: true })
  fc.assert(
    fc.property(search, (given) => {
      expect(parseUrlSearch(stringifyUrlSearch(given))).toEqual(given)
    }),
    { seed: 20_261_122 },
  )
})

test('a pinned block is a whole number, anything else is the latest', () => {
  expect(readFrameSearch({ block: '120', theme: 'dark' })).toEqual({ block: 120, theme: 'dark' })
  for (const block of ['-1', '1.5', '1e3', 'latest', '', '9'.repeat(16)]) {
    expect(readCount(block)).toBeUndefined()
  }
})

test('text that looks like a number stays text', () => {
  expect(parseUrlSearch('?q=007&id=1e5')).toEqual({ q: '007', id: '1e5' })
})

test('unknown words of a list are dropped and the rest is in canonical order', () => {
  expect(readChoices('B,X,A', ['A', 'B', 'C'])).toEqual(['A', 'B'])
  expect(readChoices(['B', 'C'], ['A', 'B', 'C'])).toEqual(['B', 'C'])
  expect(readChoices('X', ['A'])).toBeUndefined()
})
