import { type ChainPlan, type SourceEvent, createChainIngest } from '@foggara/ingest'
import { FoggaraError } from '@foggara/schema'

import type { Board } from '../live/board.ts'
import type { Log } from '../log/log-entry.ts'
import type { OpenDatabase } from './open-database.ts'
import { progressLines } from './progress.ts'
import type { Surroundings } from './surroundings.ts'

const PROGRESS_EVERY_MS = 10_000

/** What following the chains of the settings needs. */
export type FollowChainsOptions = {
  readonly chains: readonly ChainPlan[]
  readonly database: OpenDatabase
  readonly surroundings: Surroundings
  readonly log: Log
  readonly board: Board
}

/**
 * Indexes the chains of the settings until the end, each by itself: what one cannot get over is said,
 * stands in its status, and stops it alone.
 */
export async function followChains(options: FollowChainsOptions): Promise<void> {
  await Promise.all(options.chains.map((chain) => followChain(options, chain)))
}

async function followChain(
  { database, surroundings, log, board }: FollowChainsOptions,
  chain: ChainPlan,
): Promise<void> {
  const say: Log = (line, more) => log(`chain ${chain.name}: ${line}`, more)
  try {
    await using ingest = createChainIngest({
      client: database.client,
      connection: database.connection,
      chain,
      ...surroundings,
      onEvent: eventTeller(chain, surroundings, say),
    })
    board.addChain(chain.name, ingest.status)
    await ingest.run()
  } catch (error) {
    if (!(error instanceof FoggaraError) || surroundings.signal.aborted) throw error
    say(`stands still: ${error.code} ${error.message}`, { hint: error.hint })
  }
}

/** Tells of progress now and then, and of trouble when it changes. */
function eventTeller(
  { name }: ChainPlan,
  { nowMs }: Surroundings,
  say: Log,
): (event: SourceEvent) => void {
  const progress = progressLines('indexed', 'blocks', { nowMs, everyMs: PROGRESS_EVERY_MS })
  let lastTrouble: string | undefined
  return (event) => {
    switch (event.type) {
      case 'committed': {
        lastTrouble = undefined
        const line = progress({ done: event.lastBlock, total: event.chainHeadBlock })
        if (line !== undefined) say(line, { isProgress: true })
        if (event.retractedBlocks > 0) say(`reorg of ${event.retractedBlocks} blocks`)
        return
      }
      case 'failed': {
        const trouble = `${event.error.code}: ${event.error.message}`
        if (trouble !== lastTrouble) say(trouble)
        lastTrouble = trouble
        return
      }
      case 'contested':
        return say(`FORK_CONTESTED block ${event.block}: providers disagree, nothing is undone`)
      case 'damaged':
        return say(`ROWS_LOST ${event.tables.join(', ')}: they are fetched again`)
      case 'rebuilt':
        return say(`${event.view} is computed anew: chain_${name}.${event.view}`)
      case 'filled':
        return say(`the past of ${event.source} is fetched down to block ${event.coveredFrom}`)
      case 'warned':
        return say(`${event.code}: ${event.text}`)
      case 'looked':
      case 'settled':
    }
  }
}
