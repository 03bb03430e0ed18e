import { openClient, pinAt, queryRows } from '@foggara/database'
import { type View, pinnedRelations, selectText } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createChainIngest } from '../../chains/chain-ingest.ts'
import { createIngest } from '../../ingest.ts'
import { type ScratchIndex, startScratchIndex } from '../../scratch-index.ts'
import { openRandom } from '../../simulation/random.ts'
import { createSimulatedChain } from '../../simulation/simulated-chain.ts'
import { startSimulatedNode } from '../../simulation/simulated-node.ts'
import { placeAdapter } from '../adapter.ts'
import { relationRows } from '../testing/relation-rows.ts'
import { adapter } from './adapter.ts'

let scratch: ScratchIndex
beforeAll(async () => {
  scratch = await startScratchIndex()
}, 60_000)
afterAll(() => scratch[Symbol.asyncDispose]())

test('the adapter of our contracts gives the relations that the written tables give', async () => {
  const random = openRandom(31)
  const chain = createSimulatedChain(random)
  chain.mine(110)
  await using node = await startSimulatedNode(chain, random)
  const main = await scratch.open('main')
  const { url, username, password } = scratch.server
  const { deployment } = chain
  const { sources, views } = placeAdapter(adapter, deployment.chainId, addressesOf(deployment))
  const signal = new AbortController()
  const surroundings = { nowMs: Date.now, sleep: async () => undefined, signal: signal.signal }
  await using copy = createChainIngest({
    client: main,
    connection: { url, username, password },
    chain: {
      name: 'copy',
      chainId: deployment.chainId,
      rpcUrls: [node.url],
      startBlock: 1,
      sources,
      adapters: ['reference'],
      views,
    },
    ...surroundings,
  })
  const block = await copy.catchUp()
  const ingest = createIngest({
    client: main,
    deployment,
    rpcUrl: node.url,
    ...surroundings,
    log: () => undefined,
    onEvent: (event) => {
      if (event.type === 'committed' && event.lastBlock === 110) signal.abort()
    },
  })
  await ingest.run()
  const pinned = pinnedRelations(await pinAt(main, block))
  const own = openClient({ url, username, password, database: 'chain_copy' })
  let rowCount = 0
  for (const view of views) {
    const rows = await relationRows(own, view)
    expect(rows, view.name).toEqual(await pinnedRows(view))
    rowCount += rows.length
  }
  expect(rowCount).toBeGreaterThan(50)
  await own.close()

  async function pinnedRows({ name, columns }: View): Promise<readonly string[]> {
    const rows = await queryRows(main, selectText(columns, pinned.relation(name)))
    return rows.map((row) => JSON.stringify(row)).toSorted()
  }
}, 120_000)

function addressesOf({
  contracts,
}: {
  readonly contracts: Readonly<Record<string, string>>
}): Readonly<Record<string, string>> {
  const names = new Set(Object.values(adapter.sources).flatMap((each) => each.contracts))
  return Object.fromEntries(Object.entries(contracts).filter(([name]) => names.has(name)))
}
