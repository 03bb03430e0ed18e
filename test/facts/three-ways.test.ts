import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { type ClickHouseClient, pinAt, queryRows } from '@foggara/database'
import { createIngest } from '@foggara/ingest'
import { type Hex, pinnedRelations } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import {
  TOKEN_UNIT,
  activateRoot,
  devnetAccounts,
  headNumber,
  mine,
  proposeRoot,
  transact,
} from '../../devnet/index.ts'
import { type ScratchIndex, startScratchIndex } from '../../ingest/scratch-index.ts'
import { insertTestRows } from '../insert-rows.ts'
import { type EntityType, entityTypes } from '../oracle/entity-versions.ts'
import { startProtocolChain } from '../oracle/protocol-chain.ts'
import { TRACED_CASES } from '../oracle/record-traces.ts'
import { type InProcessRun, runInProcess } from '../oracle/run-in-process.ts'
import { ASSET_FACTS } from './asset-facts.ts'
import { COMPUTE_FACTS } from './compute-facts.ts'
import { callAt } from './contract-call.ts'
import type { Fact, LiveEntities, Said, Sayings } from './fact.ts'
import { GOVERNANCE_FACTS } from './governance-facts.ts'
import { MARKET_FACTS } from './market-facts.ts'

const SLOW_MS = 180_000
const { manifest } = TRACED_CASES.protocol
const FACTS = [...ASSET_FACTS, ...MARKET_FACTS, ...COMPUTE_FACTS, ...GOVERNANCE_FACTS]

/** Every epoch of the chain and some to come: the view tells of those that were closed only. */
const EPOCH_COUNT = 8

let chain: Awaited<ReturnType<typeof startProtocolChain>>
let scratch: ScratchIndex
let client: ClickHouseClient
let run: InProcessRun
let types: readonly EntityType[]
/** The middle of the history, the end of its economy, and the head with its roots and claims. */
let blocks: readonly number[]

beforeAll(async () => {
  chain = await startProtocolChain()
  const { headBlock } = chain
  blocks = [Math.floor(headBlock / 2), headBlock - 10, headBlock]
  scratch = await startScratchIndex()
  client = await scratch.open('facts')
  await ingestTo(headBlock)
  await closeEpochs()
  types = entityTypes(join(dirname(manifest), 'schema.graphql'))
  run = await runInProcess(manifest, chain.anvil.rpcUrl)
  await run.runTo(headBlock)
}, SLOW_MS)

afterAll(async () => {
  await scratch?.[Symbol.asyncDispose]()
  await chain?.anvil.stop()
})

test.each(FACTS)(
  '$name: entities, views and contracts agree at three blocks',
  async (fact) => {
    let thingCount = 0
    for (const block of blocks) {
      const entities = fact.ofEntities(entitiesAt(block))
      thingCount += entities.size
      const views = await sayingsOfViews(fact, block)
      expect({ block, ...Object.fromEntries(entities) }).toEqual({
        block,
        ...Object.fromEntries(views),
      })
      await expectContracts(fact, entities, block)
    }
    expect(thingCount).toBeGreaterThan(0)
  },
  SLOW_MS,
)

test('the sums over the protocol are the sums of its parts', () => {
  const live = entitiesAt(chain.headBlock)
  const [sums = {}] = live('Protocol')
  const total = (type: string, field: string) =>
    `${live(type).reduce((sum, entity) => sum + BigInt(entity[field] ?? ''), 0n)}`
  expect(sums).toMatchObject({
    assetCount: `${live('Asset').length}`,
    licenceCount: `${live('Licence').length}`,
    proposalCount: `${live('Proposal').length}`,
    receiptCount: total('Provider', 'receiptCount'),
    paymentTotal: total('Payment', 'amount'),
    feeTotal: total('Payment', 'fee'),
    royaltyTotal: total('RoyaltyPayment', 'amount'),
    rewardTotal: total('AllocationClaim', 'amount'),
  })
  for (const field of ['createdCount', 'heldCount']) {
    expect({ [field]: total('Account', field) }).toEqual({ [field]: sums['assetCount'] })
  }
})

