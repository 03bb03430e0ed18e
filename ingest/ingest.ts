import type { ClickHouseClient } from '@foggara/database'
import type { Deployment } from '@foggara/schema'

import { createLogDecoder } from './chain/decode-log.ts'
import {
  FOLLOW_DEFAULTS,
  type FollowEvent,
  type FollowSettings,
  createFollower,
} from './chain/follow.ts'
import { createFollowService } from './follow-service.ts'
import type { IngestStatus } from './progress.ts'
import { openChainStore } from './store/chain-store.ts'
import type { Surroundings } from './surroundings.ts'

/** What ingest needs: one database, one deployment, RPC endpoints and its surroundings. */
export type IngestOptions = Surroundings & {
  /** A client of the user who may write, of a migrated database. */
  readonly client: ClickHouseClient
  readonly deployment: Deployment
  readonly rpcUrl: string
  /** Other providers of the chain: they stand in for the first and witness what it says. */
  readonly otherRpcUrls?: readonly string[]
  /** Receives a line about each event worth knowing; no line holds a key or a password. */
  readonly log: (line: string) => void
  readonly settings?: Partial<FollowSettings>
  /** Receives every event, for progress bars and tests. */
  readonly onEvent?: (event: FollowEvent) => void
}

/** A chain being indexed. */
export type Ingest = {
  /** What the service says about itself now; also written to the table `status`. */
  readonly status: () => IngestStatus
  /**
   * Indexes until the signal aborts. Failures that may pass are logged and met; what cannot be
   * mended is written to `status` and raised, and what is indexed stays readable.
   */
  readonly run: () => Promise<void>
}

/** Prepares to index a deployment; nothing is read or written before `run`. */
export function createIngest(options: IngestOptions): Ingest {
  const { client, deployment, nowMs, sleep, signal } = options
  const urls = [options.rpcUrl, ...(options.otherRpcUrls ?? [])]
  const { chainId } = deployment
  const { status, run } = createFollowService({ ...options, urls, chainId }, async (onEvent) => {
    const store = await openChainStore(options, (damaged) => {
      for (const { commit, table, expectedRows, foundRows } of damaged) {
        const blocks = `blocks ${commit.firstBlock}-${commit.lastBlock}`
        const found = `${foundRows} of ${expectedRows} rows of ${blocks}`
        options.log(`ROWS_LOST ${table}: ${found}; they are fetched again`)
      }
    })
    return (rpc) =>
      createFollower({
        rpc,
        client,
        deployment,
        decoder: createLogDecoder(deployment),
        store,
        settings: { ...FOLLOW_DEFAULTS, ...options.settings },
        surroundings: { nowMs, sleep, signal },
        onEvent,
      })
  })
  return { status, run }
}
