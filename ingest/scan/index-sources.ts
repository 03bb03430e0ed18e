import type { ClickHouseClient } from '@foggara/database'
import type { EventSource } from '@foggara/schema'

import { followChain } from '../chain/follow-chain.ts'
import { FOLLOW_DEFAULTS, type FollowEvent, type FollowSettings } from '../chain/follow.ts'
import { createFollowService } from '../follow-service.ts'
import type { IngestStatus } from '../progress.ts'
import type { Surroundings } from '../surroundings.ts'
import type { SourceProof } from './fetch-sources.ts'
import { indexSources } from './source-indexed.ts'
import { openSourceMatcher } from './source-matcher.ts'
import { noteParts } from './source-parts.ts'
import { openSourceStore } from './source-store.ts'

/** How sources are followed; every field has a default. */
export type SourceSettings = Omit<FollowSettings, 'proof'> & {
  /**
   * What shows that no log is missing: for every block that may hold one its receipts, folded to the
   * root in its header; a second provider that answers the same; or nothing but the header's bloom
   * filter, as by default. The column `block.evidence` says what was found for each block.
   */
  readonly proof: SourceProof
}

/** What indexing sources needs: a chain, its sources and a database of their own. */
export type SourceOptions = Surroundings & {
  /** A client of the user who may write; the database is this chain's alone. */
  readonly client: ClickHouseClient
  /** The chain's providers, at least one: they stand in for each other and witness what others say. */
  readonly urls: readonly string[]
  readonly chainId: number
  /** The first block that is indexed. */
  readonly startBlock: number
  readonly sources: readonly EventSource[]
  readonly settings?: Partial<SourceSettings>
  /** Hears of each commit and of failures that are met. */
  readonly onEvent?: (event: SourceEvent) => void
  /** Receives a line about each event worth knowing; no line holds a key or a password. */
  readonly log?: (line: string) => void
}

/** What happened while sources were indexed. */
export type SourceEvent =
  | FollowEvent
  | { readonly type: 'rebuilt'; readonly view: string }
  /** The past of what was added to a source is there from a block on. */
  | { readonly type: 'filled'; readonly source: string; readonly coveredFrom: number }
  /** Something looks wrong and keeps nothing from going on. */
  | { readonly type: 'warned'; readonly code: string; readonly text: string }
  /** Commits lost rows; their blocks are fetched again. */
  | { readonly type: 'damaged'; readonly tables: readonly string[] }

/** Events of other contracts being indexed. */
export type SourceIndex = {
  /** What the index says about itself now; also written to the table `status` of its database. */
  readonly status: () => IngestStatus
  /** Indexes until everything that is there now is; the newest indexed block, -1 when there is none. */
  readonly catchUp: () => Promise<number>
  /**
   * Indexes until the signal aborts. Failures that may pass are reported and met with growing pauses;
   * others are raised, and what is indexed stays readable.
   */
  readonly run: () => Promise<void>
}

/**
 * Prepares to index a chain's sources; nothing is read or written before `catchUp` or `run`.
 *
 * @throws {SourceInvalidError | SourcesOverlapError | EventUnsupportedError}
 */
export function openSourceIndex(options: SourceOptions): SourceIndex {
  const { chainId, startBlock, sources, nowMs, sleep, signal } = options
  const matcher = openSourceMatcher(sources)
  const settings = { ...FOLLOW_DEFAULTS, ...options.settings }
  const tell = (event: SourceEvent): void => {
    options.onEvent?.(event)
    const line = asideLine(event)
    if (line !== undefined) options.log?.(line)
  }
  return createFollowService({ ...options, onEvent: tell }, async (onEvent) => {
    const store = await openSourceStore(options, sources, (damaged) => {
      tell({ type: 'damaged', tables: damaged.map(({ table }) => table) })
    })
    await noteParts(options.client, store, sources, startBlock)
    const proof = options.settings?.proof ?? 'none'
    return (rpc) => {
      const followed = indexSources({
        rpc,
        client: options.client,
        matcher,
        proof,
        chainId,
        startBlock,
        store,
        onRebuilt: (view) => tell({ type: 'rebuilt', view }),
        onFilled: (filled) => tell({ type: 'filled', ...filled }),
        onWarning: (code, text) => tell({ type: 'warned', code, text }),
      })
      const surroundings = { nowMs, sleep, signal }
      return followChain({ rpc, store, settings, surroundings, onEvent }, followed)
    }
  })
}

/** A line for people about what the follower does not speak of. */
function asideLine(event: SourceEvent): string | undefined {
  if (event.type === 'rebuilt') return `${event.view} is computed anew`
  if (event.type === 'filled') return `${event.source}: from block ${event.coveredFrom} on`
  if (event.type === 'warned') return `${event.code} ${event.text}`
  if (event.type !== 'damaged') return undefined
  return `ROWS_LOST ${event.tables.join(', ')}: their blocks are fetched again`
}
