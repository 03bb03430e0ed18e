import { array, assert, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'

import { Turns } from './turns.ts'

type Item = { readonly key: string; readonly number: number; readonly byteLength: number }

test('each key keeps its order, nothing is lost, and no key waits for all of another', () => {
  const one = record({
    key: integer({ min: 0, max: 4 }).map(String),
    byteLength: integer({ min: 1, max: 9 }),
  })
  const law = property(
    array(one, { maxLength: 60 }),
    integer({ min: 1, max: 8 }),
    (items, most) => {
      const turns = new Turns<Item>()
      const all = items.map((item, number) => ({ ...item, number }))
      for (const item of all) turns.push(item.key, item)
      const taken: Item[] = []
      while (turns.length > 0) {
        const waiting = new Set(all.filter((item) => !taken.includes(item)).map(({ key }) => key))
        const group = turns.take(most, 20)
        expect(group.length).toBeGreaterThan(0)
        const counts = [...waiting].map((key) => group.filter((item) => item.key === key).length)
        // A second of one key comes only when every other has had one.
        expect(Math.min(...counts) > 0 || Math.max(...counts) === 1).toBe(true)
        taken.push(...group)
      }
      expect(taken).toHaveLength(all.length)
      for (const key of '01234') {
        const numbers = taken.filter((item) => item.key === key).map(({ number }) => number)
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
        expect(turns.byteLengthOf(key)).toBe(0)
      }
    },
  )
  assert(law, { seed: 20_261_123, numRuns: 200 })
})

test('what is put back is the first of its key', () => {
  const turns = new Turns<Item>()
  for (const number of [1, 2]) turns.push('a', { key: 'a', number, byteLength: 1 })
  const [first] = turns.take(1, 10)
  expect(first?.number).toBe(1)
  if (first !== undefined) turns.putBack('a', first)
  expect(turns.take(9, 10).map(({ number }) => number)).toEqual([1, 2])
})
