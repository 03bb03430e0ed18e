import { EVENT_TABLES, type Hex } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openRandom } from '../simulation/random.ts'
import type { NodeLimits } from '../simulation/simulated-answers.ts'
import { type SimulatedChain, createSimulatedChain } from '../simulation/simulated-chain.ts'
import { type SimulatedNode, startSimulatedNode } from '../simulation/simulated-node.ts'
import { type FetchWay, type LogFilter, fetchRange } from './fetch-range.ts'
import { type Provider, openProvider } from './rpc-provider.ts'

const SPAN = { from: 1, to: 120 }

let chain: SimulatedChain
let node: SimulatedNode

beforeAll(async () => {
  const random = openRandom(51)
  chain = createSimulatedChain(random, EVENT_TABLES.slice(0, 12))
  chain.mine(SPAN.to)
  node = await startSimulatedNode(chain, random)
})
afterAll(() => node[Symbol.asyncDispose]())

test.for<[string, NodeLimits]>([
  ['no limit', {}],
  ['a limit of blocks', { blocksMax: 10 }],
  ['a limit of blocks that is below what is asked by hash', { blocksMax: 1 }],
  ['a limit of logs', { logsMax: 7 }],
  ['a limit of logs that a single block exceeds', { logsMax: 1 }],
  ['a limit of addresses', { addressesMax: 3 }],
  ['a limit of calls', { callsMax: 4 }],
  ['every limit', { blocksMax: 12, logsMax: 2, addressesMax: 4, callsMax: 5 }],
])('with %s every log of the range is found once', async ([, limits]) => {
  node.limits = limits
  const range = await fetchRange(open(), everyContract(), SPAN, chain.blocks()[0]?.hash)
  expect(range.headers.map(({ hash }) => hash)).toEqual(
    chain
      .blocks()
      .slice(1)
      .map(({ hash }) => hash),
  )
  expect(placesOf(range.logs)).toEqual(placesOfChain())
})

test('limits that were met once are kept to afterwards', async () => {
  node.limits = { blocksMax: 10, addressesMax: 3 }
  const provider = open()
  await fetchRange(provider, everyContract(), SPAN, undefined)
  expect(provider.report().limits).toMatchObject({ blocksMax: 10, filtersMax: 2 })
  const again = open(provider.limits.stored())
  const before = node.requestCount()
  await fetchRange(again, everyContract(), SPAN, undefined)
  // One request for each ten blocks, and nothing was refused.
  expect(node.requestCount() - before).toBe(12)
})

test('a limit in words that nobody knows is found by asking for less', async () => {
  node.limits = { blocksMax: 10, blocksMaxWords: 'the moon is in the wrong house' }
  const provider = open()
  const range = await fetchRange(provider, everyContract(), SPAN, undefined)
  expect(placesOf(range.logs)).toEqual(placesOfChain())
  // It may have been something else: nothing is known about the provider's limit for good.
  expect(provider.report().limits.blocksMax).toBeNull()
})

test('first topics are split and checked like addresses', async () => {
  const topics = chain.blocks().flatMap(({ logs }) => logs.flatMap((log) => log.topics.slice(0, 1)))
  const wanted = [...new Set(topics)].slice(0, 4)
  node.limits = { logsMax: 2 }
  const filter = { addresses: everyContract().addresses, topics: wanted }
  const range = await fetchRange(open(), filter, SPAN, undefined)
  expect(placesOf(range.logs)).toEqual(
    placesOfChain((log) => wanted.includes(log.topics[0] ?? '0x')),
  )
})

test.for<FetchWay>(['logs', 'receipts'])(
  'asked by %s, a log that is lost is noticed or there',
  async (way) => {
    node.limits = {}
    node.losesLog = (log) => Number(log.blockNumber) % 2 === 0
    const range = await fetchRange(open(), everyContract(), SPAN, undefined, way)
    node.losesLog = () => false
    const isWhole = placesOf(range.logs).length === placesOfChain().length
    expect(isWhole).toBe(way === 'receipts')
    const maybe = range.headers.filter(({ block }) => !range.bloomNegative.has(block))
    expect(range.receiptsProven.size).toBe(way === 'receipts' ? maybe.length : 0)
  },
)

function everyContract(): LogFilter {
  return { addresses: Object.values(chain.deployment.contracts) }
}

function open(limits?: ReturnType<Provider['limits']['stored']>): Provider {
  return openProvider({
    url: node.url,
    chainId: chain.deployment.chainId,
    attemptsMax: 1,
    nowMs: () => Date.now(),
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
    limits,
  })
}

function placesOf(logs: readonly { block: number; logIndex: number }[]): readonly string[] {
  return logs.map(({ block, logIndex }) => `${block} ${logIndex}`)
}

function placesOfChain(
  isWanted: (log: { readonly topics: readonly Hex[] }) => boolean = () => true,
): readonly string[] {
  return chain
    .blocks()
    .flatMap(({ logs }) => logs)
    .filter(isWanted)
    .map((log) => `${Number(log.blockNumber)} ${Number(log['logIndex'])}`)
}
