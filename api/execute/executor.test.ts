import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createChains } from '../chains.ts'
import { createContext } from '../context.ts'
import { createClosedEpochs } from '../graphql/epoch/closed-epochs.ts'
import { SCHEMA } from '../graphql/schema.ts'
import { createPins } from '../sql/pins.ts'
import { createStatementCache } from '../sql/statement-cache.ts'
import { type ApiFixture, startApiFixture } from '../test/api-fixture.ts'
import { asset } from '../test/economy-names.ts'
import { type Execution, compiledQuery, interpret, runCompiled } from './executor.ts'

let api: ApiFixture

beforeAll(async () => {
  api = await startApiFixture()
})

afterAll(async () => api?.[Symbol.asyncDispose]())

type Operation = readonly [query: string, variables?: Readonly<Record<string, unknown>>]

const OPERATIONS: readonly Operation[] = [
  [
    '{ assets(first: 4) { totalCount nodes { id kind holder { address roles } evidence { block } } } }',
  ],
  [
    `query ($id: Bytes32!, $yes: Boolean!) { asset(id: $id) {
      name @include(if: $yes) kind @skip(if: $yes)
      ...F payments(first: 2) { edges { cursor node { amount } } pageInfo { endCursor hasNextPage } }
    } } fragment F on Asset { versions { nodes { version } } parents { nodes { parent { name } } } }`,
    { id: asset(1), yes: true },
  ],
  [
    '{ licence(id: 1) { price holder { address } } big: licence(id: 115792089237316195423570985008687907853269984665640564039457584007913129639935) { price } }',
  ],
  ['query ($id: BigInt!) { licence(id: $id) { price } }', { id: '1' }],
  ['query ($id: BigInt!) { licence(id: $id) { price } }', { id: '1.5' }],
  ['query ($first: Int) { assets(first: $first) { totalCount } }', { first: 5000 }],
  ['query ($first: Int!) { assets(first: $first) { totalCount } }', {}],
  [`{ node(id: "Asset:${asset(1)}") { __typename id ... on Asset { name } } }`],
  [`{ a: assets(at: { number: 9999 }) { totalCount } b: assets { totalCount } }`],
  [
    `query ($at: BlockInput) { asset(id: "${asset(1)}", at: $at) { holder { address } } }`,
    { at: { number: 12 } },
  ],
  [
    `query ($filter: AssetFilter) { assets(filter: $filter, orderBy: NAME, direction: ASC) { nodes { name } } }`,
    { filter: { kinds: ['DATASET'] } },
  ],
  [
    `{ lineage(id: "${asset(3)}") { cycles nodes { depth asset { name } } edges { relation shareE8 child { name } } } }`,
  ],
  [
    '{ epoch(number: 1) { status identity { difference } allocations(first: 2) { nodes { proof claimable explanation { partsTotal } } } } }',
  ],
  ['{ overview { assetCount assetsByKind { kind count } series(buckets: 3) { assetCount } } }'],
  ['{ __schema { queryType { name } } __type(name: "Asset") { fields { name type { kind } } } }'],
  ['{ _meta { chainId finality lag } }'],
]

test.each(OPERATIONS.map(([query, variables = {}]) => [query, variables] as const))(
  'compiled and interpreted answers are equal: %s',
  async (query, variables) => {
    const document = parse(query)
    const execution = (): Execution => ({
      document,
      operationName: null,
      variables,
      context: createContext(
        {
          client: api.reader,
          pins: createPins(api.reader),
          cache: createStatementCache(),
          chainId: 31337,
          status: async () => ({}),
          closedEpochs: createClosedEpochs(),
          chains: createChains(api.reader, undefined),
        },
        new AbortController().signal,
      ),
    })
    const compiled = compiledQuery(SCHEMA, { document, operationName: null })
    if (compiled === undefined) throw new Error('graphql-jit cannot compile it')
    const interpreted = await interpret(SCHEMA, execution())
    const result = await runCompiled(compiled, execution())
    expect(plain(result.data)).toEqual(plain(interpreted.data))
    expect(result.errors?.map(({ path }) => path)).toEqual(
      interpreted.errors?.map(({ path }) => path),
    )
  },
)

/** graphql-js makes objects without a prototype. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}
