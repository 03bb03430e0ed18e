import { setTimeout as delay } from 'node:timers/promises'

import { type ClickHouseClient, currentPin, queryRows } from '@foggara/database'
import { EVENT_TABLES, FoggaraError } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchIndex, startScratchIndex, visibleRows } from '../scratch-index.ts'
import { FAULTS } from '../simulation/faults.ts'
import { openRandom } from '../simulation/random.ts'
import {
  FOREIGN_TOPIC,
  type SimulatedChain,
  createSimulatedChain,
} from '../simulation/simulated-chain.ts'
import { type SimulatedNode, startSimulatedNode } from '../simulation/simulated-node.ts'
import { openChainStore } from '../store/chain-store.ts'
import { createLogDecoder } from './decode-log.ts'
import {
  FOLLOW_DEFAULTS,
  type FollowEvent,
  type FollowSettings,
  type Follower,
  createFollower,
} from './follow.ts'
import { openRpcPool } from './rpc-pool.ts'

let scratch: ScratchIndex

beforeAll(async () => {
  scratch = await startScratchIndex()
})
afterAll(() => scratch[Symbol.asyncDispose]())

const SEED = 412

/** Enough kinds of events to differ, few enough to be quick. */
const SOME_TABLES = EVENT_TABLES.filter((_, index) => index % 12 === 0)

/** Accumulators count the events of the ABIs: only receipts show that another log is missing. */
const LIES = FAULTS.filter((fault) => fault !== 'drop-any-log')

test(`a node that lies, lags, fails and reorganises leaves the rows of an honest one (seed ${SEED})`, async () => {
  const random = openRandom(SEED)
  const chain = createSimulatedChain(random, SOME_TABLES)
  await using node = await startSimulatedNode(chain, random)
  chain.mine(60)
  const client = await scratch.open('chaos')
  // Receipts would heal a range at once.
  node.limits = { lacksReceipts: true }
  const follower = await openFollower(client, chain, node)
  node.nextFault = () => (random.oneIn(3) ? random.pick(LIES) : undefined)
  const codes = new Set<string>()
  for (let round = 0; round < 24; round += 1) {
    if (random.oneIn(3)) chain.reorg(1 + random.below(12))
    else chain.mine(1 + random.below(9))
    codes.add(await codeOf(follower.step()))
  }
  chain.mine(6)
  node.nextFault = () => 'drop-log'
  codes.add(await codeOf(follower.step()))
  node.nextFault = () => undefined
  await untilIdle(follower)
  // The faults that only a proof can find were among them.
  expect([...codes]).toEqual(expect.arrayContaining(['RPC_INCONSISTENT', 'RPC_LOGS_INCOMPLETE']))
  const found = await visibleRows(client)
  await using honest = await startSimulatedNode(chain, random)
  const honestClient = await scratch.open('honest')
  await untilIdle(await openFollower(honestClient, chain, honest))
  expect(found).toEqual(await visibleRows(honestClient))
  expect(found['block']?.length).toBe(chain.blocks().length - 1)
  expect(found['log']?.length).toBe(chain.blocks().flatMap((block) => block.logs).length)
  expect(await distinctEvidence(client)).toEqual([
    { evidence: 'accumulator' },
    { evidence: 'bloom-negative' },
  ])
}, 120_000)

test('every event of the ABIs lands in its table, with the raw log beside it', async () => {
  const random = openRandom(8)
  const chain = createSimulatedChain(random)
  await using node = await startSimulatedNode(chain, random)
  chain.mine(250)
  const client = await scratch.open('all_events')
  await untilIdle(await openFollower(client, chain, node, { commitBlocks: 2_000 }))
  const rows = await visibleRows(client)
  const logs = (rows['log'] ?? []).map((row) => JSON.parse(row) as { event: string })
  for (const { name, event } of EVENT_TABLES) {
    const inArchive = logs.filter((log) => log.event === event.name).length
    expect(inArchive, name).toBeGreaterThan(0)
    expect(rows[name]?.length, name).toBe(inArchive)
  }
  expect(logs.filter((log) => log.event === '').length).toBeGreaterThan(0)
})

test('a node that falls behind is waited for: nothing is retracted', async () => {
  const random = openRandom(21)
  const chain = createSimulatedChain(random, SOME_TABLES)
  await using node = await startSimulatedNode(chain, random)
  chain.mine(30)
  const client = await scratch.open('lagging')
  const events: FollowEvent[] = []
  const follower = await openFollower(client, chain, node, {}, (event) => events.push(event))
  await untilIdle(follower)
  const before = await visibleRows(client)
  node.lagBlocks = 7
  expect(await follower.step()).toBe(false)
  expect(events.at(-1)).toMatchObject({ type: 'looked', isLagging: true })
  expect(await visibleRows(client)).toEqual(before)
  chain.reorg(10)
  node.lagBlocks = 5
  await untilIdle(follower)
  expect(events.findLast((event) => event.type === 'committed')).toMatchObject({
    lastBlock: 26,
    retractedBlocks: 10,
  })
})

