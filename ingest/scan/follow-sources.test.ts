import { setTimeout as delay } from 'node:timers/promises'

import {
  type ClickHouseClient,
  command,
  currentPin,
  openClient,
  pinAtHash,
  queryRows,
} from '@foggara/database'
import type { EventSource, Hex } from '@foggara/schema'
import {
  type AbiEvent,
  encodeAbiParameters,
  encodeEventTopics,
  numberToHex,
  parseAbiItem,
} from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { RpcCall, RpcOutcome } from '../chain/rpc.ts'
import { type ScratchIndex, startScratchIndex } from '../scratch-index.ts'
import { openRandom } from '../simulation/random.ts'
import type { LogContent, SimulatedChain } from '../simulation/simulated-chain.ts'
import { type SimulatedNode, startSimulatedNode } from '../simulation/simulated-node.ts'
import { checkAddresses } from './check-addresses.ts'
import {
  type SourceEvent,
  type SourceIndex,
  type SourceOptions,
  openSourceIndex,
} from './index-sources.ts'
import { createMadeChain } from './testing/made-chain.ts'

let scratch: ScratchIndex
const clients: ClickHouseClient[] = []

beforeAll(async () => {
  scratch = await startScratchIndex()
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await scratch[Symbol.asyncDispose]()
})

const MOVED = parseAbiItem('event Moved(address indexed by, uint256 amount)') as AbiEvent
const MADE = parseAbiItem('event Made(uint256 number, address child)') as AbiEvent

test('blocks that are not final are there at once, and are undone where the chain undoes them', async () => {
  const random = openRandom(31)
  const chain = createMadeChain(random)
  await using node = await startSimulatedNode(chain, random)
  for (let block = 1; block <= 60; block += 1) chain.add([moved(contract(block % 2), block)])
  const client = await emptyDatabase('head')
  const events: SourceEvent[] = []
  const index = openIndex(client, chain, [node], { onEvent: (event) => events.push(event) })
  expect(await index.catchUp()).toBe(60)
  expect(await amounts(client)).toEqual(range(1, 60).filter((block) => block % 2 === 0))
  const { settledBlock, blockHash } = await currentPin(client)
  expect(settledBlock).toBe(20)
  chain.reorg(10)
  chain.add([moved(contract(0), 1_000)])
  expect(await index.catchUp()).toBe(62)
  expect(await amounts(client)).toEqual([...range(1, 50).filter((block) => block % 2 === 0), 1_000])
  expect(events).toContainEqual(expect.objectContaining({ retractedBlocks: 10 }))
  // A reader that holds on to a block that is gone is told so.
  await expect(pinAtHash(client, blockHash)).rejects.toMatchObject({ code: 'BLOCK_NOT_INDEXED' })
  const hashes = await queryRows<{ hash: Hex }>(
    client,
    "select concat('0x', lower(hex(hash))) as hash from block order by block",
  )
  expect(hashes.map(({ hash }) => hash)).toEqual(
    chain
      .blocks()
      .slice(1)
      .map(({ hash }) => hash),
  )
}, 120_000)

test('a reorg that one provider alone has seen undoes nothing of a source', async () => {
  const random = openRandom(32)
  const chain = createMadeChain(random)
  await using node = await startSimulatedNode(chain, random)
  await using other = await startSimulatedNode(chain, random)
  for (let block = 1; block <= 30; block += 1) chain.add([moved(contract(0), block)])
  const client = await emptyDatabase('witnesses')
  const events: SourceEvent[] = []
  const onEvent = (event: SourceEvent): void => void events.push(event)
  const index = openIndex(client, chain, [node, other], { onEvent })
  await index.catchUp()
  other.ownBlocks = [...chain.blocks()]
  chain.reorg(3)
  await index.catchUp()
  expect(events).toContainEqual({ type: 'contested', block: 30 })
  expect(await amounts(client)).toEqual(range(1, 30))
}, 120_000)

