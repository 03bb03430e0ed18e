import { readFileSync } from 'node:fs'

import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'

const schema = buildSchema(readFileSync('api/schema.graphql', 'utf8'))

test.each(['README.md', 'docs/api.md'])('every GraphQL example of %s is valid', (path) => {
  const examples = [...readFileSync(path, 'utf8').matchAll(/```graphql\n([\s\S]*?)```/g)]
  expect(examples.length).toBeGreaterThan(0)
  for (const [, example] of examples) {
    // An id in an example is shortened, and so no value of its type.
    const whole = (example ?? '').replaceAll('0x…', `0x${'11'.repeat(32)}`)
    const errors = validate(schema, parse(whole)).map(({ message }) => message)
    expect(errors, whole).toEqual([])
  }
})
