/** How fast a provider may be asked: unlimited until it objects, then found by trying. */
export type RpcPace = {
  /** Waits until so many calls may be sent. */
  readonly enter: (callCount: number) => Promise<void>
  /** The provider objected: fewer calls a second, and a pause. */
  readonly slower: (retryAfterMs?: number) => void
  /** A request went well: a little more. */
  readonly faster: () => void
  /** Until when nothing should be asked. Unit: milliseconds since 1970. */
  readonly pausedUntilMs: () => number
  /** Calls a second; `undefined` while there is no limit. */
  readonly callsPerSecond: () => number | undefined
}

/** What is saved up for a burst. */
const BURST_MS = 1_000
const RATE_MIN = 0.5
/** A rate above this is none. */
const RATE_MAX = 2_000
const RATE_STEP = 0.5
const PAUSE_MS_MIN = 500
const PAUSE_MS_MAX = 60_000
/** Objections to requests that were under way together count once. */
const OBJECTION_MS = 250

/** Starts without a limit. Additive increase, multiplicative decrease; a token bucket between. */
export function createRpcPace(
  nowMs: () => number,
  sleep: (durationMs: number) => Promise<void>,
): RpcPace {
  let rate: number | undefined
  /** When the bucket will be full again; a call each `1000 / rate` later. */
  let fullAtMs = 0
  let pausedUntilMs = 0
  let objectedAtMs = Number.NEGATIVE_INFINITY
  let objectionsInARow = 0
  let sent: { readonly atMs: number; readonly callCount: number }[] = []
  const observed = (): number => {
    const sinceMs = nowMs() - 1_000
    sent = sent.filter(({ atMs }) => atMs > sinceMs)
    return sent.reduce((count, { callCount }) => count + callCount, 0)
  }
  return {
    enter: async (callCount) => {
      const pauseMs = pausedUntilMs - nowMs()
      if (pauseMs > 0) await sleep(pauseMs)
      if (rate !== undefined) {
        const waitMs = Math.max(0, fullAtMs - nowMs() - BURST_MS)
        fullAtMs = Math.max(fullAtMs, nowMs()) + (1_000 * callCount) / rate
        if (waitMs > 0) await sleep(waitMs)
      }
      sent.push({ atMs: nowMs(), callCount })
      if (sent.length > RATE_MAX) observed()
    },
    slower: (retryAfterMs) => {
      const atMs = nowMs()
      const pauseMs = retryAfterMs ?? PAUSE_MS_MIN * 2 ** objectionsInARow
      pausedUntilMs = Math.max(pausedUntilMs, atMs + Math.min(pauseMs, PAUSE_MS_MAX))
      if (atMs - objectedAtMs < OBJECTION_MS) return
      objectedAtMs = atMs
      objectionsInARow = Math.min(objectionsInARow + 1, 10)
      const now = Math.max(1, observed())
      rate = Math.max(RATE_MIN, 0.7 * Math.min(rate ?? now, now))
    },
    faster: () => {
      objectionsInARow = 0
      if (rate === undefined) return
      rate += RATE_STEP
      if (rate > RATE_MAX) rate = undefined
    },
    pausedUntilMs: () => pausedUntilMs,
    callsPerSecond: () => rate,
  }
}
