import type { ClickHouseClient } from '@foggara/database'
import { CHAIN_TABLES, type EventSource, type Table } from '@foggara/schema'

import { createLogDecoder } from '../../ingest/chain/decode-log.ts'
import { followChain } from '../../ingest/chain/follow-chain.ts'
import {
  FOLLOW_DEFAULTS,
  type FollowSettings,
  type Follower,
  createFollower,
} from '../../ingest/chain/follow.ts'
import { type RpcPool, openRpcPool } from '../../ingest/chain/rpc-pool.ts'
import type { SourceProof } from '../../ingest/scan/fetch-sources.ts'
import { indexSources } from '../../ingest/scan/source-indexed.ts'
import { openSourceMatcher } from '../../ingest/scan/source-matcher.ts'
import { openSourceStore } from '../../ingest/scan/source-store.ts'
import type { SimulatedChain } from '../../ingest/simulation/simulated-chain.ts'
import type { SimulatedNode } from '../../ingest/simulation/simulated-node.ts'
import { type ChainStore, openChainStore } from '../../ingest/store/chain-store.ts'
import type { Surroundings } from '../../ingest/surroundings.ts'

/** What follows a simulated chain, and where its rows go. */
export type FollowingOptions = {
  readonly seed: number
  readonly chain: SimulatedChain
  readonly nodes: readonly SimulatedNode[]
  readonly client: ClickHouseClient
  readonly settings: Partial<FollowSettings>
  /** All chain tables if absent. */
  readonly tables?: readonly Table[]
}

/** A follower on a store that was opened for it, as after a restart. */
export type Following = {
  readonly follower: Follower
  readonly store: Pick<ChainStore, 'head'>
  readonly rpc: RpcPool
}

/** Opens the store and follows the chain, with a clock that moves with every pause. */
export async function openFollower(options: FollowingOptions): Promise<Following> {
  const { chain, client, settings, tables = CHAIN_TABLES } = options
  const surroundings = ownTime(options.seed)
  const rpc = openPool(options, surroundings)
  const store = await openChainStore({ client, ...surroundings }, () => undefined, tables)
  const follower = createFollower({
    rpc,
    client,
    deployment: chain.deployment,
    decoder: createLogDecoder(chain.deployment),
    store,
    settings: { ...SETTINGS, ...settings },
    surroundings,
    onEvent: () => undefined,
  })
  return { follower, store, rpc }
}

/** The same with sources instead of the contracts' own tables; their database is theirs alone. */
export async function openSourceFollower(
  options: Omit<FollowingOptions, 'tables'>,
  sources: readonly EventSource[],
  proof: SourceProof,
): Promise<Following> {
  const { chain, client, settings } = options
  const { chainId, startBlock } = chain.deployment
  const surroundings = ownTime(options.seed)
  const rpc = openPool(options, surroundings)
  const store = await openSourceStore({ client, ...surroundings }, sources, () => undefined)
  const matcher = openSourceMatcher(sources)
  const onRebuilt = (): void => undefined
  const indexed = indexSources({
    rpc,
    client,
    matcher,
    proof,
    chainId,
    startBlock,
    store,
    onRebuilt,
  })
  const follower = followChain(
    { rpc, store, settings: { ...SETTINGS, ...settings }, surroundings, onEvent: () => undefined },
    indexed,
  )
  return { follower, store, rpc }
}

const SETTINGS: FollowSettings = { ...FOLLOW_DEFAULTS, settleEveryMs: 0, pinnedMs: 0 }

function ownTime(seed: number): Surroundings {
  let clockMs = 1_800_000_000_000 + seed
  return {
    nowMs: () => (clockMs += 1),
    sleep: (durationMs) => {
      clockMs += Math.ceil(durationMs)
      return Promise.resolve()
    },
    signal: new AbortController().signal,
  }
}

function openPool(
  { nodes, chain }: Pick<FollowingOptions, 'nodes' | 'chain'>,
  surroundings: Surroundings,
): RpcPool {
  return openRpcPool({
    urls: nodes.map((node) => node.url),
    chainId: chain.deployment.chainId,
    attemptsMax: 2,
    // Both make the order of requests a matter of luck, and no run would repeat itself.
    hedgeMsMin: Number.POSITIVE_INFINITY,
    requestsAtOnce: 1,
    ...surroundings,
  })
}
