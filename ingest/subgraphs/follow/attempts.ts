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

/** Allows so many tries of one thing, with growing pauses between. */
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
      if (!cause.retryable || attemptCount >= attemptsMax) return stop(cause)
      error = cause
      const waitMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (attemptCount - 1))
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
