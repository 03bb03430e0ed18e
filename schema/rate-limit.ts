/** How much one sender may send: so many units at once, and so many a second from then on. */
export type Rate = { readonly burst: number; readonly perSecond: number }

/** Token buckets by sender. */
export type RateLimit = {
  /** Takes units; returns 0, or after how many seconds there will be enough. */
  readonly take: (sender: string, units: number) => number
}

/** Senders that are remembered; beyond it the one that was idle longest is taken for a new one. */
const SENDERS_MAX = 10_000

/** Opens a limit. `nowMs` only has to count milliseconds. */
export function openRateLimit({ burst, perSecond }: Rate, nowMs: () => number): RateLimit {
  const buckets = new Map<string, { readonly units: number; readonly atMs: number }>()
  return {
    take: (sender, units) => {
      const atMs = nowMs()
      const before = buckets.get(sender) ?? { units: burst, atMs }
      const there = Math.min(burst, before.units + ((atMs - before.atMs) * perSecond) / 1000)
      buckets.delete(sender)
      const [oldest] = buckets.size >= SENDERS_MAX ? buckets.keys() : []
      if (oldest !== undefined) buckets.delete(oldest)
      // What is more than a burst can only be sent from a full bucket, and is owed afterwards.
      const isEnough = there >= Math.min(units, burst)
      buckets.set(sender, { units: isEnough ? there - units : there, atMs })
      return isEnough ? 0 : Math.ceil((Math.min(units, burst) - there) / perSecond)
    },
  }
}
