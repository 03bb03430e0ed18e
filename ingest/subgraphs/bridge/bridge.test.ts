import { setTimeout as delay } from 'node:timers/promises'

import {
  type ClickHouseClient,
  type ScratchDatabase,
  openClient,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openRpc } from '../../chain/rpc.ts'
import type { BridgeSettings, BridgeStep } from './bridge.ts'
import { openGraphNode } from './graph-node.ts'
import { type SubgraphBridge, openSubgraphBridge } from './open-subgraph-bridge.ts'
import { type StubGraphNode, startStubGraphNode, stubHash } from './stub-graph-node.ts'

const SURROUNDINGS = {
  nowMs: () => Date.now(),
  sleep: (durationMs: number) => delay(Math.min(durationMs, 5)),
  signal: new AbortController().signal,
}

let scratch: ScratchDatabase
let client: ClickHouseClient

beforeAll(async () => {
  scratch = await startScratchDatabase()
  const { url, username, password } = scratch.database
  client = openClient({ url, username, password, database: 'default' })
})
afterAll(async () => {
  await client.close()
  await scratch[Symbol.asyncDispose]()
})

test('versions, removals and their blocks come as they were, over pages and a restart', async () => {
  await using stub = await startStubGraphNode(8)
  stub.versions = Array.from({ length: 2_345 }, (_, place) => ({
    id: `token ${String(place).padStart(5, '0')}`,
    count: `${place}`,
    from: 2,
  }))
  const [first, second] = stub.versions
  if (first === undefined || second === undefined) throw new Error('expected tokens')
  first.to = 6
  stub.versions.push({ id: first.id, count: '-1', from: 6 })
  second.to = 7
  const bridge = await open(stub, 'pages', { fromBlock: 4 })
  await catchUp(bridge)
  expect(bridge.passes().map(({ firstBlock, block }) => [firstBlock, block])).toEqual([
    [0, 4],
    ...[5, 6, 7, 8].map((block) => [block, block]),
  ])
  expect(await lines('select count(), sum(count) from subgraph_pages.token')).toEqual([
    ['2344', String((2_344 * 2_345) / 2 - 1 - 1)],
  ])
  expect(
    await lines(
      `select id, count, block_from, block_to from subgraph_pages.token_history
      where id <= '${second.id}' order by id, block_from`,
    ),
  ).toEqual([
    [first.id, '0', '4', '6'],
    [first.id, '-1', '6', null],
    [second.id, '1', '4', '7'],
  ])
  expect(
    await lines(
      'select block, first_block, change_count, lower(hex(proof)) from subgraph_pages._pass where block != 5',
    ),
  ).toEqual([
    ['4', '0', '2345', 'ab'.repeat(32)],
    ['6', '6', '1', 'ab'.repeat(32)],
    ['7', '7', '1', 'ab'.repeat(32)],
    ['8', '8', '0', 'ab'.repeat(32)],
  ])
  const again = await open(stub, 'pages')
  expect(await again.step()).toMatchObject({ type: 'idle' })
  expect(again.passes()).toEqual(bridge.passes())
})

test('a wide pass keeps the last versions only, and the table says so', async () => {
  await using stub = await startStubGraphNode(100)
  stub.versions = Array.from({ length: 100 }, (_, place) => ({
    id: 'one',
    count: `${place}`,
    from: place + 1,
    to: place + 2,
  }))
  const bridge = await open(stub, 'wide', {
    fromBlock: 10,
    passBlockCount: 40,
    exactBlockCount: 2,
    removalsEvery: 0,
  })
  await catchUp(bridge)
  expect(
    await lines(`select history.block_from, first_block, count, knows_removals
      from subgraph_wide.token_history as history
      join subgraph_wide._pass as pass on pass.block = history.block_from
      order by history.block_from`),
  ).toEqual([
    ['10', '0', '9', false],
    ['50', '11', '49', false],
    ['90', '51', '89', false],
    ['98', '91', '97', false],
    ['99', '99', '98', false],
    ['100', '100', '99', false],
  ])
})

test('a chain that changes under a pass discards it whole, and what it took back is undone', async () => {
  await using stub = await startStubGraphNode(5)
  stub.versions = [{ id: 'one', count: '1', from: 1 }]
  const bridge = await open(stub, 'reorg', { fromBlock: 3 })
  await catchUp(bridge)
  reorganise(stub, { from: 4, head: 7, branch: 1 })
  stub.versions.push({ id: 'two', count: '2', from: 5 })
  expect(await bridge.step()).toEqual({ type: 'reverted', toBlock: 3, passCount: 2 })
  stub.onQuery = async (query) => {
    if (query.includes('tokens')) reorganise(stub, { from: 4, head: 7, branch: 2 })
    return undefined
  }
  await expect(bridge.step()).rejects.toMatchObject({
    code: 'SUBGRAPH_PASS_DISCARDED',
    retryable: true,
  })
  expect(bridge.passes().at(-1)).toMatchObject({ block: 3 })
  expect(await lines('select id, block_from from subgraph_reorg.token')).toEqual([['one', '3']])
  stub.onQuery = async () => undefined
  await catchUp(bridge)
  expect(await lines('select id, block_from from subgraph_reorg.token order by id')).toEqual([
    ['one', '3'],
    ['two', '5'],
  ])
  expect(bridge.passes().at(-1)).toMatchObject({ block: 7, hash: stubHash(7, 2) })
})

