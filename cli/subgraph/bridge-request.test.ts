import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Context, OptionValues } from '../command.ts'
import { COMMANDS } from '../commands.ts'
import { run } from '../run.ts'
import { readBridgeRequest } from './bridge-request.ts'

const RPC = 'http://127.0.0.1:1'
const GRAPH_NODE = 'http://127.0.0.1:8000/subgraphs/name/me/My-Token'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-bridge-'))
})
afterAll(() => rm(directory, { recursive: true }))

test('a name and an index node are made of the URL, and what is not asked for is left open', async () => {
  const given = { 'graph-node': GRAPH_NODE, rpc: RPC }
  expect(await readBridgeRequest(given, context())).toEqual({
    graphNodeUrl: GRAPH_NODE,
    indexNodeUrl: 'http://127.0.0.1:8030/graphql',
    rpcUrl: RPC,
    name: 'my_token',
    deployment: undefined,
    schemaText: undefined,
    settings: { allowsErrors: false },
    ends: false,
    asJson: false,
  })
})

test('numbers, a schema and an end are taken as they are given', async () => {
  await writeFile(path.join(directory, 'schema.graphql'), 'type A @entity { id: ID! }')
  const given: OptionValues = {
    'graph-node': 'https://gateway.example/api/key/subgraphs/id/QmToken',
    rpc: RPC,
    schema: 'schema.graphql',
    from: '0',
    until: '9',
    'exact-blocks': '0',
    'removals-every': '100',
    'pass-blocks': '7',
  }
  expect(await readBridgeRequest(given, context())).toMatchObject({
    indexNodeUrl: undefined,
    name: 'qmtoken',
    schemaText: 'type A @entity { id: ID! }',
    settings: {
      fromBlock: 0,
      untilBlock: 9,
      exactBlockCount: 0,
      removalsEvery: 100,
      passBlockCount: 7,
    },
    ends: true,
  })
})

test('a command line that cannot be meant exits with 64, a chain that is away with 75', async () => {
  const codeOf = (...args: string[]) =>
    run(['subgraph', 'bridge', ...args], COMMANDS, '1', context())
  expect(await codeOf('--rpc', RPC)).toBe(64)
  expect(await codeOf('--graph-node', GRAPH_NODE)).toBe(64)
  expect(await codeOf('--graph-node', 'token', '--rpc', RPC)).toBe(64)
  expect(await codeOf('--graph-node', GRAPH_NODE, '--rpc', RPC, '--from', 'x')).toBe(64)
  expect(await codeOf('--graph-node', GRAPH_NODE, '--rpc', RPC, '--pass-blocks', '0')).toBe(64)
  expect(await codeOf('--graph-node', GRAPH_NODE, '--rpc', RPC, '--schema', 'none')).toBe(1)
  expect(await codeOf('--graph-node', GRAPH_NODE, '--rpc', RPC)).toBe(75)
})

function context(): Context {
  return {
    environment: {},
    directory,
    print: () => undefined,
    warn: () => undefined,
    nowMs: () => 0,
    stopped: new AbortController().signal,
  }
}
