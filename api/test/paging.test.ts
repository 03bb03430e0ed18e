import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ApiFixture, startApiFixture } from './api-fixture.ts'
import { PAYMENT_COUNT, asset } from './economy-names.ts'

let api: ApiFixture

beforeAll(async () => {
  api = await startApiFixture()
})

afterAll(async () => api?.[Symbol.asyncDispose]())

type Row = { readonly id: string; readonly amount: string; readonly evidence: { block: number } }

const PAGE = `query ($first: Int!, $after: String, $orderBy: PaymentOrderBy, $direction: Direction) {
  payments(first: $first, after: $after, orderBy: $orderBy, direction: $direction) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { id amount evidence { block } }
  }
}`

async function walk(variables: Readonly<Record<string, unknown>>): Promise<readonly Row[]> {
  const rows: Row[] = []
  let after: string | null = null
  for (let page = 0; page <= PAYMENT_COUNT; page += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const { data, errors } = await api.query(PAGE, { ...variables, after })
    expect(errors).toBeUndefined()
    rows.push(...data.payments.nodes)
    if (data.payments.pageInfo.hasNextPage !== true) return rows
    after = data.payments.pageInfo.endCursor
  }
  throw new Error('the walk did not end')
}

test('pages of any size give every row once, in order, with ties and 256-bit values', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 7, max: 70 }),
      fc.constantFrom('AMOUNT', 'BLOCK'),
      fc.constantFrom('ASC', 'DESC'),
      async (first, orderBy, direction) => {
        const rows = await walk({ first, orderBy, direction })
        expect(new Set(rows.map((row) => row.id)).size).toBe(PAYMENT_COUNT)
        expect(rows).toHaveLength(PAYMENT_COUNT)
        const values = rows.map((row) =>
          orderBy === 'AMOUNT' ? BigInt(row.amount) : BigInt(row.evidence.block),
        )
        const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        expect(values).toEqual(direction === 'ASC' ? sorted : sorted.toReversed())
      },
    ),
    { seed: 20261122, numRuns: 8 },
  )
})

test('a cursor continues at its own block, and only the list it came from', async () => {
  const first = await api.query(`{ payments(first: 2, at: { number: 60 }) {
    totalCount pageInfo { endCursor } } }`)
  const { endCursor } = first.data.payments.pageInfo
  const next = await api.query(PAGE, { first: 1000, after: endCursor })
  expect(next.data.payments.totalCount).toBe(first.data.payments.totalCount)
  expect(next.data.payments.nodes).toHaveLength(first.data.payments.totalCount - 2)
  const codes = async (field: string): Promise<string | undefined> => {
    const { errors } = await api.query(`{ ${field} { totalCount } }`)
    return errors?.[0]?.extensions.code
  }
  expect(await codes(`payments(after: "${endCursor}", orderBy: AMOUNT)`)).toBe('CURSOR_MISMATCH')
  expect(await codes(`payments(after: "${endCursor}", direction: ASC)`)).toBe('CURSOR_MISMATCH')
  expect(await codes(`payments(after: "${endCursor}", filter: { kinds: [TIP] })`)).toBe(
    'CURSOR_MISMATCH',
  )
  expect(await codes(`royalties(after: "${endCursor}")`)).toBe('CURSOR_MISMATCH')
  expect(await codes(`payments(after: "${endCursor}", at: { number: 61 })`)).toBe('CURSOR_MISMATCH')
  expect(await codes('payments(after: "nonsense")')).toBe('CURSOR_MALFORMED')
  const moved = JSON.parse(Buffer.from(String(endCursor), 'base64url').toString('utf8'))
  moved[1] = asset(1)
  const reorged = Buffer.from(JSON.stringify(moved)).toString('base64url')
  expect(await codes(`payments(after: "${reorged}")`)).toBe('CURSOR_REORGED')
})

test('a page of a nested list continues where it ended', async () => {
  const nested = `query ($after: String) { asset(id: "${asset(1)}") {
    payments(first: 4, after: $after, orderBy: AMOUNT) {
      pageInfo { hasNextPage endCursor } nodes { id }
    } } }`
  const ids: string[] = []
  let after: string | null = null
  for (let page = 0; page < 3; page += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const { data } = await api.query(nested, { after })
    ids.push(...data.asset.payments.nodes.map((row: { id: string }) => row.id))
    after = data.asset.payments.pageInfo.endCursor
  }
  expect(new Set(ids).size).toBe(PAYMENT_COUNT / 6)
})

test('however many rows a level has, it takes one statement', async () => {
  const count = async (first: number): Promise<number | undefined> => {
    const { extensions, errors } = await api.query(
      `query ($first: Int!) { assets(first: $first) { nodes {
        name
        payments(first: 3) { totalCount nodes { amount payer { roles } } }
        parents { nodes { parent { name revenue { paidIn } } } }
      } } }`,
      { first },
    )
    expect(errors).toBeUndefined()
    return extensions?.cost.statements
  }
  // assets, payments, their counts, roles, edges, parents, revenues.
  expect(await count(6)).toBe(7)
  expect(await count(3)).toBe(7)
})
