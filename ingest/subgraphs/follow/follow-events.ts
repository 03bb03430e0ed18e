import type { FoggaraError } from '@foggara/schema'

import type { BlockPoint, SubgraphFailure } from '../entity-cache/entity-store.ts'
import type { WaitingFile } from '../files/file-monitor.ts'
import type { BlockReport } from '../subgraph-runner.ts'
import type { RunCondition } from './followed-run.ts'

/** How subgraphs follow a chain; every field has a default. */
export type SubgraphFollowSettings = {
  /** Pause between looks at the chain once everything ran; 500 by default. */
  readonly pollMs: number
  /** Blocks behind the newest that count as final when the node does not say; 64 by default. */
  readonly finalityDepth: number
  /** Most blocks of one request for logs; 2,000 by default. */
  readonly rangeBlocksMax: number
  /** The last block that runs; undefined for no end. */
  readonly until: number | undefined
  /**
   * How often a block or the chain is tried before its failure counts as one that stays; without end
   * by default.
   */
  readonly attemptsMax: number
}

/** What happened: for progress lines, status rows and tests. */
export type SubgraphEvent =
  | { readonly type: 'looked'; readonly latest: number; readonly finalized: number }
  | {
      readonly type: 'ran'
      readonly name: string
      readonly block: BlockPoint
      readonly report: BlockReport
    }
  /** Everything up to the block ran or had nothing to run. */
  | { readonly type: 'passed'; readonly name: string; readonly blockNumber: number }
  | { readonly type: 'reverted'; readonly name: string; readonly from: number; readonly to: number }
  | { readonly type: 'failed'; readonly name: string; readonly failure: SubgraphFailure }
  | {
      readonly type: 'retrying'
      readonly name: string
      readonly error: FoggaraError
      readonly waitMs: number
    }
  | { readonly type: 'stopped'; readonly name: string; readonly error: FoggaraError }
  /** The chain could not be read, or a store not written; that is tried again. */
  | { readonly type: 'trouble'; readonly error: FoggaraError; readonly waitMs: number }

/** Where a followed subgraph is. */
export type FollowedState = {
  readonly name: string
  readonly condition: RunCondition
  /** Up to here everything ran or had nothing to run. */
  readonly position: number
  readonly firstBlock: number
  readonly error: FoggaraError | undefined
  /** The handler that failed for good. */
  readonly failure: SubgraphFailure | undefined
  /** Files that handlers named and that are not here yet. */
  readonly waitingFiles: readonly WaitingFile[]
}

/** What holds unless a caller says otherwise. */
export const SUBGRAPH_FOLLOW_DEFAULTS: SubgraphFollowSettings = {
  pollMs: 500,
  finalityDepth: 64,
  rangeBlocksMax: 2_000,
  until: undefined,
  attemptsMax: Number.POSITIVE_INFINITY,
}
