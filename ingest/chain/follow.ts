import type { FoggaraError } from '@foggara/schema'

import type { BlockId, ChainStore } from '../store/chain-store.ts'
import type { Surroundings } from '../surroundings.ts'
import { followChain } from './follow-chain.ts'
import type { Finality } from './follow-profile.ts'
import { indexDeployment } from './index-deployment.ts'
import type { IndexContext } from './index-range.ts'
import type { RpcPool } from './rpc-pool.ts'

/** How a chain is followed; every field has a default. */
export type FollowSettings = {
  /** Pause between looks at the chain once everything is indexed; 500 by default. */
  readonly pollMs: number
  /** Most blocks of one ordinary commit; 2,000 by default. */
  readonly commitBlocks: number
  /** When blocks are final; by default what the chain is known for. */
  readonly finality: Finality | undefined
  /**
   * What shows that no log is missing: the contracts' own accumulators, or, for every block that may
   * hold a log, its receipts folded to the root in its header; `accumulators` by default.
   */
  readonly proof: 'accumulators' | 'receipts'
  /** Final blocks that are moved to the settled tables together; 64 by default. */
  readonly settleBlocks: number
  /** Shortest time between two moves; 10,000 by default. */
  readonly settleEveryMs: number
  /** How long rows that were moved or retracted stay for pinned readers; 60,000 by default. */
  readonly pinnedMs: number
  /** Retracted attempts that are removed together; 16 by default. */
  readonly collectCountMin: number
  /** Rows of final blocks that each hot table may keep; 2,000 by default. */
  readonly hotRowsKept: number
}

export const FOLLOW_DEFAULTS: FollowSettings = {
  pollMs: 500,
  commitBlocks: 2_000,
  finality: undefined,
  proof: 'accumulators',
  settleBlocks: 64,
  settleEveryMs: 10_000,
  pinnedMs: 60_000,
  collectCountMin: 16,
  hotRowsKept: 2_000,
}

/** What happened: for progress lines, status rows and tests. */
export type FollowEvent =
  | {
      readonly type: 'looked'
      readonly chainHead: BlockId
      readonly finalizedBlock: number
      /** The newest indexed block before this look; -1 when none is. */
      readonly indexedBlock: number
      /** The newest block that cannot be undone; -1 when none is. */
      readonly settledBlock: number
      readonly isLagging: boolean
    }
  | {
      readonly type: 'committed'
      readonly firstBlock: number
      readonly lastBlock: number
      readonly chainHeadBlock: number
      readonly logCount: number
      readonly retractedBlocks: number
      readonly atSeconds: number
      /** Logs that are kept raw because they could not be decoded. */
      readonly problems: readonly string[]
      /** How long it took to fetch and prove the range, and to store it. */
      readonly fetchMs: number
      readonly commitMs: number
    }
  /** Providers disagree about an indexed block; nothing is undone until two agree. */
  | { readonly type: 'contested'; readonly block: number }
  | { readonly type: 'settled'; readonly block: number; readonly durationMs: number }
  | { readonly type: 'failed'; readonly error: FoggaraError }

export type FollowOptions = IndexContext & {
  readonly rpc: RpcPool
  readonly store: ChainStore
  readonly settings: FollowSettings
  readonly surroundings: Surroundings
  readonly onEvent: (event: FollowEvent) => void
}

/** Follows a chain one step at a time. */
export type Follower = {
  /** Looks at the chain once and commits at most one range; true when there is more to do. */
  readonly step: () => Promise<boolean>
  /**
   * Steps until the signal aborts. Failures that may pass are reported and met with growing pauses;
   * others are raised: `RPC_WRONG_CHAIN`, `CHAIN_REORG_BELOW_FINALITY`, `WRITER_FENCED`, ….
   */
  readonly run: () => Promise<void>
  /** Steps until nothing is left to do, then settles what is final. */
  readonly catchUp: () => Promise<void>
}

/** Prepares to follow the deployment's chain into its store. */
export function createFollower(options: FollowOptions): Follower {
  const way = options.settings.proof === 'receipts' ? 'receipts' : 'logs'
  return followChain(options, indexDeployment({ ...options, way }))
}