test('graph-node behind, on another branch, or ahead of the chain is waited for', async () => {
  await using stub = await startStubGraphNode(5)
  const bridge = await open(stub, 'waits', { fromBlock: 3 })
  await catchUp(bridge)
  const failure = async (change: () => void) => {
    change()
    return bridge.step().then(
      (step) => step.type,
      ({ code, retryable }) => `${code}${retryable === true ? ', may pass' : ''}`,
    )
  }
  expect(
    await failure(() => {
      stub.head = { number: 4, hash: stubHash(4) }
    }),
  ).toBe('GRAPH_NODE_WENT_BACKWARDS, may pass')
  expect(
    await failure(() => {
      stub.head = { number: 5, hash: stubHash(5, 9) }
    }),
  ).toBe('GRAPH_NODE_OTHER_BRANCH, may pass')
  expect(
    await failure(() => {
      stub.head = { number: 6, hash: stubHash(6) }
    }),
  ).toBe('RPC_BLOCK_MISSING, may pass')
  stub.hashes.push(stubHash(6))
  expect(await failure(() => undefined)).toBe('copied')
  expect(
    await failure(() => {
      stub.deployment = `Qm${'B'.repeat(44)}`
    }),
  ).toBe('SUBGRAPH_DEPLOYMENT_CHANGED')
  expect(
    await failure(() => {
      stub.hashes = stub.hashes.map((_, number) => stubHash(number, 3))
    }),
  ).toBe('SUBGRAPH_OTHER_CHAIN')
})

test('a subgraph with indexing errors is copied only where that is allowed', async () => {
  await using stub = await startStubGraphNode(5)
  stub.versions = [{ id: 'one', count: '1', from: 1 }]
  stub.hasIndexingErrors = true
  const strict = await open(stub, 'errors')
  await expect(strict.step()).rejects.toMatchObject({ code: 'GRAPH_NODE_INDEXING_ERRORS' })
  const lenient = await open(stub, 'errors', { allowsErrors: true })
  await catchUp(lenient)
  expect(await lines('select id from subgraph_errors.token')).toEqual([['one']])
})

test.each([
  [
    200,
    '{"errors":[{"message":"deployment `none` does not exist"}]}',
    'GRAPH_NODE_DEPLOYMENT_MISSING',
  ],
  [
    200,
    '{"errors":[{"message":"Type `Token` has no field `nosuch`"}]}',
    'GRAPH_NODE_SCHEMA_CHANGED',
  ],
  [
    200,
    '{"errors":[{"message":"subgraph Qm only has data starting at block number 9 and data for block number 3 is therefore not available"}]}',
    'GRAPH_NODE_HISTORY_PRUNED',
  ],
  [
    200,
    '{"errors":[{"message":"the chain was reorganized while executing the query"}]}',
    'GRAPH_NODE_REVERTED, may pass',
  ],
  [
    200,
    '{"errors":[{"message":"Store error: database unavailable"}]}',
    'GRAPH_NODE_QUERY_FAILED, may pass',
  ],
  [200, '<html>', 'GRAPH_NODE_RESPONSE_INVALID, may pass'],
  [200, '{"data":null}', 'GRAPH_NODE_RESPONSE_INVALID, may pass'],
  [400, '{"error":"GraphQL server error"}', 'GRAPH_NODE_RESPONSE_INVALID, may pass'],
  [429, '', 'GRAPH_NODE_UNREACHABLE, may pass'],
  [502, 'Bad Gateway', 'GRAPH_NODE_UNREACHABLE, may pass'],
])('the answer %i %s is %s', async (status, body, expected) => {
  await using stub = await startStubGraphNode(1)
  stub.onQuery = async () => ({ status, body })
  const node = openGraphNode({ url: stub.url, ...SURROUNDINGS, attemptsMax: 2 })
  const code = await node.ask('{ tokens { id } }').then(
    () => 'data',
    (error) => `${error.code}${error.retryable === true ? ', may pass' : ''}`,
  )
  expect(code).toBe(expected)
})

test('a graph-node that is away, or never started, says so with a code', async () => {
  const away = openGraphNode({ url: 'http://user:secret@127.0.0.1:1/key', ...SURROUNDINGS })
  const error: unknown = await away.ask('{ a }').catch((raised: unknown) => raised)
  expect(error).toMatchObject({ code: 'GRAPH_NODE_UNREACHABLE' })
  expect(String(error)).not.toMatch(/secret|key/)
  await using stub = await startStubGraphNode(1)
  stub.onQuery = async () => ({ status: 200, body: '{"data":{"_meta":{"block":{"number":0}}}}' })
  await expect(open(stub, 'unstarted')).rejects.toMatchObject({ code: 'GRAPH_NODE_NOT_STARTED' })
})

function reorganise(
  stub: StubGraphNode,
  { from, head, branch }: { readonly from: number; readonly head: number; readonly branch: number },
): void {
  stub.hashes = Array.from({ length: head + 1 }, (_, number) =>
    stubHash(number, number < from ? 0 : branch),
  )
  stub.head = { number: head, hash: stubHash(head, branch) }
}

function open(
  stub: StubGraphNode,
  name: string,
  settings: Partial<BridgeSettings> = {},
): Promise<SubgraphBridge> {
  return openSubgraphBridge({
    ...SURROUNDINGS,
    client,
    graphNodeUrl: stub.url,
    indexNodeUrl: stub.url,
    rpc: openRpc({ url: stub.rpcUrl, ...SURROUNDINGS }),
    name,
    schemaText: undefined,
    deployment: undefined,
    settings,
  })
}

async function catchUp(bridge: SubgraphBridge): Promise<void> {
  for (let step: BridgeStep | undefined; step?.type !== 'idle';) step = await bridge.step()
}

async function lines(sql: string): Promise<readonly (readonly unknown[])[]> {
  const rows = await queryRows<Readonly<Record<string, unknown>>>(client, sql)
  return rows.map((row) => Object.values(row))
}
