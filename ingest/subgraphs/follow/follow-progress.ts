import { HandlerError } from '../handler-error.ts'
import type { FollowedState, SubgraphEvent } from './follow-events.ts'

/** What a followed subgraph says about itself. */
export type SubgraphStatus = {
  readonly name: string
  /**
   * `failed`: a handler failed for good; `stopped`: something else did that only a person can mend;
   * `retrying`: it waits to try the same block again; `done`: its last block ran.
   */
  readonly state:
    | 'starting'
    | 'backfilling'
    | 'following'
    | 'retrying'
    | 'failed'
    | 'stopped'
    | 'done'
  /** Up to here everything ran or had nothing to run; the block before its first where nothing did. */
  readonly block: number
  /** The newest block of the chain, or the last one that was asked for; -1 before the first look. */
  readonly targetBlock: number
  readonly finalizedBlock: number
  /** Since this process started, as the next three. */
  readonly handlers: number
  readonly events: number
  /** Versions of entities that were written. */
  readonly versions: number
  readonly reverts: number
  /** Over the last half minute or so. */
  readonly handlersPerSecond: number
  readonly blocksPerSecond: number
  /** At that pace; undefined where nothing moves. */
  readonly secondsLeft: number | undefined
  /** Files that handlers named and that are not here yet; it goes on meanwhile. */
  readonly waitingFiles: number
  /** What the first of them waits for; empty where none does. */
  readonly waitingFor: string
  /** Why it does not go on; empty where it does. */
  readonly errorCode: string
  readonly errorText: string
  readonly errorHint: string
  /** Whether the same may go well another time. */
  readonly isRetryable: boolean
  /** Where a handler failed; undefined where none did. */
  readonly errorPlace: ErrorPlace | undefined
}

/** The handler that failed, and at what. */
export type ErrorPlace = {
  readonly dataSource: string
  readonly handler: string
  readonly block: number
  /** Undefined for handlers of blocks. */
  readonly logIndex: number | undefined
}

/** Keeps the statuses of followed subgraphs up to date. */
export type FollowProgress = {
  note(event: SubgraphEvent): void
  /** In the order of the states. */
  statuses(states: readonly FollowedState[]): readonly SubgraphStatus[]
}

/** Rates are averaged over about this long. Unit: milliseconds. */
const RATE_MS = 30_000

/** Starts counting. */
export function createFollowProgress(
  nowMs: () => number,
  until: number | undefined,
): FollowProgress {
  const counts = new Map<string, Counts>()
  const startedAtMs = nowMs()
  let latest = -1
  let finalized = -1
  const countsOf = (name: string): Counts => {
    const known = counts.get(name)
    if (known !== undefined) return known
    const fresh = { handlers: 0, events: 0, versions: 0, reverts: 0, passed: undefined, window: [] }
    counts.set(name, fresh)
    return fresh
  }
  return {
    note: (event) => {
      if (event.type === 'looked') {
        latest = event.latest
        finalized = event.finalized
      } else if (event.type === 'ran') noteRun(countsOf(event.name), event, nowMs())
      else if (event.type === 'passed') notePassed(countsOf(event.name), event.blockNumber, nowMs())
      else if (event.type === 'reverted') {
        const own = countsOf(event.name)
        own.reverts += 1
        own.passed = event.to
      }
    },
    statuses: (states) =>
      states.map((state) => {
        const own = countsOf(state.name)
        const atMs = nowMs()
        own.window = own.window.filter((entry) => entry.atMs > atMs - RATE_MS)
        const seconds = Math.max(Math.min(atMs - startedAtMs, RATE_MS), 1) / 1000
        const sum = (of: (entry: Moment) => number) =>
          own.window.reduce((total, entry) => total + of(entry), 0) / seconds
        const blocksPerSecond = sum(({ blocks }) => blocks)
        const targetBlock = latest < 0 ? -1 : Math.min(latest, until ?? latest)
        const left = targetBlock - state.position
        return {
          name: state.name,
          state: stateOf(state, targetBlock, until),
          block: state.position,
          targetBlock,
          finalizedBlock: finalized,
          handlers: own.handlers,
          events: own.events,
          versions: own.versions,
          reverts: own.reverts,
          handlersPerSecond: Math.round(sum(({ handlers }) => handlers)),
          blocksPerSecond: Math.round(10 * blocksPerSecond) / 10,
          secondsLeft: secondsLeft(left, blocksPerSecond),
          waitingFiles: state.waitingFiles.length,
          waitingFor: state.waitingFiles[0]?.reason ?? '',
          ...errorFields(state),
        }
      }),
  }
}

type Counts = {
  handlers: number
  events: number
  versions: number
  reverts: number
  passed: number | undefined
  window: Moment[]
}

type Moment = { readonly atMs: number; readonly blocks: number; readonly handlers: number }

function noteRun(
  own: Counts,
  { block, report }: SubgraphEvent & { readonly type: 'ran' },
  atMs: number,
): void {
  own.handlers += report.handlerCount
  own.events += report.triggerCount
  own.versions += report.changeCount
  own.window.push({ atMs, blocks: 0, handlers: report.handlerCount })
  notePassed(own, block.number, atMs)
}

function notePassed(own: Counts, blockNumber: number, atMs: number): void {
  const blocks = blockNumber - (own.passed ?? blockNumber - 1)
  own.passed = blockNumber
  if (blocks > 0) own.window.push({ atMs, blocks, handlers: 0 })
}

function stateOf(
  { condition, position }: FollowedState,
  targetBlock: number,
  until: number | undefined,
): SubgraphStatus['state'] {
  if (condition !== 'running') return condition
  if (until !== undefined && position >= until) return 'done'
  if (targetBlock < 0) return 'starting'
  return position < targetBlock - 1 ? 'backfilling' : 'following'
}

function secondsLeft(blocks: number, perSecond: number): number | undefined {
  if (blocks <= 0) return 0
  return perSecond > 0 ? Math.ceil(blocks / perSecond) : undefined
}

function errorFields({
  error,
  failure,
}: FollowedState): Pick<
  SubgraphStatus,
  'errorCode' | 'errorText' | 'errorHint' | 'isRetryable' | 'errorPlace'
> {
  if (failure !== undefined) {
    const { dataSource, handler, block, logIndex, message } = failure
    return {
      errorCode: 'SUBGRAPH_HANDLER_FAILED',
      errorText: `${placeText(failure)}: ${message.replaceAll(/\s+/g, ' ').slice(0, 500)}`,
      errorHint: 'Mend the handler, build the subgraph again and run it under another name.',
      isRetryable: false,
      errorPlace: { dataSource, handler, block, logIndex },
    }
  }
  const place = error instanceof HandlerError ? error.place : undefined
  return {
    errorCode: error?.code ?? '',
    errorText: error?.message ?? '',
    errorHint: error?.hint ?? '',
    isRetryable: error?.retryable ?? true,
    errorPlace: place,
  }
}

function placeText({ dataSource, handler, block, logIndex }: ErrorPlace): string {
  const log = logIndex === undefined ? '' : `, log ${logIndex}`
  return `${dataSource}, ${handler}, block ${block}${log}`
}
