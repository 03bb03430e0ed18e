import { FoggaraError } from '@foggara/schema'

import type { FollowEvent } from './chain/follow.ts'
import type { ProviderReport } from './chain/rpc-provider.ts'

/** What ingest says about itself; written as JSON to the table `status` under the key `ingest`. */
export type IngestStatus = {
  /** `stopped` after an error that only a person can mend. */
  readonly state: 'starting' | 'backfilling' | 'following' | 'retrying' | 'stopped' | 'ended'
  /** The newest block of the chain; -1 before the first look. */
  readonly chainHeadBlock: number
  readonly finalizedBlock: number
  /** The newest indexed block; -1 when none is. */
  readonly indexedBlock: number
  readonly settledBlock: number
  /** Blocks a second over the last half minute or so. */
  readonly blocksPerSecond: number
  readonly logsPerSecond: number
  /** Logs that are kept raw because they could not be decoded, since the start. */
  readonly undecodedLogs: number
  readonly reorgs: number
  /** Code and message of what went wrong last; empty after the next success. */
  readonly errorCode: string
  readonly errorText: string
  readonly errorHint: string
  /** Health, cost and learned limits of each RPC provider. */
  readonly providers: readonly ProviderReport[]
}

/** Keeps the status up to date. */
export type Progress = {
  readonly status: () => IngestStatus
  readonly note: (event: FollowEvent) => void
  readonly stop: () => void
  readonly fail: (error: unknown) => void
}

/** Rates are averaged over about this long. Unit: milliseconds. */
const RATE_MS = 30_000

const NO_ERROR = { errorCode: '', errorText: '', errorHint: '' }

/** Starts keeping a status. */
export function createProgress(
  nowMs: () => number,
  providers: () => readonly ProviderReport[],
): Progress {
  let window: { atMs: number; blocks: number; logs: number }[] = []
  const startedAtMs = nowMs()
  let status: IngestStatus = {
    state: 'starting',
    chainHeadBlock: -1,
    finalizedBlock: -1,
    indexedBlock: -1,
    settledBlock: -1,
    blocksPerSecond: 0,
    logsPerSecond: 0,
    undecodedLogs: 0,
    reorgs: 0,
    ...NO_ERROR,
    providers: [],
  }
  const rates = () => {
    const atMs = nowMs()
    window = window.filter((entry) => entry.atMs > atMs - RATE_MS)
    const seconds = Math.max(Math.min(atMs - startedAtMs, RATE_MS), 1) / 1000
    const blocks = window.reduce((count, entry) => count + entry.blocks, 0)
    const logs = window.reduce((count, entry) => count + entry.logs, 0)
    return {
      blocksPerSecond: Math.round((10 * blocks) / seconds) / 10,
      logsPerSecond: Math.round((10 * logs) / seconds) / 10,
    }
  }
  return {
    status: () => ({ ...status, ...rates(), providers: providers() }),
    note: (event) => {
      if (event.type === 'committed') {
        const blocks = event.lastBlock - event.firstBlock + 1
        window.push({ atMs: nowMs(), blocks, logs: event.logCount })
      }
      status = { ...status, ...changeOf(event, status) }
    },
    stop: () => {
      status = { ...status, state: 'ended' }
    },
    fail: (error) => {
      status = { ...status, state: 'stopped', ...errorFields(error) }
    },
  }
}

/** A line for people about an event; `undefined` for events that happen all the time. */
export function progressLine(event: FollowEvent, status: IngestStatus): string | undefined {
  switch (event.type) {
    case 'looked':
      return undefined
    case 'settled':
      return `settled up to block ${event.block}`
    case 'contested':
      return `FORK_CONTESTED block ${event.block}: providers disagree, nothing is undone`
    case 'failed':
      return `${event.error.code}: ${event.error.message}`
    case 'committed': {
      const { firstBlock, lastBlock, chainHeadBlock, logCount, retractedBlocks } = event
      const reorg = retractedBlocks > 0 ? `, reorg of ${retractedBlocks} blocks` : ''
      const problems = event.problems.map((problem) => `, LOG_UNDECODABLE ${problem}`).join('')
      const left = chainHeadBlock - lastBlock
      const rate = status.blocksPerSecond
      const ahead = left > 0 && rate > 0 ? `, ${Math.ceil(left / rate)} s to go` : ''
      return `blocks ${firstBlock}-${lastBlock} of ${chainHeadBlock}, ${logCount} logs${reorg}${ahead}${problems}`
    }
  }
}

/** Tells for people which providers were taken out of use, or back, since it was last called. */
export function watchProviders(reports: () => readonly ProviderReport[]): () => readonly string[] {
  const outOfUse = new Set<string>()
  return () => {
    const all = reports()
    // The only provider is asked all the same.
    if (all.length < 2) return []
    return all.flatMap(({ id, state, trouble }) => {
      const isOut = state === 'quarantined'
      if (isOut === outOfUse.has(id)) return []
      if (isOut) outOfUse.add(id)
      else outOfUse.delete(id)
      return [isOut ? `PROVIDER_OUT_OF_USE ${id}: ${trouble}` : `provider ${id} is in use again`]
    })
  }
}

function changeOf(event: FollowEvent, status: IngestStatus): Partial<IngestStatus> {
  switch (event.type) {
    case 'looked': {
      const { chainHead, finalizedBlock, indexedBlock } = event
      const state = indexedBlock < chainHead.block - 1 ? 'backfilling' : 'following'
      const chainHeadBlock = chainHead.block
      return { chainHeadBlock, finalizedBlock, indexedBlock, state, ...NO_ERROR }
    }
    case 'committed':
      return {
        indexedBlock: event.lastBlock,
        chainHeadBlock: event.chainHeadBlock,
        state: event.lastBlock < event.chainHeadBlock ? 'backfilling' : 'following',
        reorgs: status.reorgs + (event.retractedBlocks > 0 ? 1 : 0),
        undecodedLogs: status.undecodedLogs + event.problems.length,
        ...NO_ERROR,
      }
    case 'contested':
      return {}
    case 'settled':
      return { settledBlock: event.block }
    case 'failed':
      return { state: 'retrying', ...errorFields(event.error) }
  }
}

function errorFields(error: unknown): Pick<IngestStatus, 'errorCode' | 'errorText' | 'errorHint'> {
  if (!(error instanceof FoggaraError)) {
    const errorText = error instanceof Error ? error.message : String(error)
    return { errorCode: 'UNEXPECTED', errorText, errorHint: '' }
  }
  return { errorCode: error.code, errorText: error.message, errorHint: error.hint ?? '' }
}
