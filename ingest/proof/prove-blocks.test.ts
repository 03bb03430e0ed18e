import { setTimeout as delay } from 'node:timers/promises'

import { type ClickHouseClient, command, currentPin, queryRows } from '@foggara/database'
import { EVENT_TABLES, type Hex } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openRpcPool } from '../chain/rpc-pool.ts'
import { createIngest } from '../ingest.ts'
import { type ScratchIndex, startScratchIndex } from '../scratch-index.ts'
import { openRandom } from '../simulation/random.ts'
import { type SimulatedChain, createSimulatedChain } from '../simulation/simulated-chain.ts'
import { type SimulatedNode, startSimulatedNode } from '../simulation/simulated-node.ts'
import { proveBlocks } from './prove-blocks.ts'

const SLOW_MS = 60_000
const BLOCKS = 40
const random = openRandom(17)
const chain: SimulatedChain = createSimulatedChain(
  random,
  EVENT_TABLES.filter((_, index) => index % 12 === 0),
)
let scratch: ScratchIndex
let node: SimulatedNode
let client: ClickHouseClient

beforeAll(async () => {
  scratch = await startScratchIndex()
  client = await scratch.open('proof')
  node = await startSimulatedNode(chain, random)
  // Without states and receipts everything that may hold a log is believed.
  node.limits = { stateBlocks: -1, lacksReceipts: true }
  chain.mine(BLOCKS)
  await indexAndSettle()
  node.limits = {}
}, SLOW_MS)

afterAll(async () => {
  await node[Symbol.asyncDispose]()
  await scratch[Symbol.asyncDispose]()
})

/** Follows the chain until its last block is settled. */
async function indexAndSettle(): Promise<void> {
  const ending = new AbortController()
  const ingest = createIngest({
    client,
    deployment: chain.deployment,
    rpcUrl: node.url,
    ...surroundings(ending.signal),
    log: () => undefined,
    settings: {
      finality: { type: 'instant', guard: 0 },
      settleBlocks: 1,
      settleEveryMs: 0,
      pollMs: 5,
    },
    onEvent: (event) => {
      if (event.type === 'settled' && event.block >= BLOCKS) ending.abort()
    },
  })
  await ingest.run()
}

function surroundings(signal: AbortSignal) {
  const sleep = (durationMs: number): Promise<void> => delay(Math.min(durationMs, 5))
  return { nowMs: () => Date.now(), sleep, signal }
}

async function prove(firstBlock: number, lastBlock: number) {
  const { signal } = new AbortController()
  const { deployment } = chain
  const pool = { urls: [node.url], chainId: deployment.chainId, ...surroundings(signal) }
  return proveBlocks({
    client,
    rpc: openRpcPool(pool),
    deployment,
    pin: await currentPin(client),
    firstBlock,
    lastBlock,
    signal,
    onProgress: () => undefined,
  })
}

async function blocksOf(evidence: string): Promise<readonly number[]> {
  const rows = await queryRows<{ block: string }>(
    client,
    'select block from block_evidence where evidence = {evidence:String} order by block',
    { evidence },
  )
  return rows.map(({ block }) => Number(block))
}

test(
  'what was believed is proven by its receipts later, and only a difference is not',
  async () => {
    const trusted = await blocksOf('trusted')
    expect(trusted.length).toBeGreaterThan(10)
    const middle = trusted[Math.floor(trusted.length / 2)] ?? 0
    const first = await prove(1, middle - 1)
    const before = trusted.filter((block) => block < middle)
    expect(first).toEqual({ provenCount: before.length, unprovableCount: 0, differences: [] })
    expect(await blocksOf('receipts-root')).toEqual(before)
    expect(await blocksOf('trusted')).toEqual(trusted.filter((block) => block >= middle))
    const [log] = await queryRows<{ payload: Hex }>(
      client,
      `select hex(payload) as payload from log where block = ${middle} order by log_index limit 1`,
    )
    expect(log).toBeDefined()
    await command(
      client,
      `insert into log_settled
    select * replace (log_index + 1000 as log_index) from log where block = ${middle} limit 1`,
    )
    const rest = await prove(1, BLOCKS)
    expect(rest).toMatchObject({ provenCount: trusted.length - before.length - 1 })
    expect(rest.differences.map(({ code }) => code)).toEqual(['STORED_LOGS_DIFFER'])
    expect(rest.differences[0]?.message).toMatch(
      new RegExp(`^block ${middle} log 10\\d\\d: expected none, found \\{"logIndex":10`),
    )
    expect(await blocksOf('trusted')).toEqual([middle])
  },
  SLOW_MS,
)

test('what may still be replaced is not proven', async () => {
  await expect(prove(1, BLOCKS + 1)).rejects.toMatchObject({ code: 'PROOF_NOT_SETTLED' })
})
