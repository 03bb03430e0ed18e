import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Answer, type ApiFixture, startApiFixture } from './api-fixture.ts'

let api: ApiFixture

beforeAll(async () => {
  api = await startApiFixture()
})

afterAll(async () => api?.[Symbol.asyncDispose]())

const points = (answer: Answer): number | undefined => answer.extensions?.cost.points

const code = (answer: Answer): string | undefined => answer.errors?.[0]?.extensions.code

test('literal, variable, fragment and alias cost the same', async () => {
  const body = '{ nodes { name payments(first: 20) { nodes { amount } } } }'
  const literal = await api.query(`{ assets(first: 100) ${body} }`)
  const variable = await api.query(`query ($n: Int) { assets(first: $n) ${body} }`, { n: 100 })
  const byDefault = await api.query(`query ($n: Int = 100) { assets(first: $n) ${body} }`)
  const fragment = await api.query(
    `query { ...F } fragment F on Query { assets(first: 100) ${body} }`,
  )
  const alias = await api.query(`{ a: assets(first: 100) ${body} }`)
  const skipped = await api.query(
    `query ($no: Boolean!) { assets(first: 100) ${body} b: assets(first: 1000) @include(if: $no) ${body} }`,
    { no: false },
  )
  const costs = [literal, variable, byDefault, fragment, alias, skipped].map(points)
  expect(new Set(costs)).toEqual(new Set([100 + 100 * 20 + 2 * 10]))
  const twice = await api.query(`{ a: assets(first: 100) ${body} b: assets(first: 100) ${body} }`)
  expect(points(twice)).toBe(2 * (100 + 100 * 20 + 2 * 10))
})

test('operations beyond a limit are refused before anything runs, each time they are sent', async () => {
  const query = `query ($n: Int) { assets(first: $n) { nodes {
    payments(first: 1000) { nodes { amount } } } } }`
  expect(code(await api.query(query, { n: 1 }))).toBeUndefined()
  for (const n of [1000, 1000]) {
    // oxlint-disable-next-line no-await-in-loop
    const answer = await api.query(query, { n })
    expect(answer.status).toBe(400)
    expect(code(answer)).toBe('OPERATION_TOO_EXPENSIVE')
    expect(answer.data).toBeUndefined()
  }
  const aliases = Array.from({ length: 61 }, (_, index) => `a${index}: __typename`).join(' ')
  expect(code(await api.query(`{ ${aliases} }`))).toBe('OPERATION_TOO_EXPENSIVE')
  const nested = (depth: number): string =>
    depth === 0 ? 'name' : `parents(first: 1) { nodes { parent { ${nested(depth - 1)} } } }`
  const deep = await api.query(`{ assets(first: 1) { nodes { ${nested(6)} } } }`)
  expect(code(deep)).toBe('OPERATION_TOO_EXPENSIVE')
  expect(deep.errors?.[0]?.message).toBe('operation: expected at most 16 depth, found 21')
})

test('nested fragments are measured in linear time', async () => {
  const fragments = Array.from({ length: 30 }, (_, index) => {
    const inner = index === 0 ? 'name' : `...F${index - 1}`
    const field = (alias: string): string =>
      `${alias}: parents(first: 1000) { nodes { parent { ${inner} } } }`
    return `fragment F${index} on Asset { ${field('a')} ${field('b')} }`
  })
  const answer = await api.query(`{ assets { nodes { ...F29 } } } ${fragments.join(' ')}`)
  expect(code(answer)).toBe('OPERATION_TOO_EXPENSIVE')
})

test('long documents, batches and unsafe requests are refused', async () => {
  const long = `{ ${Array.from({ length: 4100 }, () => '__typename').join(' ')} }`
  expect(code(await api.query(long))).toBe('GRAPHQL_PARSE_FAILED')
  const post = (payload: string, type: string) =>
    api.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': type },
      payload,
    })
  expect((await post('[{"query":"{__typename}"}]', 'application/json')).statusCode).toBe(400)
  expect((await post('{"query":"{__typename}"}', 'text/plain')).statusCode).toBe(400)
  expect((await post('x'.repeat(200_000), 'application/json')).statusCode).toBe(413)
  const get = await api.app.inject({ url: '/graphql?query={__typename}' })
  expect(get.statusCode).toBe(400)
  expect(get.body).toContain('CSRF')
})

test('introspection is open', async () => {
  const { getIntrospectionQuery } = await import('graphql')
  const { data, errors } = await api.query(getIntrospectionQuery())
  expect(errors).toBeUndefined()
  expect(data.__schema.types.length).toBeGreaterThan(100)
})

test('bad input is told what was expected, and never shows SQL or a stack', async () => {
  const answers = [
    await api.query('{ asset(id: "0x12") { name } }'),
    await api.query('query ($id: Bytes32!) { asset(id: $id) { name } }', { id: 'x' }),
    await api.query('{ licence(id: "1.5") { price } }'),
    await api.query('{ assets(first: 0) { totalCount } }'),
    await api.query('{ assets(filter: { kinds: [BRICK] }) { totalCount } }'),
    await api.query('{ nothing }'),
    await api.query(`{ licence(id: "${'9'.repeat(78)}") { price } }`),
  ]
  expect(answers.map(code)).toMatchInlineSnapshot(`
    [
      "GRAPHQL_VALIDATION_FAILED",
      "BAD_USER_INPUT",
      "GRAPHQL_VALIDATION_FAILED",
      "PAGE_SIZE",
      "GRAPHQL_VALIDATION_FAILED",
      "GRAPHQL_VALIDATION_FAILED",
      "PARAMETER_MALFORMED",
    ]
  `)
  expect(JSON.stringify(answers)).not.toMatch(/select |stacktrace|node_modules/)
})