/** The one fact that the contracts keep and do not tell. */
test(
  'a refused challenge has no event: only the contract knows before the root is active',
  async () => {
    const { devnet } = chain
    const [account] = devnetAccounts.testers.map(({ address }) => address)
    if (account === undefined) throw new Error('expected an account')
    const manifestHash: Hex = `0x${'ee'.repeat(32)}`
    const total = 2n * TOKEN_UNIT
    await proposeRoot(devnet, {
      epoch: 2,
      root: manifestHash,
      manifestHash,
      cumulativeTotal: total,
    })
    const contract = 'RewardDistributor'
    await transact(devnet, {
      contract,
      functionName: 'challengeRoot',
      args: [2, manifestHash],
      from: account,
    })
    expect(await statusesOfSecondEpoch()).toEqual(['CHALLENGED', 'CHALLENGED', 'CHALLENGED'])
    await transact(devnet, {
      contract,
      functionName: 'resolveChallenge',
      args: [2, false],
      from: devnetAccounts.arbiter.address,
    })
    expect(await statusesOfSecondEpoch()).toEqual(['CHALLENGED', 'CHALLENGED', 'PROPOSED'])
    await mine(devnet, 3)
    await activateRoot(devnet, 2)
    expect(await statusesOfSecondEpoch()).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE'])
  },
  SLOW_MS,
)

/** What entities, views and contracts say at the head. */
async function statusesOfSecondEpoch(): Promise<readonly (string | undefined)[]> {
  const fact = GOVERNANCE_FACTS.find(({ name }) => name.startsWith('epochs'))
  if (fact === undefined) throw new Error('expected a fact about epochs')
  const block = await headNumber(chain.devnet)
  await ingestTo(block)
  await run.runTo(block)
  const said = fact.ofEntities(entitiesAt(block)).get('2') ?? {}
  const views = await sayingsOfViews(fact, block)
  const contracts = await fact.ofContracts?.(callAt(chain.devnet, block), '2', said)
  return [said, views.get('2'), contracts].map((one) => one?.['status'])
}

async function expectContracts(fact: Fact, entities: Sayings, block: number): Promise<void> {
  const call = callAt(chain.devnet, block)
  const count = Number((await fact.countOfContracts?.(call)) ?? entities.size)
  expect({ block, count: entities.size }).toEqual({ block, count })
  if (fact.ofContracts === undefined) return
  for (const [id, said] of entities) {
    const contracts = await fact.ofContracts(call, id, said)
    expect({ at: block, id, said }).toMatchObject({ at: block, id, said: contracts })
  }
}

async function sayingsOfViews(fact: Fact, block: number): Promise<Sayings> {
  const relations = pinnedRelations(await pinAt(client, block))
  const rows = await queryRows<Said>(client, fact.ofViews(relations))
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  return new Map(
    rows.map(({ id = '', ...said }) => [
      id,
      Object.fromEntries(
        Object.entries(said).map(([name, value]) => [name.replace('said_', ''), value]),
      ),
    ]),
  )
}

/** Lists are joined with commas, and what is null is empty: as the views are asked to say it. */
function entitiesAt(block: number): LiveEntities {
  return (typeName) => {
    const type = types.find(({ name }) => name === typeName)
    if (type === undefined) throw new Error(`expected an entity type, found ${typeName}`)
    return run
      .versions(type)
      .filter(({ fromBlock, toBlock }) => fromBlock <= block && (toBlock ?? Infinity) > block)
      .map(({ fields }) =>
        Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [name, value?.toString() ?? '']),
        ),
      )
  }
}

/** Epochs as if they had been closed: what view `epoch` is about. */
async function closeEpochs(): Promise<void> {
  const epochs = Array.from({ length: EPOCH_COUNT }, (_, place) => ({
    commit_seq: 1,
    epoch: place + 1,
  }))
  await insertTestRows(client, 'closed_epoch', epochs)
  await insertTestRows(client, 'commits', [{ stream: 'epoch', commit_seq: 1 }])
}

/** Our own ingest up to a block. */
async function ingestTo(headBlock: number): Promise<void> {
  const stop = new AbortController()
  const ingest = createIngest({
    client,
    deployment: chain.devnet.deployment,
    rpcUrl: chain.anvil.rpcUrl,
    nowMs: () => Date.now(),
    sleep: (durationMs) => delay(durationMs),
    signal: stop.signal,
    log: () => undefined,
  })
  const running = ingest.run()
  const deadlineMs = Date.now() + SLOW_MS
  while (ingest.status().indexedBlock < headBlock) {
    if (Date.now() > deadlineMs) throw new Error(`expected block ${headBlock} to be indexed`)
    await Promise.race([delay(20), running])
  }
  stop.abort()
  await running
}
