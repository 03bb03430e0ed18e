import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createIdDictionary } from './id-dictionary.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

test('equal ids have one number, in the order of their appearance', () => {
  const id = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
    fc.string({ unit: fc.constantFrom('a', '\0'), minLength: 1, maxLength: 20 }),
  )
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), (ids) => {
      const dictionary = createIdDictionary()
      const numbers = ids.map((text) => numberOf(dictionary, text))
      const distinct = [...new Set(ids)]
      expect(numbers).toEqual(ids.map((text) => distinct.indexOf(text)))
      expect(distinct.map((_, number) => textOf(dictionary, number))).toEqual(distinct)
      expect(distinct.map((text) => dictionary.find(encoder.encode(text)))).toEqual(
        distinct.map((_, number) => number),
      )
      expect([...dictionary.ascending()].map((number) => textOf(dictionary, number))).toEqual(
        distinct.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      )
      expect(dictionary.find(encoder.encode('an id that nobody has'))).toBeUndefined()
    }),
    { seed: 20267 },
  )
})

test('more ids than the first table holds keep their numbers, and ascend by their bytes', () => {
  const dictionary = createIdDictionary()
  const count = 60_000
  const textAt = (number: number) => `id ${(number * 7919) % count}`
  for (let number = 0; number < count; number++) numberOf(dictionary, textAt(number))
  expect(dictionary.count()).toBe(count)
  for (let number = 0; number < count; number += 997) {
    expect(dictionary.find(encoder.encode(textAt(number)))).toBe(number)
  }
  const ascending = [...dictionary.ascending()].map((number) => textOf(dictionary, number))
  expect(ascending).toEqual(ascending.toSorted((a, b) => (a < b ? -1 : 1)))
})

test('ids that are no text or too long are refused', () => {
  const dictionary = createIdDictionary()
  expect(() => dictionary.numberOf(Uint8Array.of(0xff), 0, 1)).toThrow(
    expect.objectContaining({ code: 'ID_MALFORMED' }),
  )
  expect(() => numberOf(dictionary, 'x'.repeat(5000))).toThrow(
    expect.objectContaining({ code: 'ID_MALFORMED' }),
  )
})

function numberOf(dictionary: ReturnType<typeof createIdDictionary>, text: string): number {
  const bytes = encoder.encode(text)
  return dictionary.numberOf(bytes, 0, bytes.length)
}

function textOf(dictionary: ReturnType<typeof createIdDictionary>, number: number): string {
  return decoder.decode(dictionary.bytesOf(number))
}
