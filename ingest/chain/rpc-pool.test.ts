import { EVENT_TABLES } from '@foggara/schema'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Fault } from '../simulation/faults.ts'
import { openRandom } from '../simulation/random.ts'
import { type SimulatedChain, createSimulatedChain } from '../simulation/simulated-chain.ts'
import { type SimulatedNode, startSimulatedNode } from '../simulation/simulated-node.ts'
import { fetchRange } from './fetch-range.ts'
import { createRpcPace } from './rpc-pace.ts'
import { type RpcPool, openRpcPool } from './rpc-pool.ts'
import type { Provider } from './rpc-provider.ts'

let chain: SimulatedChain
let first: SimulatedNode
let second: SimulatedNode
let clockMs: number

beforeEach(async () => {
  const random = openRandom(61)
  chain = createSimulatedChain(random, EVENT_TABLES.slice(0, 4))
  chain.mine(40)
  first = await startSimulatedNode(chain, random)
  second = await startSimulatedNode(chain, random)
  clockMs = 1_800_000_000_000
})
afterEach(async () => {
  await first[Symbol.asyncDispose]()
  await second[Symbol.asyncDispose]()
})

test.for<Fault>(['double-log', 'other-fork-log', 'removed-log', 'log-outside'])(
  'a provider that lies (%s) is left alone once another one passes the same checks',
  async (fault) => {
    first.nextFault = () => fault
    const pool = open()
    const { provider } = await pool.attempt(fetchAll)
    expect(provider).toBe(pool.providers[1])
    expect(pool.reports()).toMatchObject([{ state: 'quarantined', lies: 1 }, { lies: 0 }])
    const before = first.requestCount()
    await pool.attempt(fetchAll)
    expect(first.requestCount()).toBe(before)
    clockMs += 31_000
    expect(pool.reports()[0]?.state).toBe('well')
  },
)

test('what every provider gets wrong is nobody’s lie', async () => {
  first.nextFault = () => 'double-log'
  second.nextFault = () => 'double-log'
  const pool = open()
  await expect(pool.attempt(fetchAll)).rejects.toMatchObject({ code: 'RPC_INCONSISTENT' })
  expect(pool.reports()).toMatchObject([{ lies: 0 }, { lies: 0 }])
})

test.for<Fault>(['http-500', 'hang-up', 'rate-limit'])(
  'a provider that fails (%s) is stood in for, and paused',
  async (fault) => {
    const pool = open()
    await pool.checkChain()
    first.nextFault = () => fault
    const { provider } = await pool.attempt(fetchAll)
    expect(provider).toBe(pool.providers[1])
    expect(pool.reports()[0]?.state).not.toBe('well')
    expect(pool.reports()[0]?.trouble).not.toBe('')
  },
)

test('a node without old states or receipts is stood in for, call by call, and not blamed', async () => {
  first.limits = { stateBlocks: 1, lacksReceipts: true }
  const pool = open()
  const block = chain.blocks()[10]
  const call = { method: 'eth_getBlockReceipts', params: [{ blockHash: block?.hash }] }
  const [outcome] = await pool.batchSettled([call])
  expect(outcome).toMatchObject({ type: 'result', result: { length: block?.receipts.length } })
  expect(pool.reports()[0]).toMatchObject({ state: 'well', lies: 0 })
})

test('a slow provider is overtaken by another, and the answer is the first that comes', async () => {
  const pool = open()
  const stuck = Promise.withResolvers<string>()
  const task = (provider: Provider): Promise<string> =>
    provider === pool.providers[0] ? stuck.promise : Promise.resolve('quick')
  const { value } = await pool.attempt(task, { isHedged: true })
  expect(value).toBe('quick')
  stuck.resolve('late')
})

test('a provider of another chain is refused by name, one that is down is not', async () => {
  await first[Symbol.asyncDispose]()
  await open().checkChain()
  const pool = open(1)
  await expect(pool.checkChain()).rejects.toMatchObject({
    code: 'RPC_WRONG_CHAIN',
    message: `${second.url}: expected chain id 1, found 4242`,
  })
})

test('requests, calls and bytes are counted, and no report shows a key', async () => {
  const pool = open(chain.deployment.chainId, '/v2/s3cret')
  await pool.attempt(fetchAll)
  const [report] = pool.reports()
  expect(report?.usage).toMatchObject({ requests: 2, calls: 42, units: null })
  expect(report?.usage.receivedBytes).toBeGreaterThan(1_000)
  expect(JSON.stringify(pool.reports())).not.toContain('s3cret')
})

test('a pace is unlimited until the provider objects, then found by trying', async () => {
  const waits: number[] = []
  const pace = createRpcPace(
    () => clockMs,
    (durationMs) => {
      waits.push(durationMs)
      clockMs += durationMs
      return Promise.resolve()
    },
  )
  for (let request = 0; request < 10; request += 1) await pace.enter(10)
  expect([waits, pace.callsPerSecond()]).toEqual([[], undefined])
  pace.slower()
  expect(pace.callsPerSecond()).toBe(70)
  await pace.enter(70)
  expect(waits).toEqual([500])
  for (let request = 0; request < 5; request += 1) await pace.enter(70)
  // One second's calls are saved up; after them each second brings as many.
  expect(waits.slice(1)).toEqual([1_000, 1_000, 1_000, 1_000])
  pace.faster()
  expect(pace.callsPerSecond()).toBe(70.5)
  pace.slower(20_000)
  await pace.enter(1)
  expect(waits).toContain(20_000)
})

function fetchAll(provider: Provider): Promise<unknown> {
  const filter = { addresses: Object.values(chain.deployment.contracts) }
  return fetchRange(provider, filter, { from: 1, to: 40 }, undefined)
}

function open(chainId = chain.deployment.chainId, path = ''): RpcPool {
  return openRpcPool({
    urls: [`${first.url}${path}`, `${second.url}${path}`],
    chainId,
    attemptsMax: 1,
    nowMs: () => clockMs,
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
  })
}
