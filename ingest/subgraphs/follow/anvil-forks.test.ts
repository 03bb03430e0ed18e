import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { openRpc as openDevnetRpc } from '../../../devnet/rpc.ts'
import { playFuzzBlocks, startFuzzChain } from '../../../test/oracle/fuzz-chain.ts'
import { openRpc } from '../../chain/rpc.ts'
import { openRandom } from '../../simulation/random.ts'
import { type MemoryStore, openMemoryStore } from '../entity-cache/memory-store.ts'
import { loadSubgraph } from '../manifest/load-subgraph.ts'
import { openRpcChain } from '../rpc-chain.ts'
import { openSubgraphRunner } from '../subgraph-runner.ts'
import { storeState } from '../testing/store-state.ts'
import { SUBGRAPH_FOLLOW_DEFAULTS, type SubgraphEvent } from './follow-events.ts'
import { createSubgraphFollower } from './subgraph-follower.ts'

const FUZZ = join(import.meta.dirname, '../../../test/oracle/fuzz/build')
const SEED = 1_923
const FAILURES_PER_MILLE = 10

test(`a real chain that reorganises 1 to 10 blocks while it is followed leaves what a fresh run finds (seed ${SEED})`, async () => {
  const random = openRandom(SEED)
  const chain = await startFuzzChain({ seed: 'follow', failuresPerMille: FAILURES_PER_MILLE }, 14)
  await using _ = { [Symbol.asyncDispose]: () => chain.anvil.stop() }
  const { rpcUrl } = chain.anvil
  const store = openMemoryStore()
  const events: SubgraphEvent[] = []
  const stopping = new AbortController()
  const follower = await open(rpcUrl, store, stopping.signal, (event) => events.push(event))
  const running = follower.run()
  const rpc = openDevnetRpc(rpcUrl)
  let head = chain.headBlock
  for (const depth of [3, 10, 1, 7, 2, 9, 4, 8, 5, 6]) {
    // Sometimes the follower has seen everything before the fork, sometimes a part.
    const seen = head - random.below(depth)
    await until(() => (follower.states()[0]?.position ?? 0) >= seen)
    await rpc.request('anvil_rollback', depth)
    const branch = { seed: `follow ${head}`, failuresPerMille: FAILURES_PER_MILLE }
    await playFuzzBlocks(chain.anvil, branch, head - depth + 1, head + 1)
    head += 1
  }
  await until(() => follower.states()[0]?.position === head)
  stopping.abort()
  await running
  const fresh = openMemoryStore()
  const undisturbed = await open(rpcUrl, fresh, new AbortController().signal, () => undefined)
  while (await undisturbed.step());
  expect(storeState(store)).toEqual(storeState(fresh))
  expect(fresh.lastBlock()?.number).toBe(head)
  expect(fresh.failures().length).toBeGreaterThan(0)
  const reverts = events.flatMap((event) => (event.type === 'reverted' ? [event] : []))
  expect(Math.max(...reverts.map(({ from, to }) => from - to))).toBeGreaterThan(4)
}, 240_000)

async function open(
  rpcUrl: string,
  store: MemoryStore,
  signal: AbortSignal,
  onEvent: (event: SubgraphEvent) => void,
) {
  const sleep = (durationMs: number): Promise<void> => delay(Math.min(durationMs, 20))
  const rpc = openRpc({ url: rpcUrl, sleep, signal })
  const subgraph = await loadSubgraph(FUZZ)
  const runner = openSubgraphRunner({ subgraph, store, chain: openRpcChain(rpc) })
  return createSubgraphFollower({
    rpc,
    subgraphs: [{ name: 'fuzz', subgraph, store, runner }],
    settings: { ...SUBGRAPH_FOLLOW_DEFAULTS, pollMs: 20 },
    surroundings: { nowMs: () => 20 * performance.now(), sleep, signal },
    onEvent,
  })
}

async function until(isDone: () => boolean): Promise<void> {
  const deadline = performance.now() + 100_000
  while (!isDone()) {
    if (performance.now() > deadline) throw new Error('expected it to be done in time')
    await delay(20)
  }
}
