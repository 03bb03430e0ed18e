import { expect, test } from 'vitest'

import { createStatementCache } from './statement-cache.ts'

test('an answer is kept by text and parameters, and the least used goes first', () => {
  const cache = createStatementCache()
  const statement = (id: number, sql = 'select 1') => ({ sql, parameters: { p0: [BigInt(id)] } })
  cache.set(statement(0), [{ n: 'zero' }])
  expect(cache.get(statement(0))).toEqual([{ n: 'zero' }])
  expect(cache.get(statement(1))).toBeUndefined()
  expect(cache.get(statement(0, 'select 2'))).toBeUndefined()
  for (let id = 1; id < 300; id += 1) cache.set(statement(id), [])
  expect(cache.get(statement(0))).toBeDefined()
  cache.set(statement(300), [])
  expect(cache.get(statement(1))).toBeUndefined()
  expect(cache.get(statement(0))).toBeDefined()
  cache.set(
    statement(301),
    Array.from({ length: 251 }, () => ({})),
  )
  expect(cache.get(statement(301))).toBeUndefined()
})
