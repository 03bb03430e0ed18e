import { type FollowEvent, type Ingest, createIngest } from '@foggara/ingest'

import type { OpenChain } from './open-chain.ts'
import type { OpenDatabase } from './open-database.ts'
import { progressLines } from './progress.ts'
import type { Surroundings } from './surroundings.ts'

/** An index that is kept up with its chain. */
export type Indexing = Ingest & {
  /** Resolves when everything that was there at the start is indexed. */
  readonly caughtUp: Promise<void>
}

const PROGRESS_EVERY_MS = 1_000

/** Prepares to follow a chain into a database; lines tell of progress first, of trouble always. */
export function indexChain(
  database: OpenDatabase,
  chain: OpenChain,
  surroundings: Surroundings,
  log: (line: string) => void,
): Indexing {
  const caughtUp = Promise.withResolvers<void>()
  let isCaughtUp = false
  let looksInARow = 0
  let lastTrouble: string | undefined
  const progress = progressLines('index:', 'blocks', {
    nowMs: surroundings.nowMs,
    everyMs: PROGRESS_EVERY_MS,
  })
  const finish = () => {
    isCaughtUp = true
    caughtUp.resolve()
  }
  const onEvent = (event: FollowEvent): void => {
    looksInARow = event.type === 'looked' ? looksInARow + 1 : 0
    if (event.type === 'committed' && !isCaughtUp) {
      const line = progress({ done: event.lastBlock, total: event.chainHeadBlock })
      if (line !== undefined) log(line)
      if (event.lastBlock >= event.chainHeadBlock) finish()
    }
    if (looksInARow > 1) finish()
  }
  const ingest = createIngest({
    client: database.client,
    deployment: chain.deployment,
    rpcUrl: chain.rpcUrl,
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
  return { ...ingest, caughtUp: caughtUp.promise }
}
