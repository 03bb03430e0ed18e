import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { KNOWN_FUNCTIONS, REFUSED_FUNCTIONS } from './function-names.ts'
import { hostFunctions } from './host-functions.ts'

const DOCUMENT = join(import.meta.dirname, '..', '..', '..', 'docs', 'subgraph-mappings.md')

test('every function that a mapping may import is there, and no other', () => {
  const unused = () => {
    throw new TypeError('expected no call')
  }
  const functions = hostFunctions({ heap: unused, context: unused, api: 9 })
  expect([...functions.keys()].toSorted()).toEqual([...KNOWN_FUNCTIONS].toSorted())
})

test('the documentation names what can be imported, and what is refused', () => {
  const text = readFileSync(DOCUMENT, 'utf8')
  const [supported = '', refused = ''] = text.split('Refused by name')
  const namesIn = (part: string) =>
    [...part.matchAll(/`([a-z]+\.\w+|abort)`/gi)].map((m) => m[1] ?? '')
  const listed = namesIn(supported.slice(supported.indexOf('## Functions')))
  expect([...new Set(listed)].toSorted()).toEqual([...KNOWN_FUNCTIONS].toSorted())
  const first = namesIn(refused.slice(0, refused.indexOf('call handlers')))
  expect(first.toSorted()).toEqual([...REFUSED_FUNCTIONS.keys()].toSorted())
})
