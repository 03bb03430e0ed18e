import { FoggaraError } from '@foggara/schema'

/** What becomes of a failure: another try later, or the end. */
export type AttemptOutcome =
  | { readonly type: 'retrying'; readonly error: FoggaraError; readonly waitMs: number }
  | { readonly type: 'stopped'; readonly error: FoggaraError }

/** The tries of one thing after another. */
export type Attempts = {
  /**
   * Takes note of a failure.
   *
   * @throws what is no failure but a defect.
   */
  readonly meet: (cause: unknown, nowMs: number) => AttemptOutcome
  readonly clear: () => void
  readonly stop: (error: FoggaraError) => void
  /** The failure since which nothing succeeded. */
  readonly error: () => FoggaraError | undefined
  /** Nothing will be tried again. */
  readonly isOver: () => boolean
  /** When it may be tried again; 0 for at once. */
  readonly retryAtMs: () => number
}

const RETRY_MS_MIN = 250
const RETRY_MS_MAX = 60_000
/** What keeps a handler from its end here keeps it again; trying costs seconds of work. */
const LIMIT_CODES = ['SUBGRAPH_HANDLER_ENDLESS', 'SUBGRAPH_HANDLER_MEMORY']
const LIMIT_RETRY_MS_MIN = 60_000
const LIMIT_RETRY_MS_MAX = 3_600_000

/**
 * Allows so many tries of one thing, with growing pauses between. Where they are counted, a limit of
 * this machine ends them at once.
 */
export function openAttempts(attemptsMax: number): Attempts {
  let error: FoggaraError | undefined
  let isOver = false
  let attemptCount = 0
  let retryAtMs = 0
  const stop = (cause: FoggaraError): AttemptOutcome => {
    error = cause
    isOver = true
    return { type: 'stopped', error: cause }
  }
  return {
    meet: (cause, nowMs) => {
      if (!(cause instanceof FoggaraError)) throw cause
      attemptCount += 1
      const isLimit = LIMIT_CODES.includes(cause.code)
      const isLast = attemptCount >= attemptsMax || (isLimit && Number.isFinite(attemptsMax))
      if (!cause.retryable || isLast) return stop(cause)
      error = cause
      const [min, max] = isLimit
        ? [LIMIT_RETRY_MS_MIN, LIMIT_RETRY_MS_MAX]
        : [RETRY_MS_MIN, RETRY_MS_MAX]
      const waitMs = Math.min(max, min * 2 ** (attemptCount - 1))
      retryAtMs = nowMs + waitMs
      return { type: 'retrying', error: cause, waitMs }
    },
    clear: () => {
      error = undefined
      attemptCount = 0
      retryAtMs = 0
    },
    stop,
    error: () => error,
    isOver: () => isOver,
    retryAtMs: () => retryAtMs,
  }
}
