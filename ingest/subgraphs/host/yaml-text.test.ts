import { expect, test } from 'vitest'

import { parseYamlText, type YamlValue } from './yaml-text.ts'

/** As graph-node 0.45.0 reads them; the oracle holds many more to it. */
const CASES: readonly (readonly [string, string])[] = [
  ['{a: 1, - b: 2}', 'none'],
  ['12345.6789', '12345.6789'],
  ['1e17', '1e17'],
  ['100000000000000000.0', '1e17'],
  ['007', '"007"'],
  ['0x1F', '31'],
  ['18446744073709551616', 'none'],
  ['!AA bb cc', '!AA "bb cc"'],
  ['! [1]', '!! [1]'],
  ['aa:\n  bb:\n    - cc: !DD ee', '{"aa":{"bb":[{"cc":!DD "ee"}]}}'],
  ['{a: 1, a: 2}', 'none'],
  ['{"a"\n:1}', 'none'],
  ['a\n---\nb', 'none'],
  ['- \t1', 'none'],
  ['|\n  kept', '"kept"'],
  ['', 'null'],
  ['"\\ud800"', 'none'],
  [`${'['.repeat(128)}${']'.repeat(128)}`, `${'['.repeat(128)}${']'.repeat(128)}`],
  [`${'['.repeat(129)}${']'.repeat(129)}`, 'none'],
]

test.for(CASES)('%j is read as %s', ([text, expected]) => {
  const value = parseYamlText(new TextEncoder().encode(text))
  expect(value === undefined ? 'none' : shown(value)).toBe(expected)
})

test('what libyaml reads in a way that is not known here stops the handler', () => {
  for (const text of ['a\u2028b', 'a: [\n\tb]']) {
    const read = () => parseYamlText(new TextEncoder().encode(text))
    expect(read).toThrow('expected YAML that is read alike everywhere')
  }
  expect(parseYamlText(Uint8Array.of(0xff))).toBeUndefined()
})

function shown(value: YamlValue): string {
  switch (value.type) {
    case 'null':
      return 'null'
    case 'bool':
    case 'number':
      return `${value.value}`
    case 'string':
      return JSON.stringify(value.value)
    case 'array':
      return `[${value.value.map(shown).join(',')}]`
    case 'object':
      return `{${value.value.map((entry) => `${shown(entry.key)}:${shown(entry.value)}`).join(',')}}`
    case 'tagged':
      return `${value.tag} ${shown(value.value)}`
    default:
      return value satisfies never
  }
}
