import { type ClickHouseClient, command, openClient, queryRows } from '@foggara/database'
import {
  CONTRACT_NAMES,
  type Deployment,
  EVENT_TABLES,
  type EventSource,
  type EventTable,
  eventsOf,
  invariant,
  parseAddress,
  selectText,
  settledTable,
  snakeCase,
} from '@foggara/schema'
import { type AbiEvent, parseAbiItem } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { decodeHeader, decodeLogs } from '../chain/block.ts'
import { createLogDecoder, eventRow } from '../chain/decode-log.ts'
import { type ScratchIndex, startScratchIndex } from '../scratch-index.ts'
import { createFlakyClient } from '../simulation/flaky-client.ts'
import { openRandom } from '../simulation/random.ts'
import { type SimulatedChain, createSimulatedChain } from '../simulation/simulated-chain.ts'
import { type SimulatedNode, startSimulatedNode } from '../simulation/simulated-node.ts'
import { insertTable } from '../store/insert.ts'
import type { Row } from '../store/row-binary.ts'
import { type SourceEvent, type SourceIndex, openSourceIndex } from './index-sources.ts'

let scratch: ScratchIndex
const clients: ClickHouseClient[] = []

beforeAll(async () => {
  scratch = await startScratchIndex()
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await scratch[Symbol.asyncDispose]()
})

test('tables computed from the archive hold what the contracts’ own decoder stores', async () => {
  const chain = createSimulatedChain(openRandom(8))
  chain.mine(140)
  await using node = await startNode(chain)
  node.finalityDepth = 20
  node.limits = { blocksMax: 7 }
  const client = await emptyDatabase('sources')
  const index = openIndex(client, chain, node, contractSources(chain.deployment))
  // What is not final yet is there as well.
  expect(await index.catchUp()).toBe(chain.blocks().length - 1)
  node.finalityDepth = 0
  expect(await index.catchUp()).toBe(chain.blocks().length - 1)
  const reference = await scratch.open('reference')
  await storeByReference(reference, chain)
  for (const table of EVENT_TABLES) {
    const view = `${snakeCase(table.contract)}_${table.name}`
    const expected = await rowsOf(reference, table, settledTable(table))
    expect(await rowsOf(client, table, view), view).toEqual(expected)
    expect(expected.length).toBeGreaterThan(0)
  }
}, 180_000)

test('a log that is doubled, of another fork, or was not asked for stops the commit', async () => {
  const chain = createSimulatedChain(openRandom(9))
  chain.mine(30)
  await using node = await startNode(chain)
  const client = await emptyDatabase('lies')
  const sources = contractSources(chain.deployment)
  const index = openIndex(client, chain, node, sources)
  const lies: readonly SimulatedNode['alterLogs'][] = [
    (logs) => [...logs, ...logs.slice(0, 1)],
    (logs) => logs.map((log) => ({ ...log, blockHash: `0x${'11'.repeat(32)}` })),
    (logs) => logs.map((log) => ({ ...log, address: `0x${'11'.repeat(20)}` })),
    (logs) => logs.map((log) => ({ ...log, blockNumber: '0x7fff' })),
  ]
  for (const lie of lies) {
    node.alterLogs = lie
    await expect(index.catchUp()).rejects.toMatchObject({ code: 'RPC_INCONSISTENT' })
  }
  expect(await queryRows(client, 'select count() as n from log')).toEqual([{ n: '0' }])
  node.alterLogs = (logs) => logs.toReversed()
  expect(await index.catchUp()).toBe(30)
}, 180_000)

test('a changed ABI is computed from the archive without any call for logs, and swapped in whole', async () => {
  const chain = createSimulatedChain(openRandom(10))
  chain.mine(60)
  await using node = await startNode(chain)
  const client = await emptyDatabase('changed')
  const before = tokenSource(
    chain,
    'event TokenTransferred(uint64 sequence, address indexed sender, address indexed recipient, uint256 amount)',
  )
  await openIndex(client, chain, node, [before]).catchUp()
  const total = await count(client, 'token_token_transferred')
  expect(total).toBeGreaterThan(3)
  node.calls.clear()
  const after = tokenSource(
    chain,
    'event TokenTransferred(uint64 sequence, address indexed from, address indexed to, uint256 value)',
  )
  const events: SourceEvent[] = []
  const index = openIndex(client, chain, node, [after], (event) => events.push(event))
  expect(await columnsOf(client, 'token_token_transferred')).toContain('recipient')
  await index.catchUp()
  expect(events.filter(({ type }) => type !== 'looked')).toEqual([
    { type: 'rebuilt', view: 'token_token_transferred' },
  ])
  expect(node.calls.get('eth_getLogs')).toBeUndefined()
  expect(await columnsOf(client, 'token_token_transferred')).toContain('from')
  expect(await count(client, 'token_token_transferred')).toBe(total)
  expect(await count(client, 'token_undecoded')).toBe(0)
  chain.mine(20)
  await index.catchUp()
  expect(await count(client, 'token_token_transferred')).toBe(await count(client, 'log'))
  // Read in this way, every log fails.
  const narrow = tokenSource(
    chain,
    'event TokenTransferred(uint64 indexed sequence, address indexed sender, address indexed recipient, uint256 amount)',
  )
  await openIndex(client, chain, node, [narrow]).catchUp()
  expect(await count(client, 'token_token_transferred')).toBe(0)
  expect(await count(client, 'token_undecoded')).toBe(await count(client, 'log'))
  const [reason] = await queryRows<{ reason: string }>(
    client,
    'select distinct reason from token_undecoded',
  )
  expect(reason?.reason).toBe('TokenTransferred: expected 4 topics')
  const tables = await queryRows<{ name: string }>(
    client,
    "select name from system.tables where database = 'changed' and name like 'token%settled'",
  )
  expect(tables.length).toBe(1)
})

