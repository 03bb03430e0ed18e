import type { ClickHouseClient } from '@foggara/database'
import { CHAIN_TABLES, type Table } from '@foggara/schema'

import { createLogDecoder } from '../../ingest/chain/decode-log.ts'
import {
  FOLLOW_DEFAULTS,
  type FollowSettings,
  type Follower,
  createFollower,
} from '../../ingest/chain/follow.ts'
import { type RpcPool, openRpcPool } from '../../ingest/chain/rpc-pool.ts'
import type { SimulatedChain } from '../../ingest/simulation/simulated-chain.ts'
import type { SimulatedNode } from '../../ingest/simulation/simulated-node.ts'
import type { DamagedCommit } from '../../ingest/store/audit.ts'
import { type ChainStore, openChainStore } from '../../ingest/store/chain-store.ts'

/** What follows a simulated chain, and where its rows go. */
export type FollowingOptions = {
  readonly seed: number
  readonly chain: SimulatedChain
  readonly nodes: readonly SimulatedNode[]
  readonly client: ClickHouseClient
  readonly settings: Partial<FollowSettings>
  /** All chain tables if absent. */
  readonly tables?: readonly Table[]
  readonly onDamage?: (damaged: readonly DamagedCommit[]) => void
}

/** A follower on a store that was opened for it, as after a restart. */
export type Following = {
  readonly follower: Follower
  readonly store: ChainStore
  readonly rpc: RpcPool
}

/** Opens the store and follows the chain, with a clock that moves with every pause. */
export async function openFollower(options: FollowingOptions): Promise<Following> {
  const { seed, chain, nodes, client, settings, tables = CHAIN_TABLES } = options
  let clockMs = 1_800_000_000_000 + seed
  const surroundings = {
    nowMs: () => (clockMs += 1),
    sleep: (durationMs: number): Promise<void> => {
      clockMs += Math.ceil(durationMs)
      return Promise.resolve()
    },
    signal: new AbortController().signal,
  }
  const rpc = openRpcPool({
    urls: nodes.map((node) => node.url),
    chainId: chain.deployment.chainId,
    attemptsMax: 2,
    // Both make the order of requests a matter of luck, and no run would repeat itself.
    hedgeMsMin: Number.POSITIVE_INFINITY,
    requestsAtOnce: 1,
    ...surroundings,
  })
  const onDamage = options.onDamage ?? (() => undefined)
  const store = await openChainStore({ client, ...surroundings }, onDamage, tables)
  const follower = createFollower({
    rpc,
    client,
    deployment: chain.deployment,
    decoder: createLogDecoder(chain.deployment),
    store,
    settings: { ...FOLLOW_DEFAULTS, settleEveryMs: 0, pinnedMs: 0, ...settings },
    surroundings,
    onEvent: () => undefined,
  })
  return { follower, store, rpc }
}
