import type { ClickHouseClient } from '@foggara/database'
import { FoggaraError, type Hex } from '@foggara/schema'

import { decodeHeader } from './chain/block.ts'
import { profileOf } from './chain/follow-profile.ts'
import type { FollowEvent, Follower } from './chain/follow.ts'
import { readStoredLimits } from './chain/rpc-memory.ts'
import { type RpcPool, openRpcPool } from './chain/rpc-pool.ts'
import { type IngestStatus, createProgress, progressLine, watchProviders } from './progress.ts'
import { keepIdentity } from './store/chain-identity.ts'
import { writeStatusRow } from './store/status-row.ts'
import type { Surroundings } from './surroundings.ts'

/** What following a chain into a database needs, whatever is indexed of it. */
export type FollowServiceOptions = Surroundings & {
  readonly client: ClickHouseClient
  /** The chain's providers, at least one. */
  readonly urls: readonly string[]
  readonly chainId: number
  /** Receives a line about each event worth knowing; no line holds a key or a password. */
  readonly log?: ((line: string) => void) | undefined
  readonly onEvent?: ((event: FollowEvent) => void) | undefined
}

/** A chain being followed, with what it says about itself. */
export type FollowService = {
  /** What it says about itself now; also written to the table `status`. */
  readonly status: () => IngestStatus
  /**
   * Follows until the signal aborts. Failures that may pass are reported and met; what cannot be mended
   * is written to `status` and raised, and what is indexed stays readable.
   */
  readonly run: () => Promise<void>
  /** Follows until nothing is left to do, and raises whatever fails; the newest indexed block or -1. */
  readonly catchUp: () => Promise<number>
}

/** Opens the tables and says how a follower is made once there are providers. */
export type OpenFollower = (
  onEvent: (event: FollowEvent) => void,
) => Promise<(rpc: RpcPool) => Follower>

/** The shortest time between two status rows. Unit: milliseconds. */
const STATUS_EVERY_MS = 5_000
const OPEN_AGAIN_MS = 500

/** Prepares to follow; nothing is read or written before `run` or `catchUp`. */
export function createFollowService(
  options: FollowServiceOptions,
  open: OpenFollower,
): FollowService {
  const { client, nowMs, sleep, signal, room } = options
  let pool: RpcPool | undefined
  let follower: Follower | undefined
  const progress = createProgress(nowMs, () => pool?.reports() ?? [])
  const providerChanges = watchProviders(() => pool?.reports() ?? [])
  let writtenAtMs = Number.NEGATIVE_INFINITY
  const writeStatus = async (): Promise<void> => {
    writtenAtMs = nowMs()
    await writeStatusRow(client, 'ingest', progress.status(), writtenAtMs)
  }
  const onEvent = (event: FollowEvent): void => {
    progress.note(event)
    options.onEvent?.(event)
    const line = progressLine(event, progress.status())
    if (line !== undefined) options.log?.(line)
    for (const change of providerChanges()) options.log?.(change)
    if (nowMs() - writtenAtMs < STATUS_EVERY_MS) return
    // The next row says more: one that cannot be written is no failure.
    writeStatus().catch(() => undefined)
  }
  const opened = async (): Promise<Follower> => {
    if (follower !== undefined) return follower
    const make = await open(onEvent)
    const { urls, chainId } = options
    const limits = await readStoredLimits(client)
    pool = openRpcPool({ urls, chainId, nowMs, sleep, signal, limits, room })
    await pool.checkChain()
    const genesisHash = await genesisOf(pool, chainId)
    await keepIdentity(client, { chainId, genesisHash }, nowMs())
    follower = make(pool)
    return follower
  }
  /** A database that is still starting, or starting again, is waited for. */
  const openPatiently = async (): Promise<Follower | undefined> => {
    while (!signal.aborted) {
      try {
        return await opened()
      } catch (error) {
        if (!(error instanceof FoggaraError) || !error.retryable) throw error
        onEvent({ type: 'failed', error })
        await sleep(OPEN_AGAIN_MS)
      }
    }
    return undefined
  }
  const run = async (): Promise<void> => {
    try {
      await (await openPatiently())?.run()
      progress.stop()
    } catch (error) {
      progress.fail(error)
      throw error
    } finally {
      await writeStatus().catch(() => undefined)
    }
  }
  const catchUp = async (): Promise<number> => {
    await (await opened()).catchUp()
    return progress.status().indexedBlock
  }
  return { status: () => progress.status(), run, catchUp }
}

/** The hash of a chain's first block, unless the chain is made anew now and then, or nobody has it. */
async function genesisOf(rpc: RpcPool, chainId: number): Promise<Hex | undefined> {
  if (profileOf(chainId).isMadeAnew) return undefined
  const calls = [{ method: 'eth_getBlockByNumber', params: ['0x0', false] }]
  const [outcome] = await rpc.batchSettled(calls)
  return outcome?.type === 'result' ? decodeHeader(outcome.result, rpc.shownUrl)?.hash : undefined
}
