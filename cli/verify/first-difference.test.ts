import { expect, test } from 'vitest'

import { differenceLine, firstDifference } from './first-difference.ts'

const rows = [
  { id: 'a', amount: 1n },
  { id: 'b', amount: 2n },
  { id: 'c', amount: 3n },
]
const compare = (found: typeof rows) =>
  firstDifference({ table: 't', expected: rows, found, keyOf: ({ id }) => id })

test('equal lists have no difference', () => {
  expect(compare(structuredClone(rows))).toBeUndefined()
})

test('a changed field is named with its row', () => {
  const changed = rows.map((row) => (row.id === 'b' ? { ...row, amount: 9n } : row))
  const difference = compare(changed)
  expect(difference && differenceLine(difference)).toBe('t (b, amount): expected 2, found 9')
})

test('a missing and a superfluous row are named', () => {
  expect(compare(rows.filter(({ id }) => id !== 'b'))).toMatchObject({
    key: 'b',
    found: 'no such row',
  })
  const more = rows.toSpliced(1, 0, { id: 'aa', amount: 7n })
  expect(compare(more)).toMatchObject({ key: 'aa', expected: 'no such row here' })
  expect(compare([...rows, { id: 'd', amount: 4n }])).toMatchObject({ key: 'd' })
})
