import type { ClickHouseClient } from '@foggara/database'
import { type Deployment, FoggaraError } from '@foggara/schema'

import { createLogDecoder } from './chain/decode-log.ts'
import {
  FOLLOW_DEFAULTS,
  type FollowEvent,
  type FollowSettings,
  createFollower,
} from './chain/follow.ts'
import { readStoredLimits } from './chain/rpc-memory.ts'
import { type RpcPool, openRpcPool } from './chain/rpc-pool.ts'
import { type IngestStatus, createProgress, progressLine, watchProviders } from './progress.ts'
import { type ChainStore, openChainStore } from './store/chain-store.ts'
import { writeStatusRow } from './store/status-row.ts'
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

/** The shortest time between two status rows. Unit: milliseconds. */
const STATUS_EVERY_MS = 5_000
const OPEN_AGAIN_MS = 500

/** Prepares to index a deployment; nothing is read or written before `run`. */
export function createIngest(options: IngestOptions): Ingest {
  let pool: RpcPool | undefined
  const progress = createProgress(options.nowMs, () => pool?.reports() ?? [])
  const providerChanges = watchProviders(() => pool?.reports() ?? [])
  let writtenAtMs = Number.NEGATIVE_INFINITY
  const writeStatus = async (): Promise<void> => {
    writtenAtMs = options.nowMs()
    await writeStatusRow(options.client, 'ingest', progress.status(), writtenAtMs)
  }
  const onEvent = (event: FollowEvent): void => {
    progress.note(event)
    options.onEvent?.(event)
    const line = progressLine(event, progress.status())
    if (line !== undefined) options.log(line)
    for (const change of providerChanges()) options.log(change)
    if (options.nowMs() - writtenAtMs < STATUS_EVERY_MS) return
    // The next row says more: one that cannot be written is no failure.
    writeStatus().catch(() => undefined)
  }
  const run = async (): Promise<void> => {
    try {
      await follow(options, onEvent, (opened) => {
        pool = opened
      })
      progress.stop()
    } catch (error) {
      progress.fail(error)
      throw error
    } finally {
      await writeStatus().catch(() => undefined)
    }
  }
  return { status: () => progress.status(), run }
}

async function follow(
  options: IngestOptions,
  onEvent: (event: FollowEvent) => void,
  onPool: (pool: RpcPool) => void,
): Promise<void> {
  const { client, deployment, nowMs, sleep, signal } = options
  const surroundings = { nowMs, sleep, signal }
  const store = await openPatiently(options, onEvent)
  if (store === undefined) return
  const rpc = openRpcPool({
    urls: [options.rpcUrl, ...(options.otherRpcUrls ?? [])],
    chainId: deployment.chainId,
    ...surroundings,
    limits: await readStoredLimits(client),
  })
  onPool(rpc)
  const follower = createFollower({
    rpc,
    client,
    deployment,
    decoder: createLogDecoder(deployment),
    store,
    settings: { ...FOLLOW_DEFAULTS, ...options.settings },
    surroundings,
    onEvent,
  })
  await follower.run()
}

/** A database that is still starting, or starting again, is waited for. */
async function openPatiently(
  options: IngestOptions,
  onEvent: (event: FollowEvent) => void,
): Promise<ChainStore | undefined> {
  while (!options.signal.aborted) {
    try {
      return await openChainStore(options, (damaged) => {
        for (const { commit, table, expectedRows, foundRows } of damaged) {
          const blocks = `blocks ${commit.firstBlock}-${commit.lastBlock}`
          const found = `${foundRows} of ${expectedRows} rows of ${blocks}`
          options.log(`ROWS_LOST ${table}: ${found}; they are fetched again`)
        }
      })
    } catch (error) {
      if (!(error instanceof FoggaraError) || !error.retryable) throw error
      onEvent({ type: 'failed', error })
      await options.sleep(OPEN_AGAIN_MS)
    }
  }
  return undefined
}
