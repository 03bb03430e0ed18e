import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { FoggaraError } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openRpc } from '../../chain/rpc.ts'
import { openRandom, type Random } from '../../simulation/random.ts'
import type { ChainLog } from '../chain-source.ts'
import { type MemoryStore, openMemoryStore } from '../entity-cache/memory-store.ts'
import { loadSubgraph } from '../manifest/load-subgraph.ts'
import { openRpcChain } from '../rpc-chain.ts'
import { openSubgraphRunner } from '../subgraph-runner.ts'
import { type SampleOptions, writeSample } from '../testing/build-sample.ts'
import { address, sampleLog } from '../testing/sample-chain.ts'
import { NODE_FAULTS, type SampleNode, startSampleNode } from '../testing/sample-node.ts'
import { storeState } from '../testing/store-state.ts'
import {
  SUBGRAPH_FOLLOW_DEFAULTS,
  type SubgraphEvent,
  type SubgraphFollowSettings,
} from './follow-events.ts'
import { createSubgraphFollower, type SubgraphFollower } from './subgraph-follower.ts'

const LIMITS = { fuel: 2_000_000n, memoryPageCountMax: 64 }
const SEED = 2_711
/** Accounts, tokens, data sources that are created on the way, calls, and every fifth block. */
const EVERYTHING: SampleOptions = {
  handlers: { handleTransfer: 'Transfer', handleCreate: 'Created', handleCall: 'Poked' },
  blockHandlers: `
      blockHandlers:
        - handler: handleBlock
          filter:
            kind: polling
            every: 25`,
}

let root = ''
let sampleCount = 0

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'foggara-follow-'))
})

afterAll(() => rm(root, { recursive: true, force: true }))

test(`a backfill with sources from the middle of ranges is what block after block gives (seed ${SEED})`, async () => {
  const random = openRandom(SEED)
  await using node = await startSampleNode()
  node.mine(blocksOf(random, 400))
  const found = await openSample(EVERYTHING)
  const follower = follow(node, [found], { rangeBlocksMax: 90 })
  await untilIdle(follower)
  expect(storeState(found.store)).toEqual(await blockByBlock(EVERYTHING, node))
  expect(found.store.createdSources().length).toBeGreaterThan(5)
  expect(follower.states()).toMatchObject([{ condition: 'running', position: 400 }])
})

test('blocks in which nothing can run are neither read nor stored, but for the ends of ranges', async () => {
  await using node = await startSampleNode()
  const blocks: ChainLog[][] = Array.from({ length: 5_000 }, () => [])
  blocks[99] = [transfer(1, 2, 7n)]
  blocks[3_210] = [transfer(2, 3, 7n)]
  node.mine(blocks)
  const sample = await openSample({ handlers: { handleTransfer: 'Transfer' } })
  await untilIdle(follow(node, [sample]))
  expect(sample.store.recentBlocks().map(({ number }) => number)).toEqual(
    expect.arrayContaining([100, 3_211, 5_000]),
  )
  expect(sample.store.recentBlocks().length).toBeLessThan(40)
  expect(node.counts.get('eth_getBlockByNumber')).toBeLessThan(100)
  expect(sample.store.proofs().map(({ block }) => block)).toEqual([100, 3_211])
})

test(`reorganisations of 1 to 10 blocks at any time leave what a fresh run finds (seed ${SEED})`, async () => {
  const random = openRandom(SEED + 1)
  await using node = await startSampleNode()
  node.mine(blocksOf(random, 60))
  const sample = await openSample(EVERYTHING)
  const events: SubgraphEvent[] = []
  const follower = follow(node, [sample], { rangeBlocksMax: 7 }, (event) => events.push(event))
  for (const depth of [3, 1, 10, 7, 2, 9, 4, 8, 5, 6]) {
    const stepCount = 1 + random.below(3)
    for (let step = 0; step < stepCount; step += 1) await follower.step()
    if (random.oneIn(2)) await untilIdle(follower)
    node.reorg(depth, blocksOf(random, depth + random.below(4)))
  }
  await untilIdle(follower)
  expect(storeState(sample.store)).toEqual(await blockByBlock(EVERYTHING, node))
  expect(events.filter(({ type }) => type === 'reverted').length).toBeGreaterThan(3)
})