test('a database that is lost at any request leaves the rows of an undisturbed run', async () => {
  const random = openRandom(12)
  const chain = createSimulatedChain(random)
  await using node = await startNode(chain)
  const real = await emptyDatabase('disturbed')
  const flaky = createFlakyClient(real)
  const names = ['amount', 'value'].map((name) =>
    tokenSource(
      chain,
      `event TokenTransferred(uint64 sequence, address indexed sender, address indexed recipient, uint256 ${name})`,
    ),
  )
  let failureCount = 0
  for (let round = 0; round < 16; round += 1) {
    chain.mine(6)
    const source = names[Math.floor(round / 3) % 2]
    invariant(source !== undefined, 'there are two ABIs')
    flaky.failAfter(random.below(60), random.oneIn(2) ? 'before' : 'after')
    const run = async (): Promise<number> =>
      openIndex(flaky.client, chain, node, [source]).catchUp()
    failureCount += await run().then(
      () => 0,
      () => 1,
    )
    flaky.disarm()
    expect(await run()).toBe(chain.blocks().length - 1)
  }
  expect(failureCount).toBeGreaterThan(7)
  const calm = await emptyDatabase('calm')
  await openIndex(calm, chain, node, names.slice(1)).catchUp()
  await openIndex(real, chain, node, names.slice(1)).catchUp()
  for (const relation of ['token_token_transferred', 'log', 'block']) {
    const sql = `select * from ${relation} order by all`
    expect(await queryRows(real, sql)).toEqual(await queryRows(calm, sql))
  }
}, 180_000)

test('sources that claim the same logs, and a chain of another number, are refused', async () => {
  const chain = createSimulatedChain(openRandom(11))
  await using node = await startNode(chain)
  const client = await emptyDatabase('refused')
  const text = 'event Transfer(address indexed from, address indexed to, uint256 value)'
  const one = tokenSource(chain, text)
  const any: EventSource = { ...one, name: 'anybody', addresses: 'any' }
  expect(() => openIndex(client, chain, node, [one, any])).toThrow(
    'expected sources of different logs, found token and anybody',
  )
  const other = { ...chain, deployment: { ...chain.deployment, chainId: 5 } }
  await expect(openIndex(client, other, node, [one]).catchUp()).rejects.toMatchObject({
    code: 'RPC_WRONG_CHAIN',
  })
})

/** A node that calls every block final. */
async function startNode(chain: SimulatedChain): Promise<SimulatedNode> {
  const node = await startSimulatedNode(chain, openRandom(1))
  node.finalityDepth = 0
  return node
}

async function emptyDatabase(name: string): Promise<ClickHouseClient> {
  const { url, username, password } = scratch.server
  const root = openClient({ url, username, password })
  await command(root, `create database ${name} engine = Atomic`)
  await root.close()
  const client = openClient({ url, username, password, database: name })
  clients.push(client)
  return client
}

function openIndex(
  client: ClickHouseClient,
  chain: SimulatedChain,
  node: SimulatedNode,
  sources: readonly EventSource[],
  onEvent: (event: SourceEvent) => void = () => undefined,
): SourceIndex {
  const { signal } = new AbortController()
  const surroundings = { nowMs: Date.now, sleep: async () => undefined, signal }
  const urls = [node.url]
  const { chainId } = chain.deployment
  return openSourceIndex({
    client,
    urls,
    chainId,
    startBlock: 1,
    sources,
    onEvent,
    ...surroundings,
  })
}

function contractSources({ contracts }: Deployment): readonly EventSource[] {
  return CONTRACT_NAMES.map((name) => ({
    name: snakeCase(name),
    events: eventsOf(name),
    addresses: [parseAddress(contracts[name])],
  }))
}

function tokenSource({ deployment }: SimulatedChain, event: string): EventSource {
  const addresses = [parseAddress(deployment.contracts.VotesToken)]
  return { name: 'token', events: [parseAbiItem(event) as AbiEvent], addresses }
}

async function storeByReference(client: ClickHouseClient, chain: SimulatedChain): Promise<void> {
  const decoder = createLogDecoder(chain.deployment)
  const rows = new Map<EventTable, Row[]>()
  for (const block of chain.blocks()) {
    const header = decodeHeader(block.header, 'test')
    invariant(header !== undefined, 'a block has a header')
    for (const log of decodeLogs(block.logs, 'test')) {
      const { event } = decoder.decode(log)
      if (event === undefined) continue
      const row = eventRow(log, header.atSeconds, event.table, event.argumentsByName)
      rows.set(event.table, [...(rows.get(event.table) ?? []), row])
    }
  }
  for (const [table, each] of rows) {
    const part = { table: settledTable(table), columns: table.columns, rows: each }
    await insertTable(client, part, table.name)
  }
}

function rowsOf(
  client: ClickHouseClient,
  { columns }: EventTable,
  relation: string,
): Promise<readonly unknown[]> {
  const sql = `${selectText(columns, relation)} order by source.block, source.log_index`
  return queryRows(client, sql)
}

async function count(client: ClickHouseClient, view: string): Promise<number> {
  const [row] = await queryRows<{ n: string }>(client, `select count() as n from ${view}`)
  return Number(row?.n)
}

async function columnsOf(client: ClickHouseClient, view: string): Promise<readonly string[]> {
  const rows = await queryRows<{ name: string }>(client, `describe table ${view}`)
  return rows.map(({ name }) => name)
}
