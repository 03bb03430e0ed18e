import { setTimeout as delay } from 'node:timers/promises'

import { queryRows } from '@foggara/database'
import { EVENT_TABLES } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type IngestStatus, createIngest } from './index.ts'
import { type ScratchIndex, startScratchIndex } from './scratch-index.ts'
import { openRandom } from './simulation/random.ts'
import { createSimulatedChain } from './simulation/simulated-chain.ts'
import { startSimulatedNode } from './simulation/simulated-node.ts'

let scratch: ScratchIndex

beforeAll(async () => {
  scratch = await startScratchIndex()
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('ingest says what it does, lives through an outage and stops when asked', async () => {
  const random = openRandom(31)
  const chain = createSimulatedChain(random, EVENT_TABLES.slice(0, 5))
  await using node = await startSimulatedNode(chain, random)
  chain.mine(25)
  const client = await scratch.open('facade')
  const stop = new AbortController()
  const lines: string[] = []
  const ingest = createIngest({
    client,
    deployment: chain.deployment,
    rpcUrl: `${node.url}/key-that-nobody-may-see`,
    nowMs: () => Date.now(),
    sleep: (durationMs) => delay(Math.min(durationMs, 10)),
    signal: stop.signal,
    log: (line) => lines.push(line),
  })
  expect(ingest.status()).toMatchObject({ state: 'starting', indexedBlock: -1 })
  node.nextFault = () => 'http-500'
  const running = ingest.run()
  await until(() => ingest.status().state === 'retrying')
  expect(ingest.status()).toMatchObject({ errorCode: 'RPC_UNREACHABLE' })
  node.nextFault = () => undefined
  await until(() => ingest.status().indexedBlock === 25)
  chain.mine(3)
  await until(() => ingest.status().state === 'following' && ingest.status().indexedBlock === 28)
  expect(ingest.status()).toMatchObject({ errorCode: '', chainHeadBlock: 28 })
  expect(ingest.status().blocksPerSecond).toBeGreaterThan(0)
  stop.abort()
  await running
  const [row] = await queryRows<{ value: string }>(
    client,
    `select argMax(value, at_ms) as value from status where key = 'ingest'`,
  )
  const stored = JSON.parse(row?.value ?? '{}') as IngestStatus
  expect(stored).toMatchObject({ state: 'ended', indexedBlock: 28, errorCode: '' })
  expect(lines.join('\n')).toContain('blocks 1-25 of 25, ')
  expect(lines.join('\n')).not.toContain('key-that-nobody-may-see')
})

test('what only a person can mend stops ingest and stands in the status', async () => {
  const random = openRandom(32)
  const chain = createSimulatedChain(random, EVENT_TABLES.slice(0, 5))
  await using node = await startSimulatedNode(chain, random)
  const ingest = createIngest({
    client: await scratch.open('facade'),
    deployment: { ...chain.deployment, chainId: 1 },
    rpcUrl: node.url,
    nowMs: () => Date.now(),
    sleep: (durationMs) => delay(durationMs),
    signal: new AbortController().signal,
    log: () => undefined,
  })
  await expect(ingest.run()).rejects.toMatchObject({ code: 'RPC_WRONG_CHAIN' })
  expect(ingest.status()).toMatchObject({ state: 'stopped', errorCode: 'RPC_WRONG_CHAIN' })
})

async function until(isDone: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + 40_000
  while (!isDone()) {
    if (Date.now() > deadlineMs) throw new Error('it did not happen in 40 seconds')
    await delay(10)
  }
}
