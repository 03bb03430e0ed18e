/** How often which sizes were seen. */
export type HistogramReading = {
  /** Upper bounds of the buckets, ascending; a last bucket without a bound follows. */
  readonly bounds: readonly number[]
  /** How many values fell into each bucket alone. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** Counts values by size. */
export type Histogram = {
  readonly observe: (value: number) => void
  readonly reading: () => HistogramReading
}

/** Bounds for durations from a memory look-up to a slow query. Unit: seconds. */
export const SECONDS_BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Starts with nothing seen. */
export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = [...bounds, Number.POSITIVE_INFINITY].map(() => 0)
  let sum = 0
  return {
    observe: (value) => {
      const found = bounds.findIndex((bound) => value <= bound)
      const bucket = found === -1 ? bounds.length : found
      counts[bucket] = (counts[bucket] ?? 0) + 1
      sum += value
    },
    reading: () => ({ bounds, counts: [...counts], sum }),
  }
}
