import { openEpochStore } from '@foggara/ingest'
import { parseAddress } from '@foggara/schema'

import type { Config } from '../config.ts'
import { createEpochComputer } from '../score/epoch-computer.ts'
import { type EpochRoots, openEpochRoots } from '../score/epoch-roots.ts'
import { type Scorer, createScorer } from '../score/scorer.ts'
import { storeEpoch } from '../score/store-epoch.ts'
import type { OpenChain } from './open-chain.ts'
import type { OpenDatabase } from './open-database.ts'
import type { Surroundings } from './surroundings.ts'

/** Opens the scorer of an economy: the only writer of its closed epochs. */
export async function openScorer(
  config: Config,
  database: OpenDatabase,
  chain: OpenChain,
  surroundings: Surroundings,
  log: (line: string) => void,
): Promise<Scorer & AsyncDisposable & { readonly roots: EpochRoots }> {
  const { client } = database
  const { chainId, contracts } = chain.deployment
  const distributor = parseAddress(contracts.RewardDistributor)
  const epochs = await openEpochStore({ client, ...surroundings })
  const computer = createEpochComputer(
    { engine: config.engine, threadCount: config.engineThreads, takesSoftwareGpu: false },
    surroundings.signal,
  )
  const roots = openEpochRoots({
    client,
    rpcUrl: chain.rpcUrl,
    chainId,
    distributor,
    proposerKey: chain.proposerKey,
    proposes: config.proposeRoots,
    activates: config.activateRoots,
  })
  const scorer = createScorer({
    client,
    compute: computer.compute,
    chainId,
    distributor,
    roots,
    log: (line) => log(`score: ${line}`),
    nowMs: surroundings.nowMs,
    sleep: surroundings.sleep,
    stopped: surroundings.signal,
    store: (snapshot, result) => storeEpoch(epochs, snapshot, result),
  })
  return { ...scorer, roots, [Symbol.asyncDispose]: computer[Symbol.asyncDispose] }
}