test('each block says how it is known that nothing is missing', async () => {
  const random = openRandom(33)
  const chain = createMadeChain(random)
  await using node = await startSimulatedNode(chain, random)
  await using other = await startSimulatedNode(chain, random)
  for (let block = 1; block <= 20; block += 1) {
    if (block % 2 === 0) chain.mine(1)
    else chain.add([moved(contract(0), block)], [moved(contract(9), block)])
  }
  const evidenceOf = async (
    name: string,
    settings: NonNullable<SourceOptions['settings']>,
    nodes: readonly SimulatedNode[],
  ): Promise<unknown> => {
    const client = await emptyDatabase(name)
    await openIndex(client, chain, nodes, { settings }).catchUp()
    expect(await amounts(client)).toEqual(range(1, 20).filter((block) => block % 2 === 1))
    return queryRows(
      client,
      'select evidence, count() as n from block group by evidence order by evidence',
    )
  }
  const empty = { evidence: 'bloom-negative', n: '10' }
  expect(await evidenceOf('trusted', {}, [node])).toEqual([empty, { evidence: 'trusted', n: '10' }])
  const nodes = [node, other]
  const agreed = { evidence: 'quorum', n: '10' }
  expect(await evidenceOf('quorum', { proof: 'quorum' }, nodes)).toEqual([empty, agreed])
  // Of two that differ the one is believed that has what the receipts have.
  other.losesLog = () => true
  const proven = { evidence: 'receipts-root', n: '10' }
  expect(await evidenceOf('decided', { proof: 'quorum' }, nodes)).toEqual([empty, proven])
  expect(await evidenceOf('receipts', { proof: 'receipts' }, [other])).toEqual([empty, proven])
}, 120_000)

test('a header that does not hash to its hash is a wrong answer, and another provider’s is taken', async () => {
  const random = openRandom(34)
  const chain = createMadeChain(random)
  await using node = await startSimulatedNode(chain, random)
  for (let block = 1; block <= 12; block += 1) chain.add([moved(contract(0), block)])
  const client = await emptyDatabase('headers')
  const index = openIndex(client, chain, [node])
  await index.catchUp()
  for (let block = 13; block <= 40; block += 1) chain.add([moved(contract(0), block)])
  node.ownBlocks = chain
    .blocks()
    .map((block) =>
      block.number === 30 ? { ...block, header: { ...block.header, timestamp: '0x1' } } : block,
    )
  await expect(index.catchUp()).rejects.toMatchObject({ code: 'RPC_HEADER_WRONG' })
  await using honest = await startSimulatedNode(chain, random)
  expect(await openIndex(client, chain, [node, honest]).catchUp()).toBe(40)
  expect(await amounts(client)).toEqual(range(1, 40))
}, 120_000)

test('contracts that a factory makes count from their creation, in its very transaction', async () => {
  const random = openRandom(35)
  const chain = createMadeChain(random)
  await using node = await startSimulatedNode(chain, random)
  const [one, two, three] = [contract(1), contract(2), contract(3)]
  chain.add([moved(one, 1)])
  // The constructor of the child speaks before the factory does.
  chain.add([moved(one, 2), made(one), moved(one, 3)], [moved(one, 4), moved(two, 5)])
  chain.add([moved(two, 6)], [made(two)], [moved(two, 7)])
  chain.mine(20)
  chain.add([moved(one, 8), moved(two, 9), moved(three, 10)])
  const factory = { addresses: [contract(99)], event: MADE, parameter: 'child' }
  const sources: EventSource[] = [{ name: 'pool', events: [MOVED], addresses: [], factory }]
  const client = await emptyDatabase('factory')
  const index = openIndex(client, chain, [node], { sources })
  await index.catchUp()
  expect(await amounts(client, 'pool_moved')).toEqual([2, 3, 4, 7, 8, 9])
  expect(await amounts(client, 'pool_made', 'number')).toEqual([0, 0])
  // A reorg takes the children with it, and a new start finds those that stay.
  chain.add([made(three), moved(three, 11)])
  await index.catchUp()
  expect(await amounts(client, 'pool_moved')).toEqual([2, 3, 4, 7, 8, 9, 11])
  chain.reorg(1)
  chain.add([moved(three, 12), moved(two, 13)])
  await index.catchUp()
  expect(await amounts(client, 'pool_moved')).toEqual([2, 3, 4, 7, 8, 9, 13])
  chain.add([moved(two, 14)])
  await openIndex(client, chain, [node], { sources }).catchUp()
  expect(await amounts(client, 'pool_moved')).toEqual([2, 3, 4, 7, 8, 9, 13, 14])
}, 120_000)