test(`a node that lies, lags and fails leaves what an honest one gives (seed ${SEED})`, async () => {
  const random = openRandom(SEED + 2)
  await using node = await startSampleNode()
  node.mine(blocksOf(random, 120))
  const sample = await openSample(EVERYTHING)
  const follower = follow(node, [sample], { rangeBlocksMax: 20 })
  let isCalm = false
  node.nextFault = () => (isCalm || !random.oneIn(4) ? undefined : random.pick(NODE_FAULTS))
  const codes = new Set<string>()
  for (let round = 0; round < 60; round += 1) {
    if (random.oneIn(6)) node.mine(blocksOf(random, 3))
    if (random.oneIn(9)) node.reorg(4, blocksOf(random, 5))
    codes.add(await codeOf(follower.step()))
  }
  isCalm = true
  await until(async () => {
    await follower.step()
    return follower.states()[0]?.position === node.head()
  })
  expect(storeState(sample.store)).toEqual(await blockByBlock(EVERYTHING, node))
  expect([...codes]).toEqual(
    expect.arrayContaining(['OK', 'RPC_INCONSISTENT', 'RPC_UNREACHABLE', 'RPC_RATE_LIMITED']),
  )
})

test('a node that is behind is waited for: nothing is forgotten', async () => {
  await using node = await startSampleNode()
  node.mine(blocksOf(openRandom(3), 50))
  const sample = await openSample(EVERYTHING)
  const events: SubgraphEvent[] = []
  const follower = follow(node, [sample], {}, (event) => events.push(event))
  await untilIdle(follower)
  const before = storeState(sample.store)
  node.lagBlocks = 9
  expect(await follower.step()).toBe(false)
  expect(storeState(sample.store)).toEqual(before)
  expect(events.some(({ type }) => type === 'reverted')).toBe(false)
})

test('a chain that contradicts what was final stops the subgraph, which keeps what it has', async () => {
  await using node = await startSampleNode()
  const random = openRandom(4)
  node.mine(blocksOf(random, 80))
  const sample = await openSample(EVERYTHING)
  const follower = follow(node, [sample])
  await untilIdle(follower)
  node.reorg(19, blocksOf(random, 25))
  await untilIdle(follower)
  const before = storeState(sample.store)
  node.reorg(40, blocksOf(random, 60))
  await follower.run()
  expect(follower.states()[0]).toMatchObject({
    condition: 'stopped',
    error: { code: 'CHAIN_REORG_BELOW_FINALITY', retryable: false },
  })
  expect(storeState(sample.store)).toEqual(before)
})

test('subgraphs run side by side from their own blocks, and one that fails for good stops alone', async () => {
  await using node = await startSampleNode()
  const random = openRandom(5)
  node.mine(blocksOf(random, 150))
  node.mine([[transfer(1, 2, 7n), poke(9, 0x77)]])
  node.mine(blocksOf(random, 150))
  const failing: SampleOptions = { handlers: { handleAssert: 'Poked', handleCount: 'Transfer' } }
  const first = await openSample(EVERYTHING)
  // One of them was begun before, alone.
  await untilIdle(follow(node, [first], { until: 33 }))
  expect(first.store.lastBlock()?.number).toBe(33)
  const second = await openSample({ handlers: { handleTransfer: 'Transfer' } })
  const third = await openSample(failing)
  const events: SubgraphEvent[] = []
  const follower = follow(node, [first, second, third], {}, (event) => events.push(event))
  await untilIdle(follower)
  expect(storeState(first.store)).toEqual(await blockByBlock(EVERYTHING, node))
  const own = { handlers: { handleTransfer: 'Transfer' } } as const
  expect(storeState(second.store)).toEqual(await blockByBlock(own, node))
  const [one, two, three] = follower.states()
  expect([one?.position, two?.position]).toEqual([301, 301])
  expect(three).toMatchObject({ condition: 'failed' })
  const failed = events.filter(({ type }) => type === 'failed')
  expect(failed).toMatchObject([
    { failure: { dataSource: 'Sample', handler: 'handleAssert', block: three?.position } },
  ])
  // Opened again, it still stands where it failed.
  const again = follow(node, [third])
  await untilIdle(again)
  expect(again.states()).toMatchObject([{ condition: 'failed', position: three?.position }])
})

