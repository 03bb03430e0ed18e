import { type FollowEvent, type Ingest, createIngest } from '@foggara/ingest'

import type { Log } from '../log/log-entry.ts'
import type { OpenChain } from './open-chain.ts'
import type { OpenDatabase } from './open-database.ts'
import { progressLines } from './progress.ts'
import { runWithRules } from './run-with-rules.ts'
import type { Surroundings } from './surroundings.ts'

/** An index that is kept up with its chain. */
export type Indexing = Ingest & {
  /** Resolves when the chain's history is there and all of it is indexed. */
  readonly caughtUp: Promise<void>
}

const PROGRESS_EVERY_MS = 1_000

/** Prepares to follow a chain into a database; lines tell of progress first, of trouble always. */
export function indexChain(
  database: OpenDatabase,
  chain: OpenChain,
  surroundings: Surroundings,
  log: Log,
): Indexing {
  const caughtUp = Promise.withResolvers<void>()
  let isCaughtUp = false
  let isHistoryThere = false
  /** The newest block of the chain at the first look after its history was there. */
  let targetBlock: number | undefined
  let looksInARow = 0
  let lastTrouble: string | undefined
  const progress = progressLines('index:', 'blocks', {
    nowMs: surroundings.nowMs,
    everyMs: PROGRESS_EVERY_MS,
  })
  const noteHistory = async (): Promise<void> => {
    await chain.history
    isHistoryThere = true
    looksInARow = 0
  }
  void noteHistory()
  const onEvent = (event: FollowEvent): void => {
    if (isCaughtUp) return
    if (event.type === 'looked') {
      looksInARow++
      if (isHistoryThere) targetBlock ??= event.chainHead.block
    }
    if (event.type === 'committed') {
      looksInARow = 0
      const { lastBlock, chainHeadBlock, logCount } = event
      const line = progress({ done: lastBlock, total: chainHeadBlock })
      const fields = { block: lastBlock, headBlock: chainHeadBlock, events: logCount }
      if (line !== undefined) log(line, { fields, isProgress: true })
    }
    const isAtTarget =
      targetBlock !== undefined && event.type === 'committed' && event.lastBlock >= targetBlock
    if (isAtTarget || (targetBlock !== undefined && looksInARow > 1)) {
      isCaughtUp = true
      caughtUp.resolve()
    }
  }
  const ingest = createIngest({
    client: database.client,
    deployment: chain.deployment,
    rpcUrl: chain.rpcUrl,
    otherRpcUrls: chain.otherRpcUrls,
    settings: { proof: chain.proof },
    ...surroundings,
    log: (line) => {
      const isOrdinary = line.startsWith('blocks ')
      const isRepeated = line === lastTrouble
      lastTrouble = isOrdinary ? undefined : line
      if (isRepeated || (isOrdinary && !/reorg|LOG_UNDECODABLE/.test(line))) return
      log(`index: ${line}`)
    },
    onEvent,
  })
  const run = () => runWithRules(ingest, database, chain, surroundings, log)
  return { ...ingest, run, caughtUp: caughtUp.promise }
}
