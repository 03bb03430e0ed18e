import { type IncomingMessage, createServer } from 'node:http'

import { type FieldNode, Kind, type ValueNode, parse } from 'graphql'

import { textOf } from './graph-node.ts'

/** What a test makes of a graph-node and its chain, in one HTTP server. */
export type StubGraphNode = AsyncDisposable & {
  /** The GraphQL API of the subgraph, and of the index node. */
  readonly url: string
  readonly rpcUrl: string
  /** The hashes of the chain's blocks, by number. */
  hashes: string[]
  /** How far graph-node is, and what it takes for the hash of its head. */
  head: { number: number; hash: string }
  deployment: string
  hasIndexingErrors: boolean
  /** Versions of the entity `Token`, from their first block up to, not including, the last. */
  versions: { id: string; count: string; from: number; to?: number }[]
  /** Called with each query before it is answered; an answer of its own stands in for the real one. */
  onQuery: (query: string) => Promise<StubAnswer | undefined>
}

/** An answer as it is on the wire. */
export type StubAnswer = { readonly status: number; readonly body: string }

/** The hash of a block on a branch. */
export function stubHash(number: number, branch = 0): string {
  return `0x${(branch * 1_000_000 + number + 1).toString(16).padStart(64, '0')}`
}

/** Starts a graph-node of one entity type, with what the real one says as it says it. */
export async function startStubGraphNode(headNumber: number): Promise<StubGraphNode> {
  const hashes = Array.from({ length: headNumber + 1 }, (_, number) => stubHash(number))
  const server = createServer((request, response) => {
    const answer = async () => {
      const { status, body } = await answerOf(stub, request)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(body)
    }
    void answer()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const stub: StubGraphNode = {
    url: `http://127.0.0.1:${port}/subgraphs/name/stub`,
    rpcUrl: `http://127.0.0.1:${port}/rpc`,
    hashes,
    head: { number: headNumber, hash: stubHash(headNumber) },
    deployment: `Qm${'A'.repeat(44)}`,
    hasIndexingErrors: false,
    versions: [],
    onQuery: async () => undefined,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return stub
}

async function answerOf(stub: StubGraphNode, request: IncomingMessage): Promise<StubAnswer> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  const asked: unknown = JSON.parse(text)
  if (request.url === '/rpc') return ok(Array.isArray(asked) ? asked.map(rpc) : rpc(asked))
  const { query } = Object(asked)
  return (await stub.onQuery(String(query))) ?? ok(graph(stub, String(query)))

  function rpc(call: unknown): unknown {
    const { id, params } = Object(call)
    const number = Number(params[0])
    const hash = stub.hashes[number]
    const block =
      hash === undefined ? null : { hash, timestamp: `0x${(1000 + number).toString(16)}` }
    return { jsonrpc: '2.0', id, result: block }
  }
}

function ok(value: unknown): StubAnswer {
  return { status: 200, body: JSON.stringify(value) }
}

function graph(stub: StubGraphNode, query: string): unknown {
  if (query.includes('__schema')) return { data: { schema: { types: TYPES } } }
  const data: Record<string, unknown> = {}
  for (const field of topFields(query)) {
    const key = field.alias?.value ?? field.name.value
    const args = argumentsOf(field)
    if (field.name.value === '_meta') {
      const { head, deployment, hasIndexingErrors } = stub
      data[key] = { block: head, deployment, hasIndexingErrors }
    } else if (field.name.value === 'proofOfIndexing') {
      data[key] = `0x${'ab'.repeat(32)}`
    } else {
      const block = Number(Object(args['block'])['number'])
      if (stub.hasIndexingErrors && args['subgraphError'] === 'deny') {
        return { errors: [{ message: 'indexing_error' }] }
      }
      if (block > stub.head.number) return { errors: [{ message: beyond(stub, block) }] }
      data[key] = rowsOf(stub, block, Object(args['where']), Number(args['first']))
    }
  }
  return stub.hasIndexingErrors ? { data, errors: [{ message: 'indexing_error' }] } : { data }
}

function rowsOf(
  stub: StubGraphNode,
  block: number,
  where: Readonly<Record<string, unknown>>,
  first: number,
): unknown {
  const changedFrom = Number(Object(where['_change_block'])['number_gte'] ?? 0)
  return stub.versions
    .filter(({ from, to }) => from <= block && block < (to ?? Infinity) && from >= changedFrom)
    .filter(({ id }) => id > textOf(where['id_gt']))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, first)
    .map(({ id, count }) => ({ id, count }))
}

function beyond({ deployment, head }: StubGraphNode, block: number): string {
  return `Failed to decode \`block.number\` value: \`subgraph ${deployment} has only indexed up to block number ${head.number} and data for block number ${block} is therefore not yet available\``
}

function topFields(query: string): readonly FieldNode[] {
  const [operation] = parse(query).definitions
  const selections =
    operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : []
  return selections.filter((one) => one.kind === Kind.FIELD)
}

function argumentsOf(field: FieldNode): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    (field.arguments ?? []).map(({ name, value }) => [name.value, plainValue(value)]),
  )
}

function plainValue(value: ValueNode): unknown {
  if (value.kind === Kind.OBJECT) {
    return Object.fromEntries(
      value.fields.map((field) => [field.name.value, plainValue(field.value)]),
    )
  }
  return 'value' in value ? value.value : null
}

const scalar = (name: string) => ({ kind: 'NON_NULL', ofType: { kind: 'SCALAR', name } })

/** What graph-node 0.45 says of itself for `type Token { id: ID! count: BigInt! }`, in short. */
const TYPES = [
  {
    kind: 'OBJECT',
    name: 'Query',
    fields: [
      {
        name: 'tokens',
        args: ['skip', 'first', 'where', 'block', 'subgraphError'].map((name) => ({ name })),
        type: {
          kind: 'NON_NULL',
          ofType: {
            kind: 'LIST',
            ofType: { kind: 'NON_NULL', ofType: { kind: 'OBJECT', name: 'Token' } },
          },
        },
      },
    ],
  },
  {
    kind: 'OBJECT',
    name: 'Token',
    interfaces: [],
    fields: [
      { name: 'id', args: [], type: scalar('ID') },
      { name: 'count', args: [], type: scalar('BigInt') },
    ],
  },
  {
    kind: 'INPUT_OBJECT',
    name: 'Token_filter',
    inputFields: ['id', 'id_gt', 'count', '_change_block'].map((name) => ({ name })),
  },
]