test('a reorg that one provider alone has seen undoes nothing', async () => {
  const random = openRandom(27)
  const chain = createSimulatedChain(random, SOME_TABLES)
  await using node = await startSimulatedNode(chain, random)
  await using other = await startSimulatedNode(chain, random)
  chain.mine(30)
  const client = await scratch.open('contested')
  const events: FollowEvent[] = []
  const onEvent = (event: FollowEvent): void => void events.push(event)
  const follower = await openFollower(client, chain, [node, other], {}, onEvent)
  await untilIdle(follower)
  const before = await visibleRows(client)
  other.ownBlocks = [...chain.blocks()]
  chain.reorg(3)
  await untilIdle(follower)
  expect(events.at(-1)).toEqual({ type: 'contested', block: 30 })
  await untilIdle(follower)
  expect(events.at(-1)).toMatchObject({ type: 'looked', isLagging: false })
  expect(await visibleRows(client)).toEqual(before)
  other.ownBlocks = undefined
  await untilIdle(follower)
  expect(events.findLast((event) => event.type === 'committed')).toMatchObject({
    lastBlock: 31,
    retractedBlocks: 3,
  })
  // A provider that stays far behind is no witness any more.
  other.ownBlocks = [...chain.blocks()]
  chain.reorg(2)
  chain.mine(10)
  while (events.findLast((event) => event.type === 'committed')?.lastBlock !== 42) {
    await follower.step()
  }
})

test('a chain that contradicts settled blocks stops the index, which stays readable', async () => {
  const random = openRandom(22)
  const chain = createSimulatedChain(random, SOME_TABLES)
  await using node = await startSimulatedNode(chain, random)
  chain.mine(80)
  const client = await scratch.open('below_finality')
  const follower = await openFollower(client, chain, node, { settleBlocks: 40 })
  await untilIdle(follower)
  const pin = await currentPin(client)
  expect(pin).toMatchObject({ block: 80, settledBlock: 40 })
  const before = await visibleRows(client)
  chain.reorg(39)
  await untilIdle(follower)
  chain.reorg(60)
  await expect(follower.step()).rejects.toMatchObject({
    code: 'CHAIN_REORG_BELOW_FINALITY',
    retryable: false,
  })
  expect((await currentPin(client)).block).toBe(81)
  const settled = (rows: readonly string[] | undefined) => rows?.slice(0, 40)
  expect(settled((await visibleRows(client))['block'])).toEqual(settled(before['block']))
})

test('a reorg deeper than everything unsettled begins again from the first block', async () => {
  const random = openRandom(23)
  const chain = createSimulatedChain(random, SOME_TABLES)
  await using node = await startSimulatedNode(chain, random)
  chain.mine(30)
  const client = await scratch.open('from_start')
  const follower = await openFollower(client, chain, node)
  await untilIdle(follower)
  chain.reorg(30)
  await untilIdle(follower)
  const blocks = (await visibleRows(client))['block'] ?? []
  expect(blocks.map((row) => (JSON.parse(row) as { hash: string }).hash)).toEqual(
    chain
      .blocks()
      .slice(1)
      .map((block) => block.hash),
  )
})

test('another chain than the deployment is on is refused before anything is read', async () => {
  const random = openRandom(24)
  const chain = createSimulatedChain(random, SOME_TABLES)
  await using node = await startSimulatedNode(chain, random)
  const client = await scratch.open('wrong_chain')
  const other = { ...chain, deployment: { ...chain.deployment, chainId: 1 } }
  const follower = await openFollower(client, other, node)
  await expect(follower.run()).rejects.toMatchObject({
    code: 'RPC_WRONG_CHAIN',
    message: `${node.url}: expected chain id 1, found 4242`,
  })
})

test('blocks stored on trust are proven by later ones, or fetched again', async () => {
  const random = openRandom(26)
  const chain = createSimulatedChain(random, SOME_TABLES)
  await using node = await startSimulatedNode(chain, random)
  chain.mine(70)
  node.limits = { stateBlocks: 10, lacksReceipts: true }
  const client = await scratch.open('pruned')
  const settings = { settleBlocks: 20, commitBlocks: 25 }
  const codes: string[] = []
  const events: FollowEvent[] = []
  const follower = await openFollower(client, chain, node, settings, (event) => {
    events.push(event)
  })
  // The first range comes without its last log, and nothing can show it at that time.
  node.nextFault = () => (node.requestCount() < 6 ? 'drop-last-log' : undefined)
  await follower.step()
  expect(await distinctEvidence(client)).toContainEqual({ evidence: 'trusted' })
  while (!events.some(({ type }) => type === 'settled')) {
    codes.push(await codeOf(follower.step()))
  }
  expect(new Set(codes)).toEqual(new Set(['OK', 'RPC_LOGS_INCOMPLETE']))
  const settled = await queryRows(client, 'select max(boundary_block) as block from settlement')
  expect(settled).toEqual([{ block: '30' }])
  const logs = await queryRows(client, 'select count() as logs from log where block <= 30')
  const expected = chain
    .blocks()
    .slice(0, 31)
    .flatMap((block) => block.logs).length
  expect(logs).toEqual([{ logs: String(expected) }])
  const evidence = await queryRows(
    client,
    'select distinct evidence from block where block <= 30 order by evidence',
  )
  expect(evidence).toEqual([{ evidence: 'accumulator' }, { evidence: 'bloom-negative' }])
})

