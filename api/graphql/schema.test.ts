import { readFileSync } from 'node:fs'

import { isObjectType } from 'graphql'
import { expect, test } from 'vitest'

import { SCHEMA, schemaText } from './schema.ts'

test('api/schema.graphql is the schema that is served (npm run schema -w api writes it)', () => {
  const file = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8')
  expect(file).toBe(schemaText())
})

test('every root field can be read at a block', () => {
  const root = SCHEMA.getQueryType()
  expect(isObjectType(root)).toBe(true)
  for (const field of Object.values(root?.getFields() ?? {})) {
    // Blocks of several chains are named by their time.
    const where = field.name === 'chains' ? 'atSeconds' : 'at'
    expect(
      field.args.map((argument) => argument.name),
      field.name,
    ).toContain(where)
  }
})

test('every type, root field and argument of a list is described', () => {
  const types = Object.values(SCHEMA.getTypeMap()).filter((type) => !type.name.startsWith('__'))
  const silent = types.filter((type) => (type.description ?? '') === '').map((type) => type.name)
  expect(silent).toEqual([])
})
