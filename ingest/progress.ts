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
  /** Blocks a second over the last minute. */
  readonly blocksPerSecond: number
  readonly logsPerSecond: number
  /** To the newest block of the chain at that pace; null where nothing moves. */
  readonly secondsLeft: number | null
  /** Since blocks were last committed, or since the start. */
  readonly secondsSinceProgress: number
  /** Since the chain last said what its newest block is, or since the start. */
  readonly secondsSinceLook: number
  /** Since the start of this process, as everything that is counted here. */
  readonly indexedBlocks: number
  readonly indexedLogs: number
  readonly commits: number
  readonly settlements: number
  /** Time spent on fetching and proving, on storing and on settling. */
  readonly fetchMs: number
  readonly commitMs: number
  readonly settleMs: number
  /** Logs that are kept raw because they could not be decoded. */
  readonly undecodedLogs: number
  readonly reorgs: number
  /** How many reorgs there were of how many blocks. */
  readonly reorgsByDepth: Readonly<Record<string, number>>
  /** How often which error kept it from going on. */
  readonly failures: Readonly<Record<string, number>>
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

/** Rates are averaged over this long. Unit: milliseconds. */
const RATE_MS = 60_000

const NO_ERROR = { errorCode: '', errorText: '', errorHint: '' }

/** Starts keeping a status. */
export function createProgress(
  nowMs: () => number,
  providers: () => readonly ProviderReport[],
): Progress {
  let window: { atMs: number; blocks: number; logs: number }[] = []
  const startedAtMs = nowMs()
  let progressAtMs = startedAtMs
  let lookAtMs = startedAtMs
  let status: Kept = NOTHING_YET
  const rates = () => {
    const atMs = nowMs()
    window = window.filter((entry) => entry.atMs > atMs - RATE_MS)
    const seconds = Math.max(Math.min(atMs - startedAtMs, RATE_MS), 1) / 1000
    const blocks = window.reduce((count, entry) => count + entry.blocks, 0)
    const logs = window.reduce((count, entry) => count + entry.logs, 0)
    const blocksLeft = Math.max(0, status.chainHeadBlock - status.indexedBlock)
    return {
      blocksPerSecond: Math.round((10 * blocks) / seconds) / 10,
      logsPerSecond: Math.round((10 * logs) / seconds) / 10,
      secondsLeft:
        blocksLeft === 0 ? 0 : blocks > 0 ? Math.ceil((blocksLeft * seconds) / blocks) : null,
      secondsSinceProgress: Math.max(0, atMs - progressAtMs) / 1000,
      secondsSinceLook: Math.max(0, atMs - lookAtMs) / 1000,
    }
  }
  return {
    status: () => ({ ...status, ...rates(), providers: providers() }),
    note: (event) => {
      if (event.type === 'committed') {
        const blocks = event.lastBlock - event.firstBlock + 1
        progressAtMs = nowMs()
        window.push({ atMs: progressAtMs, blocks, logs: event.logCount })
      }
      if (event.type === 'looked') lookAtMs = nowMs()
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

/** What is kept; the rest of a status follows from it and the clock. */
type Kept = Omit<
  IngestStatus,
  | 'blocksPerSecond'
  | 'logsPerSecond'
  | 'secondsLeft'
  | 'secondsSinceProgress'
  | 'secondsSinceLook'
  | 'providers'
>

const NOTHING_YET: Kept = {
  state: 'starting',
  chainHeadBlock: -1,
  finalizedBlock: -1,
  indexedBlock: -1,
  settledBlock: -1,
  indexedBlocks: 0,
  indexedLogs: 0,
  commits: 0,
  settlements: 0,
  fetchMs: 0,
  commitMs: 0,
  settleMs: 0,
  undecodedLogs: 0,
  reorgs: 0,
  reorgsByDepth: {},
  failures: {},
  ...NO_ERROR,
}

function changeOf(event: FollowEvent, status: Kept): Partial<Kept> {
  switch (event.type) {
    case 'looked': {
      const { chainHead, finalizedBlock, indexedBlock, settledBlock } = event
      const state = indexedBlock < chainHead.block - 1 ? 'backfilling' : 'following'
      const chainHeadBlock = chainHead.block
      return { chainHeadBlock, finalizedBlock, indexedBlock, settledBlock, state, ...NO_ERROR }
    }
    case 'committed':
      return {
        indexedBlock: event.lastBlock,
        chainHeadBlock: event.chainHeadBlock,
        state: event.lastBlock < event.chainHeadBlock ? 'backfilling' : 'following',
        indexedBlocks: status.indexedBlocks + event.lastBlock - event.firstBlock + 1,
        indexedLogs: status.indexedLogs + event.logCount,
        commits: status.commits + 1,
        fetchMs: status.fetchMs + event.fetchMs,
        commitMs: status.commitMs + event.commitMs,
        undecodedLogs: status.undecodedLogs + event.problems.length,
        ...(event.retractedBlocks > 0 ? reorgOf(event.retractedBlocks, status) : {}),
        ...NO_ERROR,
      }
    case 'contested':
      return {}
    case 'settled':
      return {
        settledBlock: event.block,
        settlements: status.settlements + 1,
        settleMs: status.settleMs + event.durationMs,
      }
    case 'failed':
      return {
        state: 'retrying',
        failures: oneMore(status.failures, event.error.code),
        ...errorFields(event.error),
      }
  }
}

function reorgOf(depth: number, { reorgs, reorgsByDepth }: Kept): Partial<Kept> {
  return { reorgs: reorgs + 1, reorgsByDepth: oneMore(reorgsByDepth, String(depth)) }
}

function oneMore(
  counts: Readonly<Record<string, number>>,
  key: string,
): Readonly<Record<string, number>> {
  return { ...counts, [key]: (counts[key] ?? 0) + 1 }
}

function errorFields(error: unknown): Pick<IngestStatus, 'errorCode' | 'errorText' | 'errorHint'> {
  if (!(error instanceof FoggaraError)) {
    const errorText = error instanceof Error ? error.message : String(error)
    return { errorCode: 'UNEXPECTED', errorText, errorHint: '' }
  }
  return { errorCode: error.code, errorText: error.message, errorHint: error.hint ?? '' }
}
