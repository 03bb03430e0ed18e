import { type ClickHouseClient, currentPin, pinAtHash, queryRows } from '@foggara/database'
import {
  ASSET_VIEWS,
  COMPUTE_VIEWS,
  GOVERNANCE_VIEWS,
  type Hex,
  MARKET_VIEWS,
  type Pin,
  pinnedRelations,
} from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchIndex, startScratchIndex, visibleRows } from '../../ingest/scratch-index.ts'
import { createKillingClient } from '../../ingest/simulation/killing-client.ts'
import { openRandom } from '../../ingest/simulation/random.ts'
import {
  type SimulatedChain,
  createSimulatedChain,
} from '../../ingest/simulation/simulated-chain.ts'
import { type SimulatedNode, startSimulatedNode } from '../../ingest/simulation/simulated-node.ts'
import { mapConcurrently } from '../../ingest/store/map-concurrently.ts'
import { type Following, openFollower } from './open-follower.ts'

const DEPTH = 50
const READERS = 2
const SEED = 50
const ROLL_UPS = [...ASSET_VIEWS, ...MARKET_VIEWS, ...GOVERNANCE_VIEWS, ...COMPUTE_VIEWS]

let scratch: ScratchIndex

beforeAll(async () => {
  scratch = await startScratchIndex()
})
afterAll(() => scratch[Symbol.asyncDispose]())

test(`a reorganisation of ${DEPTH} blocks, under readers, is one insert a table: no row changes, and every answer is of the chain before or after (seed ${SEED})`, async () => {
  const chain = createSimulatedChain(openRandom(SEED))
  chain.mine(110)
  await using node = await startSimulatedNode(chain, openRandom(SEED))
  node.finalityDepth = 90
  const client = await scratch.open('deep')
  const steps: string[] = []
  const counting = createKillingClient(
    client,
    (step) => void steps.push(step),
    () => undefined,
  )
  const following = await follow(counting, chain, node)
  const before = await currentPin(client)
  const rollUpsBefore = await rollUps(client, before)
  const heads = new Map([headOf(chain)])
  chain.reorg(DEPTH)
  heads.set(...headOf(chain))

  const partsBefore = await hotParts(client)
  steps.length = 0
  const reading = { isOver: false, answers: 0 }
  const readers = Array.from({ length: READERS }, () => readOn(client, heads, reading))
  await catchUp(following, chain)
  const answersMin = reading.answers + 2 * READERS
  while (reading.answers < answersMin) await Promise.race([...readers, pause()])
  reading.isOver = true
  await Promise.all(readers)

  const writes = steps.filter((step) => step !== 'select')
  const tables = writes.filter((step) => step !== 'insert commits')
  expect(writes.filter((step) => !step.startsWith('insert '))).toEqual([])
  expect(writes.filter((step) => step === 'insert commits')).toHaveLength(1)
  expect(new Set(tables).size).toBe(tables.length)
  expect((await hotParts(client)) - partsBefore).toBeLessThanOrEqual(writes.length)
  expect(await queryRows(client, MUTATIONS)).toEqual([{ mutations: '0' }])

  expect(await rollUps(client, before)).toEqual(rollUpsBefore)
  const clean = await scratch.open('clean')
  await follow(clean, chain, node)
  expect(await visibleRows(client)).toEqual(await visibleRows(clean))
  const after = await currentPin(client)
  expect(await rollUps(client, after)).toEqual(await rollUps(clean, await currentPin(clean)))
  expect(await rollUps(client, after)).not.toEqual(rollUpsBefore)

  const refused: unknown = await pinAtHash(client, before.blockHash).catch((error) => error)
  expect(refused).toMatchObject({
    code: 'BLOCK_NOT_INDEXED',
    message: `block ${before.blockHash}: expected an indexed block, found an index that ends at block ${after.block}`,
    hint: expect.stringContaining('replaced by a reorganisation'),
  })
}, 300_000)

const MUTATIONS =
  'select count() as mutations from system.mutations where database = currentDatabase()'

async function follow(
  client: ClickHouseClient,
  chain: SimulatedChain,
  node: SimulatedNode,
): Promise<Following> {
  const settings = { pinnedMs: 600_000, settleBlocks: 1_000 }
  const following = await openFollower({ seed: SEED, chain, nodes: [node], client, settings })
  await catchUp(following, chain)
  return following
}

async function catchUp({ follower, store }: Following, chain: SimulatedChain): Promise<void> {
  const head = chain.blocks().at(-1)
  while (store.head()?.hash !== head?.hash) await follower.step()
}

/** The newest block's hash, with what an index that ends there holds. */
function headOf(chain: SimulatedChain): readonly [Hex | undefined, string] {
  const blocks = chain.blocks()
  const logCount = blocks.reduce((sum, { logs }) => sum + logs.length, 0)
  return [blocks.at(-1)?.hash, `${blocks.length - 1} blocks, ${logCount} logs`]
}

/** Asks for everything at the newest cut again and again; each answer must be of one chain. */
async function readOn(
  client: ClickHouseClient,
  heads: ReadonlyMap<Hex | undefined, string>,
  reading: { readonly isOver: boolean; answers: number },
): Promise<void> {
  while (!reading.isOver) {
    const pin = await currentPin(client)
    const pinned = pinnedRelations(pin)
    const [found] = await queryRows<{ text: string }>(
      client,
      `select concat(
        (select toString(count()) from ${pinned.relation('block')}), ' blocks, ',
        (select toString(count()) from ${pinned.relation('log')}), ' logs'
      ) as text`,
    )
    expect(found?.text).toBe(heads.get(pin.blockHash))
    reading.answers += 1
  }
}

/** What each view that adds events up says at a pin: its rows, and a digest of them in any order. */
async function rollUps(client: ClickHouseClient, pin: Pin): Promise<readonly string[]> {
  const relations = pinnedRelations(pin)
  return mapConcurrently(ROLL_UPS, 3, async ({ name }) => {
    const [row] = await queryRows<{ rows: string; digest: string }>(
      client,
      `select count() as rows, groupBitXor(cityHash64(*)) as digest from ${relations.relation(name)}`,
    )
    return `${name}: ${row?.rows} rows, ${row?.digest}`
  })
}

async function hotParts(client: ClickHouseClient): Promise<number> {
  const [row] = await queryRows<{ parts: string }>(
    client,
    'select count() as parts from system.parts where database = currentDatabase()',
  )
  return Number(row?.parts)
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20))
}
