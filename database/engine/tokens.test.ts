import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sqlTokens } from './tokens.ts'

test('tokens are in order, apart, not empty and inside the text, whatever the text is', () => {
  const pieces = ["'", '"', '`', '\\', '--', '/*', '*/', '\n', '(', ')', '$a$', 'select', ' ', '1']
  const text = fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string()))
    .map((all) => all.join(''))
  fc.assert(
    fc.property(text, (sql) => {
      let end = 0
      for (const token of sqlTokens(sql)) {
        expect(token.start).toBeGreaterThanOrEqual(end)
        expect(token.end).toBeGreaterThan(token.start)
        expect(token.end).toBeLessThanOrEqual(sql.length)
        end = token.end
      }
    }),
    { seed: 20261101 },
  )
})

test('words inside strings, names and comments are no words', () => {
  const sql = 'select \'drop\' /* drop */, "drop" -- drop\n, `drop` # drop\n, $x$ drop $x$ from t'
  const words = [...sqlTokens(sql)].filter(({ type }) => type === 'word').map(({ text }) => text)
  expect(words).toEqual(['select', 'from', 't'])
})

test('a quoted name is read without its quotes and escapes', () => {
  const names = [...sqlTokens('`fi``le` "a\\"b" `c\\`d`')].map(({ text }) => text)
  expect(names).toEqual(['fi`le', 'a"b', 'c`d'])
})

test('depth counts the open parentheses', () => {
  const depths = [...sqlTokens('a (b [c] d) e')].map(({ text, depth }) => text + depth).join(' ')
  expect(depths).toBe('a0 (0 b1 [1 c2 ]1 d1 )0 e0')
})