test('a block that failed for good runs again on another branch', async () => {
  await using node = await startSampleNode()
  node.mine([[], [transfer(1, 2, 7n)], [create(5)]])
  const sample = await openSample({
    handlers: { handleTransfer: 'Transfer', handleAssert: 'Created' },
  })
  const follower = follow(node, [sample])
  await untilIdle(follower)
  expect(follower.states()).toMatchObject([{ condition: 'failed', position: 3 }])
  node.reorg(1, [[transfer(2, 3, 7n)], [transfer(3, 4, 7n)]])
  await untilIdle(follower)
  expect(follower.states()).toMatchObject([{ condition: 'running', position: 4 }])
  expect(sample.store.failures()).toEqual([])
})

test('what a handler cannot get over now is tried again, while others go on', async () => {
  await using node = await startSampleNode()
  node.mine([[], [transfer(1, 2, 7n)], [transfer(2, 3, 7n), poke(1)], [transfer(3, 4, 7n)], []])
  const calling = await openSample({ handlers: { handleCall: 'Poked' } })
  const other = await openSample({ handlers: { handleTransfer: 'Transfer' } })
  const events: SubgraphEvent[] = []
  const follower = follow(node, [calling, other], {}, (event) => events.push(event))
  node.calls = 'lie'
  await untilIdle(follower)
  expect(follower.states()).toMatchObject([
    { condition: 'retrying', position: 2, error: { code: 'SUBGRAPH_POSSIBLE_REORG' } },
    { condition: 'running', position: 5 },
  ])
  expect(calling.store.lastBlock()?.number).toBe(2)
  expect(follower.states()[0]?.error).toMatchObject({
    place: { dataSource: 'Sample', handler: 'handleCall', block: 3, logIndex: 1 },
  })
  node.calls = 'right'
  await until(async () => {
    await follower.step()
    return follower.states()[0]?.position === 5
  })
  expect(events.filter(({ type }) => type === 'retrying').length).toBeGreaterThan(0)
  expect(follower.states()[0]?.error).toBeUndefined()
})

test('a run to a last block gives up a handler without end after some tries, at the block before', async () => {
  await using node = await startSampleNode()
  node.mine([[], [poke(1)], [poke(1), create(1)], [poke(1)]])
  const sample = await openSample({
    handlers: { handleCount: 'Poked', handleEndless: 'Created' },
  })
  const follower = follow(node, [sample], { until: 4, attemptsMax: 2 })
  await follower.run()
  expect(follower.states()).toMatchObject([
    {
      condition: 'stopped',
      position: 2,
      error: {
        code: 'SUBGRAPH_HANDLER_ENDLESS',
        place: { dataSource: 'Sample', handler: 'handleEndless', block: 3, logIndex: 1 },
      },
    },
  ])
  expect(sample.store.lastBlock()?.number).toBe(2)
})

test('a stop comes between whole blocks, and the next run goes on from there', async () => {
  await using node = await startSampleNode()
  node.mine(blocksOf(openRandom(6), 200))
  const sample = await openSample(EVERYTHING)
  for (const last of [17, 18, 90, 150]) {
    const stopping = new AbortController()
    const onEvent = (event: SubgraphEvent) => {
      if (event.type === 'ran' && event.block.number >= last) stopping.abort()
    }
    await follow(node, [sample], {}, onEvent, stopping).run()
    expect(sample.store.lastBlock()?.number).toBeGreaterThanOrEqual(last)
  }
  await untilIdle(follow(node, [sample]))
  expect(storeState(sample.store)).toEqual(await blockByBlock(EVERYTHING, node))
})

test('blocks of a long range are on disk every few seconds, and at the end', async () => {
  await using node = await startSampleNode()
  node.mine(blocksOf(openRandom(8), 90))
  const sample = await openSample(EVERYTHING)
  const flushedAt: number[] = []
  const flush = async () => {
    flushedAt.push(sample.store.lastBlock()?.number ?? 0)
  }
  Object.assign(sample.store, { flush })
  let atMs = 0
  const onEvent = (event: SubgraphEvent) => {
    if (event.type === 'ran') atMs += 700
  }
  const follower = follow(node, [sample], { until: 60 }, onEvent, { nowMs: () => atMs })
  await follower.run()
  const gaps = flushedAt.map((block, index) => block - (flushedAt[index - 1] ?? 0))
  expect(Math.max(...gaps)).toBeLessThan(30)
  expect(flushedAt.at(-1)).toBe(60)
})

