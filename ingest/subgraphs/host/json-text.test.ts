import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type JsonValue, parseJson } from './json-text.ts'

const SEED = { seed: 20_260_415 }

test('what the platform writes is read back as what it was', () => {
  fc.assert(
    fc.property(fc.json({ depthSize: 'medium' }), (text) => {
      const value = parseJson(bytes(text))
      expect(value === undefined ? undefined : plain(value)).toEqual(JSON.parse(text))
    }),
    SEED,
  )
})

test('text that the platform refuses is refused', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.json(), (extra, at, text) => {
      const place = at % (text.length + 1)
      const changed = text.slice(0, place) + extra + text.slice(place)
      expect(parseJson(bytes(changed)) === undefined).toBe(platformRefuses(changed))
    }),
    { ...SEED, numRuns: 500 },
  )
})

test('numbers stay the text that they were', () => {
  for (const text of ['0', '-0', '123456789012345678901234567890', '1.50', '1e400', '-2E-3']) {
    expect(parseJson(bytes(text))).toEqual({ type: 'number', value: text })
  }
})

test('half a surrogate pair, broken UTF-8 and deep nesting are no JSON', () => {
  expect(parseJson(bytes('"\\ud800"'))).toBeUndefined()
  expect(parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toBeUndefined()
  expect(parseJson(bytes('['.repeat(127) + ']'.repeat(127)))).toBeDefined()
  expect(parseJson(bytes('['.repeat(200) + ']'.repeat(200)))).toBeUndefined()
})

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function platformRefuses(text: string): boolean {
  try {
    JSON.parse(text)
    return false
  } catch {
    return true
  }
}

function plain(value: JsonValue): unknown {
  switch (value.type) {
    case 'null':
      return null
    case 'number':
      return Number(value.value)
    case 'array':
      return value.value.map(plain)
    case 'object':
      return Object.fromEntries([...value.value].map(([name, item]) => [name, plain(item)]))
    case 'bool':
    case 'string':
      return value.value
    default:
      return value satisfies never
  }
}
