/** What a gate of memory watches and does. */
export type MemoryGateOptions = {
  /** What the process may hold. */
  readonly bytesMax: number
  readonly residentBytes: () => number
  /** Gives back to the system what is not in use. */
  readonly relieve: () => void
  readonly nowMs: () => number
  readonly sleep: (durationMs: number) => Promise<void>
  /** Hears when waiting did not help. */
  readonly onTight: (residentBytes: number) => void
}

/** From this part of the share on, memory that is not in use is given back first. */
const RELIEF_PERCENT = 80
/** Giving back stops everything for up to a tenth of a second. */
const RELIEF_EVERY_MS = 1_000
const WAIT_MS_MIN = 25
const WAIT_MS_MAX = 500
/** What others hold does not come back by waiting: then one request after the other goes on. */
const PATIENCE_MS = 5_000

/**
 * Lets requests through while there is memory for their answers. Where there is none, they wait until
 * what is under way has been stored; the wait is bounded, so that little memory means slow, not still.
 */
export function openMemoryGate(options: MemoryGateOptions): () => Promise<void> {
  const { bytesMax, residentBytes, relieve, nowMs, sleep, onTight } = options
  let relievedAtMs = Number.NEGATIVE_INFINITY
  let queue: Promise<void> = Promise.resolve()
  const isAbove = (bytes: number): boolean => {
    if (residentBytes() < bytes) return false
    if (nowMs() - relievedAtMs >= RELIEF_EVERY_MS) {
      relieve()
      relievedAtMs = nowMs()
    }
    return residentBytes() >= bytesMax
  }
  const wait = async (): Promise<void> => {
    const untilMs = nowMs() + PATIENCE_MS
    let waitMs = WAIT_MS_MIN
    while (isAbove(bytesMax)) {
      if (nowMs() >= untilMs) return onTight(residentBytes())
      await sleep(waitMs)
      waitMs = Math.min(2 * waitMs, WAIT_MS_MAX)
    }
  }
  return async () => {
    if (!isAbove((bytesMax * RELIEF_PERCENT) / 100)) return
    const turn = queue.then(wait)
    queue = turn.catch(() => undefined)
    await turn
  }
}
