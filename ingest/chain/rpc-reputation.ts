import type { FoggaraError } from '@foggara/schema'

import { RpcCallFailedError, RpcRateLimitedError, RpcUnreachableError } from './rpc-errors.ts'
import type { RpcPace } from './rpc-pace.ts'

/** How well a provider does. */
export type ReputationSummary = {
  readonly state: 'well' | 'paused' | 'quarantined'
  /** What went wrong last; empty if nothing did. */
  readonly trouble: string
  /** How long an attempt takes, averaged. Unit: milliseconds. */
  readonly latencyMs: number
  /** Attempts since the start. */
  readonly successes: number
  readonly failures: number
  /** Answers that another provider's answers proved wrong. */
  readonly lies: number
  /** How often it was taken out of use. */
  readonly quarantines: number
}

/** Keeps count of how attempts went, and leaves a provider alone that does badly. */
export type Reputation = {
  /** Whether it may be asked now. */
  readonly isWell: () => boolean
  /** When it may be asked again. Unit: milliseconds since 1970. */
  readonly wellAtMs: () => number
  readonly latencyMs: () => number
  readonly noteSuccess: (durationMs: number) => void
  readonly noteFailure: (error: FoggaraError) => void
  /** Its answer was wrong: another provider's answer to the same passed the same checks. */
  readonly noteLie: (error: FoggaraError) => void
  /** It contradicts another provider, and nobody can say yet who is right. */
  readonly setAside: (reason: string) => void
  /** How long the provider asked to wait with its last answer. */
  readonly noteRetryAfter: (durationMs: number | undefined) => void
  readonly summary: () => ReputationSummary
}

const QUARANTINE_MS_MIN = 1_000
const QUARANTINE_MS_MAX = 600_000
/** A provider that lied is left alone for longer, twice as long each time. */
const LIE_MS_MIN = 30_000
/** So many good answers make up for one lie. */
const PENANCE = 50
const ASIDE_MS = 10_000
const QUOTA_MS = 600_000
/** Until something is measured. */
const LATENCY_MS_FIRST = 200

/** Starts well. */
export function createReputation(nowMs: () => number, pace: RpcPace): Reputation {
  const counts = { successes: 0, failures: 0, lies: 0, quarantines: 0 }
  let [outagesInARow, suspicion, untilMs] = [0, 0, 0]
  let latencyMs = LATENCY_MS_FIRST
  let retryAfterMs: number | undefined
  let trouble = ''
  const quarantine = (durationMs: number): void => {
    if (untilMs <= nowMs()) counts.quarantines += 1
    untilMs = nowMs() + Math.min(durationMs, QUARANTINE_MS_MAX)
  }
  const wellAtMs = (): number => Math.max(untilMs, pace.pausedUntilMs())
  const noteTrouble = (error: FoggaraError): void => {
    trouble = `${error.code}: ${error.message}`
  }
  return {
    isWell: () => wellAtMs() <= nowMs(),
    wellAtMs,
    latencyMs: () => latencyMs,
    noteSuccess: (durationMs) => {
      counts.successes += 1
      outagesInARow = 0
      suspicion = Math.max(0, suspicion - 1 / PENANCE)
      latencyMs += (durationMs - latencyMs) / 8
      pace.faster()
    },
    noteFailure: (error) => {
      counts.failures += 1
      noteTrouble(error)
      if (error instanceof RpcRateLimitedError) {
        pace.slower(retryAfterMs)
        if (error.limit === 'quota-used-up') quarantine(QUOTA_MS)
      } else if (!error.retryable) {
        quarantine(QUARANTINE_MS_MAX)
      } else if (isOutage(error)) {
        quarantine(QUARANTINE_MS_MIN * 2 ** outagesInARow)
        outagesInARow = Math.min(outagesInARow + 1, 10)
      }
    },
    noteLie: (error) => {
      counts.lies += 1
      noteTrouble(error)
      quarantine(LIE_MS_MIN * 2 ** Math.min(Math.floor(suspicion), 10))
      suspicion += 1
    },
    setAside: (reason) => {
      trouble = reason
      quarantine(ASIDE_MS)
    },
    noteRetryAfter: (durationMs) => {
      retryAfterMs = durationMs
    },
    summary: () => ({
      state: untilMs > nowMs() ? 'quarantined' : wellAtMs() > nowMs() ? 'paused' : 'well',
      trouble,
      latencyMs: Math.round(latencyMs),
      ...counts,
    }),
  }
}

function isOutage(error: FoggaraError): boolean {
  const isRefusal = error instanceof RpcCallFailedError && error.verdict.type === 'unavailable'
  return isRefusal || error instanceof RpcUnreachableError
}
