/** Watches how much memory the process holds, at the end of each statement. */
export type ResidentMemory = { readonly check: () => void }

/**
 * Gives memory that queries have freed back to the system once the process has grown much.
 *
 * The engine's allocator keeps freed pages for many seconds: after five large queries the process
 * held 1,100 MB of which 29 were in use, and `purge` brought it to 290.
 */
export function watchResidentMemory(limitMib: number, purge: () => Promise<void>): ResidentMemory {
  const growthBytes = Math.min(GROWTH_BYTES_MAX, (limitMib * 1024 * 1024) / 2)
  const startBytes = process.memoryUsage.rss()
  let isResting = false
  const check = (): void => {
    if (isResting || process.memoryUsage.rss() < startBytes + growthBytes) return
    isResting = true
    void purge().finally(() => {
      setTimeout(() => {
        isResting = false
        check()
      }, REST_MS).unref()
    })
  }
  return { check }
}

const GROWTH_BYTES_MAX = 384 * 1024 * 1024
/** A purge takes about 0.1 s of one core. */
const REST_MS = 5_000