test('a chain without finality is trusted so many blocks behind its newest', async () => {
  await using node = await startSampleNode()
  node.finalityDepth = undefined
  const random = openRandom(7)
  node.mine(blocksOf(random, 100))
  const sample = await openSample(EVERYTHING)
  const follower = follow(node, [sample], { finalityDepth: 12 })
  await untilIdle(follower)
  node.reorg(10, blocksOf(random, 14))
  await untilIdle(follower)
  expect(storeState(sample.store)).toEqual(await blockByBlock(EVERYTHING, node))
})

type Sample = {
  readonly name: string
  readonly folder: string
  readonly store: MemoryStore
}

async function openSample(options: SampleOptions): Promise<Sample> {
  sampleCount += 1
  const name = `sample${sampleCount}`
  const folder = await writeSample(join(root, name), options)
  const subgraph = await loadSubgraph(folder, LIMITS)
  subgraphs.set(name, subgraph)
  return { name, folder, store: openMemoryStore() }
}

const subgraphs = new Map<string, Awaited<ReturnType<typeof loadSubgraph>>>()

function follow(
  node: SampleNode,
  samples: readonly Sample[],
  settings: Partial<SubgraphFollowSettings> = {},
  onEvent: (event: SubgraphEvent) => void = () => undefined,
  more: { readonly signal?: AbortSignal; readonly nowMs?: () => number } = {},
): SubgraphFollower {
  const { signal = new AbortController().signal } = more
  // Pauses are cut short, and this clock is fast accordingly.
  const { nowMs = () => 50 * performance.now() } = more
  const sleep = (durationMs: number): Promise<void> => delay(Math.min(durationMs, 5))
  const rpc = openRpc({ url: node.url, attemptsMax: 1, sleep, signal })
  const chain = openRpcChain(rpc)
  return createSubgraphFollower({
    rpc,
    subgraphs: samples.map(({ name, store }) => {
      const subgraph = subgraphs.get(name)
      if (subgraph === undefined) throw new TypeError(`expected ${name} to be open`)
      return { name, subgraph, store, runner: openSubgraphRunner({ subgraph, store, chain }) }
    }),
    settings: { ...SUBGRAPH_FOLLOW_DEFAULTS, pollMs: 0, ...settings },
    surroundings: { nowMs, sleep, signal },
    onEvent,
  })
}

/** What the subgraph gives when it sees every block of the chain, one after the other. */
async function blockByBlock(options: SampleOptions, node: SampleNode) {
  const { name, store } = await openSample(options)
  const subgraph = subgraphs.get(name)
  if (subgraph === undefined) throw new TypeError(`expected ${name} to be open`)
  const { signal } = new AbortController()
  const chain = openRpcChain(openRpc({ url: node.url, sleep: delay, signal }))
  const runner = openSubgraphRunner({ subgraph, store, chain })
  for (let number = 1; number <= node.head(); number += 1) {
    const block = await chain.readBlock(number)
    if (block !== undefined) await runner.runBlock(block)
  }
  return storeState(store)
}

/** Random blocks, a third of them empty; children that do not exist yet are poked too. */
function blocksOf(random: Random, count: number): readonly (readonly ChainLog[])[] {
  return Array.from({ length: count }, () => {
    const logCount = random.oneIn(3) ? 0 : random.below(4)
    return Array.from({ length: logCount }, () => {
      if (random.oneIn(6)) return create(random.below(12))
      if (random.oneIn(3)) return poke(1 + random.below(3), 0xc0 + random.below(12))
      if (random.oneIn(5)) return poke(1)
      return transfer(1 + random.below(4), 1 + random.below(4), BigInt(random.below(5)))
    })
  })
}

function transfer(from: number, to: number, token: bigint): ChainLog {
  return sampleLog('Transfer', [address(from), address(to), token])
}

function poke(who: number, at?: number): ChainLog {
  return sampleLog('Poked', [address(who)], at === undefined ? undefined : address(at))
}

function create(child: number): ChainLog {
  return sampleLog('Created', [address(0xc0 + child)])
}

async function untilIdle(follower: SubgraphFollower): Promise<void> {
  while (await follower.step());
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error('expected it to be done in time')
    await delay(5)
  }
}

/** The code of a failure that may pass; `OK` when there is none. Others are raised. */
async function codeOf(step: Promise<unknown>): Promise<string> {
  try {
    await step
    return 'OK'
  } catch (error) {
    if (error instanceof FoggaraError && error.retryable) return error.code
    throw error
  }
}