test('20,000 addresses are asked for in one filter, or as anybody’s events where a node takes few', async () => {
  const random = openRandom(36)
  const chain = createMadeChain(random)
  await using node = await startSimulatedNode(chain, random)
  node.limits = { addressesMax: 20 }
  for (let block = 1; block <= 40; block += 1) {
    chain.add([moved(contract(500 * block), block), moved(contract(20_000 + block), 1_000)])
  }
  const addresses = range(0, 20_000).map(contract)
  const sources: EventSource[] = [{ name: 'token', events: [MOVED], addresses }]
  const client = await emptyDatabase('many')
  await openIndex(client, chain, [node], { sources }).catchUp()
  expect(await amounts(client)).toEqual(range(1, 40))
}, 120_000)

test('the past of an address, an event or a source that is added later is fetched, and is no duplicate', async () => {
  const random = openRandom(38)
  const chain = createMadeChain(random)
  await using node = await startSimulatedNode(chain, random)
  const [one, two] = [contract(1), contract(2)]
  for (let block = 1; block <= 70; block += 1) {
    chain.add([moved(block % 3 === 0 ? two : one, block), made(one)])
  }
  const client = await emptyDatabase('added')
  const token = (addresses: readonly Hex[], events: readonly AbiEvent[]): EventSource[] => [
    { name: 'token', events, addresses },
  ]
  const catchUp = async (sources: readonly EventSource[], onEvent?: SourceOptions['onEvent']) =>
    openIndex(client, chain, [node], { sources, ...(onEvent ? { onEvent } : {}) }).catchUp()
  await catchUp(token([one], [MOVED]))
  expect(await amounts(client)).toEqual(range(1, 70).filter((block) => block % 3 !== 0))
  chain.mine(3)
  const events: SourceEvent[] = []
  await catchUp(token([one, two], [MOVED]), (event) => events.push(event))
  expect(events).toContainEqual({ type: 'filled', source: 'token', coveredFrom: 1 })
  expect(await amounts(client)).toEqual(range(1, 70))
  // Left out and named again, with what happened meanwhile.
  await catchUp(token([one], [MOVED]))
  chain.add([moved(two, 74)])
  chain.mine(60)
  await catchUp(token([one], [MOVED]))
  await catchUp(token([one, two], [MOVED]))
  expect(await amounts(client)).toEqual([...range(1, 70), 74])
  await catchUp(token([one, two, contract(99)], [MOVED, MADE]))
  expect(await amounts(client, 'token_made', 'number')).toHaveLength(70)
  expect(await amounts(client)).toEqual([...range(1, 70), 74])
  const covered = await queryRows(
    client,
    'select covered_from, count() as parts from source_coverage group by covered_from',
  )
  expect(covered).toEqual([{ covered_from: '1', parts: '5' }])
  const factory = { addresses: [contract(99)], event: MADE, parameter: 'child' }
  const late = { name: 'pool', events: [MOVED], addresses: [], factory }
  await expect(catchUp([late])).rejects.toMatchObject({ code: 'SOURCE_FACTORY_LATE' })
}, 120_000)