test('where nothing can be proven, what two providers agree on is stored as such', async () => {
  const random = openRandom(28)
  const chain = createSimulatedChain(random, SOME_TABLES)
  await using node = await startSimulatedNode(chain, random)
  await using other = await startSimulatedNode(chain, random)
  chain.mine(30)
  for (const each of [node, other]) each.limits = { stateBlocks: 0, lacksReceipts: true }
  // Events of other kinds have no sequence number that would show a gap.
  node.losesLog = (log) => log.topics[0] === FOREIGN_TOPIC
  const client = await scratch.open('agreed')
  const follower = await openFollower(client, chain, [node, other], { commitBlocks: 30 })
  await untilIdle(follower)
  const logs = await queryRows(client, 'select count() as logs from log')
  expect(logs).toEqual([{ logs: String(chain.blocks().flatMap((block) => block.logs).length) }])
  expect(await distinctEvidence(client)).toEqual([
    { evidence: 'bloom-negative' },
    { evidence: 'trusted' },
  ])
  node.losesLog = () => false
  chain.mine(12)
  await untilIdle(follower)
  expect(
    await queryRows(
      client,
      'select distinct evidence from block where block > 30 order by evidence',
    ),
  ).toEqual([{ evidence: 'bloom-negative' }, { evidence: 'quorum' }])
})

test('a log that cannot be decoded is kept raw and reported, and indexing goes on', async () => {
  const random = openRandom(25)
  const chain = createSimulatedChain(random, SOME_TABLES)
  await using node = await startSimulatedNode(chain, random)
  chain.mine(20)
  const spoilt = chain
    .blocks()
    .flatMap((block) => block.logs)
    .find((log) => log['data'] !== '0x')
  Object.assign(spoilt ?? {}, { data: '0x01' })
  const client = await scratch.open('undecodable')
  const problems: string[] = []
  const follower = await openFollower(client, chain, node, {}, (event) => {
    if (event.type === 'committed') problems.push(...event.problems)
  })
  await untilIdle(follower)
  chain.mine(5)
  await untilIdle(follower)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(`block ${Number(spoilt?.blockNumber)} log 0: `)
  const rows = await queryRows(
    client,
    `select event from log where payload = unhex('01') union all
    select evidence from block where block = 25 or evidence = 'trusted' group by evidence`,
  )
  expect(rows).toContainEqual({ event: '' })
  expect((await currentPin(client)).block).toBe(25)
})

async function openFollower(
  client: ClickHouseClient,
  chain: SimulatedChain,
  nodes: SimulatedNode | readonly SimulatedNode[],
  settings: Partial<FollowSettings> = {},
  onEvent: (event: FollowEvent) => void = () => undefined,
): Promise<Follower> {
  const { signal } = new AbortController()
  const sleep = (durationMs: number): Promise<void> => delay(Math.min(durationMs, 5))
  const surroundings = { nowMs: () => Date.now(), sleep, signal }
  const { deployment } = chain
  const tests = { commitBlocks: 20, settleEveryMs: 0, pinnedMs: 0, hotRowsKept: 200 }
  return createFollower({
    rpc: openRpcPool({
      urls: [nodes].flat().map((node) => node.url),
      chainId: deployment.chainId,
      attemptsMax: 1,
      ...surroundings,
    }),
    client,
    deployment,
    decoder: createLogDecoder(deployment),
    store: await openChainStore({ client, ...surroundings }, () => undefined),
    settings: { ...FOLLOW_DEFAULTS, ...tests, ...settings },
    surroundings,
    onEvent,
  })
}

/** The code of a failure that may pass; `OK` when there is none. Others are raised. */
async function codeOf(step: Promise<unknown>): Promise<string> {
  try {
    await step
    return 'OK'
  } catch (error) {
    const mayPass = error instanceof FoggaraError && error.retryable
    // A node of the corpus of errors also takes no key.
    if (mayPass || (error instanceof FoggaraError && error.code === 'RPC_REFUSED'))
      return error.code
    throw error
  }
}

function distinctEvidence(client: ClickHouseClient): Promise<unknown[]> {
  return queryRows(client, 'select distinct evidence from block order by evidence')
}

async function untilIdle(follower: Follower): Promise<void> {
  while (await follower.step());
}
