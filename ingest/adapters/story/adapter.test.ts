import {
  type ClickHouseClient,
  type ScratchDatabase,
  command,
  openClient,
  startScratchDatabase,
} from '@foggara/database'
import { STATUS_TABLE, type View, createTable } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createChainIngest } from '../../chains/chain-ingest.ts'
import { joinedViews } from '../../chains/chain-views.ts'
import { openRandom } from '../../simulation/random.ts'
import { type SimulatedChain, createSimulatedChain } from '../../simulation/simulated-chain.ts'
import { startSimulatedNode } from '../../simulation/simulated-node.ts'
import { placeAdapter } from '../adapter.ts'
import { expectedRows, relationRows } from '../testing/relation-rows.ts'
import { adapter } from './adapter.ts'
import { foldStory } from './testing/story-fold.ts'
import { createStoryLife } from './testing/story-logs.ts'

/** Not Story's own: a chain whose newest blocks can still change. */
const CHAIN_ID = 9_151
const ADDRESSES = adapter.chains[1514]?.addresses ?? {}
const { sources, views } = placeAdapter(adapter, CHAIN_ID, ADDRESSES)
const RELATIONS = joinedViews(views)

let scratch: ScratchDatabase
beforeAll(async () => {
  scratch = await startScratchDatabase()
}, 60_000)
afterAll(() => scratch[Symbol.asyncDispose]())

test('the domain relations are what a plain fold over the logs says, also after a reorganisation', async () => {
  const random = openRandom(20_261_123)
  const shape = { chainId: CHAIN_ID, blockSeconds: 3, transactionsOf: createStoryLife(sources) }
  const chain = createSimulatedChain(random, undefined, shape)
  await using node = await startSimulatedNode(chain, random)
  const main = scratch.writer
  for (const statement of createTable(STATUS_TABLE, 'single')) await command(main, statement)
  const { url, username, password } = scratch.database
  const connection = { url, username, password }
  const own = openClient({ ...connection, database: 'chain_story' })
  const { signal } = new AbortController()
  await using ingest = createChainIngest({
    client: main,
    connection,
    chain: {
      name: 'story',
      chainId: CHAIN_ID,
      rpcUrls: [node.url],
      startBlock: 1,
      sources,
      adapters: ['story'],
      views,
    },
    nowMs: Date.now,
    sleep: async () => undefined,
    signal,
  })
  chain.mine(130)
  await agree(chain, own, await ingest.catchUp())
  chain.reorg(20)
  chain.mine(60)
  const counts = await agree(chain, own, await ingest.catchUp())
  for (const { name } of RELATIONS) expect(counts.get(name), name).toBeGreaterThan(4)
  expect(ingest.status()).toMatchObject({ errorCode: '', relations: RELATIONS.map(nameOf) })
  await own.close()
}, 120_000)

test('its relations have the columns of the product’s own', () => {
  expect(RELATIONS.map(nameOf)).toEqual([
    'story_group_member',
    'story_payment',
    'dispute',
    'asset',
    'edge',
    'licence_terms',
    'licence',
    'payment',
    'royalty',
  ])
})

async function agree(
  chain: SimulatedChain,
  client: ClickHouseClient,
  block: number,
): Promise<ReadonlyMap<string, number>> {
  const folded = foldStory(sources, chain.blocks().slice(0, block + 1))
  const counts = new Map<string, number>()
  for (const view of RELATIONS) {
    const rows = await relationRows(client, view)
    expect(rows, view.name).toEqual(expectedRows(view, folded[view.name] ?? []))
    counts.set(view.name, rows.length)
  }
  return counts
}

function nameOf({ name }: View): string {
  return name
}