test('what cannot be indexed is refused with what to do', async () => {
  const random = openRandom(37)
  const chain = createMadeChain(random)
  await using node = await startSimulatedNode(chain, random)
  for (let block = 1; block <= 12; block += 1) chain.add([moved(contract(0), block)])
  const client = await emptyDatabase('bad_input')
  await expect(
    openIndex(client, chain, [node], { startBlock: 99 }).catchUp(),
  ).rejects.toMatchObject({
    code: 'START_BLOCK_ABOVE_HEAD',
    message: `${node.url}: expected a chain with block 99, found 12 as its newest`,
  })
  await openIndex(client, chain, [node]).catchUp()
  // Another chain of the same id, into the same database.
  const other = createMadeChain(random)
  await using stranger = await startSimulatedNode(other, random)
  await expect(openIndex(client, other, [stranger]).catchUp()).rejects.toMatchObject({
    code: 'CHAIN_ID_REPEATED',
    retryable: false,
  })
  node.limits = { blocksMax: 0, blocksMaxWords: 'history has been pruned for this block' }
  const fresh = await emptyDatabase('pruned')
  await expect(openIndex(fresh, chain, [node]).catchUp()).rejects.toMatchObject({
    code: 'RPC_HISTORY_MISSING',
  })
}, 120_000)

test('an address without code is told of, and a source of nothing but those is refused', async () => {
  const [real, empty] = [contract(1), contract(2)]
  const rpc = {
    batchSettled: async (calls: readonly RpcCall[]): Promise<readonly RpcOutcome[]> =>
      calls.map(({ params: [address] }) => ({
        type: 'result',
        result: address === real ? '0x6001' : '0x',
      })),
  }
  const source = { name: 'token', events: [MOVED], addresses: [real, empty] }
  expect(await checkAddresses(rpc, [source], true)).toEqual([
    `source token: expected contracts, found no code at ${empty}`,
  ])
  const nothing = [{ ...source, addresses: [empty] }]
  await expect(checkAddresses(rpc, nothing, true)).rejects.toMatchObject({
    code: 'SOURCE_ADDRESS_EMPTY',
  })
  // What is indexed already is not given up for a contract that is gone.
  expect(await checkAddresses(rpc, nothing, false)).toHaveLength(1)
})

function openIndex(
  client: ClickHouseClient,
  chain: SimulatedChain,
  nodes: readonly SimulatedNode[],
  more: Partial<SourceOptions> = {},
): SourceIndex {
  const { signal } = new AbortController()
  const sleep = (durationMs: number): Promise<void> => delay(Math.min(durationMs, 5))
  return openSourceIndex({
    client,
    urls: nodes.map(({ url }) => url),
    chainId: chain.deployment.chainId,
    startBlock: 1,
    sources: [{ name: 'token', events: [MOVED], addresses: [contract(0)] }],
    nowMs: () => Date.now(),
    sleep,
    signal,
    ...more,
  })
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

async function amounts(
  client: ClickHouseClient,
  view = 'token_moved',
  column = 'amount',
): Promise<readonly number[]> {
  const rows = await queryRows<{ amount: string }>(
    client,
    `select toString(${column}) as amount from ${view} order by block, log_index`,
  )
  return rows.map(({ amount }) => Number(amount))
}

function contract(number: number): Hex {
  return numberToHex(0xaa_0000_0000 + number, { size: 20 })
}

function moved(address: Hex, amount: number): LogContent {
  const topics = encodeEventTopics({ abi: [MOVED], args: { by: contract(7) } }) as Hex[]
  return { address, topics, data: encodeAbiParameters([{ type: 'uint256' }], [BigInt(amount)]) }
}

function made(child: Hex): LogContent {
  const data = encodeAbiParameters([{ type: 'uint256' }, { type: 'address' }], [0n, child])
  return { address: contract(99), topics: encodeEventTopics({ abi: [MADE] }) as Hex[], data }
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, place) => first + place)
}
