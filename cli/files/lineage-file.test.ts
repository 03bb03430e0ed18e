import { expect, test } from 'vitest'

import { readLineage } from './lineage-file.ts'

const read = (name: string, text: string) =>
  readLineage({ name, bytes: Buffer.from(text), sha256: '0x' })

test('dependencies are read as Python, JSON or semicolons write them', () => {
  const rows = [
    'name,dependencies',
    `a,"['b', ""it's"", 'c\\'d']"`,
    'b,"[""x"", ""y""]"',
    'c,p; q',
    'd,[]',
    'e,',
  ]
  expect(read('l.csv', rows.join('\n'))).toEqual([
    { name: 'a', dependencies: ['b', "it's", "c'd"] },
    { name: 'b', dependencies: ['x', 'y'] },
    { name: 'c', dependencies: ['p', 'q'] },
    { name: 'd', dependencies: [] },
    { name: 'e', dependencies: [] },
  ])
})

test('YAML is read with plain and with explained dependencies', () => {
  const text =
    '- name: a\n  dependencies: [b]\n- name: b\n  dependencies:\n    value: [c]\n- name: c\n'
  expect(read('l.yaml', text)).toEqual([
    { name: 'a', dependencies: ['b'] },
    { name: 'b', dependencies: ['c'] },
    { name: 'c', dependencies: [] },
  ])
})

test('files that are something else are refused with their place', () => {
  expect(() => read('l.csv', 'name,dependencies\na,"[\'b\'"')).toThrowErrorMatchingInlineSnapshot(
    `[CsvMalformedError: l.csv line 2: expected a list of names, found ['b']`,
  )
  expect(() => read('l.csv', 'name,dependencies\n,x')).toThrowErrorMatchingInlineSnapshot(
    `[CsvMalformedError: l.csv line 2: expected a name, found nothing]`,
  )
  expect(() => read('l.yaml', '- nam: a')).toThrow(
    expect.objectContaining({ code: 'LINEAGE_MALFORMED' }),
  )
  expect(() => read('l.yaml', 'a: [')).toThrow(
    expect.objectContaining({ code: 'LINEAGE_MALFORMED' }),
  )
  expect(() => readLineage({ name: 'l.tar', bytes: Buffer.alloc(700, 65), sha256: '0x' })).toThrow(
    expect.objectContaining({ code: 'TAR_MALFORMED' }),
  )
})
