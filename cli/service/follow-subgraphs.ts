import { type NamedSubgraph, openSubgraphIngest } from '@foggara/ingest'
import { FoggaraError } from '@foggara/schema'

import type { Board } from '../live/board.ts'
import type { Log, LogMore } from '../log/log-entry.ts'
import { errorLines, followLines, statusLine } from '../subgraph/follow-lines.ts'
import { openChainRpc } from '../subgraph/open-chain-rpc.ts'
import type { OpenChain } from './open-chain.ts'
import type { OpenDatabase } from './open-database.ts'
import type { Surroundings } from './surroundings.ts'

const PROGRESS_EVERY_MS = 10_000

/** What following a service's chain with subgraphs needs. */
export type FollowSubgraphsOptions = {
  readonly subgraphs: readonly NamedSubgraph[]
  readonly database: OpenDatabase
  readonly chain: OpenChain
  readonly surroundings: Surroundings
  readonly log: Log
  readonly board: Board
}

/**
 * Runs subgraphs beside the index until the end. What they cannot get over is said, and stops them
 * alone. The local chain is followed from its first blocks on: it forgets the states that handlers
 * read from contracts.
 */
export async function followSubgraphs(options: FollowSubgraphsOptions): Promise<void> {
  const { subgraphs, database, chain, surroundings, log, board } = options
  if (subgraphs.length === 0) return
  const lines = followLines(false)
  const say = (line: string, more?: LogMore) => log(`subgraph: ${line}`, more)
  try {
    const rpc = await openChainRpc([chain.rpcUrl, ...chain.otherRpcUrls], surroundings)
    const ingest = await openSubgraphIngest({
      client: database.client,
      rpc,
      subgraphs,
      ...surroundings,
      onEvent: (event) => lines.note(event).forEach((line) => say(line)),
    })
    board.setSubgraphs(ingest.statuses)
    const progress = setInterval(() => {
      for (const status of ingest.statuses()) {
        if (status.state !== 'backfilling') continue
        say(statusLine(status, undefined), { isProgress: true })
      }
    }, PROGRESS_EVERY_MS)
    await ingest.run().finally(() => clearInterval(progress))
    for (const status of ingest.statuses()) errorLines(status).forEach((line) => say(line))
  } catch (error) {
    if (!(error instanceof FoggaraError) || surroundings.signal.aborted) throw error
    say(`stands still: ${error.code} ${error.message}`, { hint: error.hint })
  }
}
