/** How a ceiling of memory is divided. */
export type MemoryShares = {
  /** What the embedded engine may use for queries, inserts and caches. Unit: MiB. */
  readonly engineMib: number
  /** What the service's own process may hold before it fetches nothing more. */
  readonly serviceBytes: number
  readonly ceilingBytes: number
}

/** The least that both processes were seen to work with. Unit: megabytes. */
export const MEMORY_MB_MIN = 800

const MB = 1_000_000
const MIB = 1024 * 1024
/** What the database process holds beside what its engine counts: Node, the library, threads. */
const DATABASE_BASE_BYTES = 230 * MB
const SERVICE_SHARE_PERCENT = 45
const ENGINE_MIB_MAX = 4_096

/** Divides a ceiling between the service and its embedded database. */
export function memoryShares(ceilingMb: number): MemoryShares {
  const ceilingBytes = ceilingMb * MB
  const serviceBytes = Math.floor((ceilingBytes * SERVICE_SHARE_PERCENT) / 100)
  const engineBytes = ceilingBytes - serviceBytes - DATABASE_BASE_BYTES
  const engineMib = Math.min(ENGINE_MIB_MAX, Math.floor(engineBytes / MIB))
  return { engineMib, serviceBytes, ceilingBytes }
}
