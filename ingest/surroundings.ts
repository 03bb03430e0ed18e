/** What ingest takes from its surroundings instead of reading clocks itself. */
export type Surroundings = {
  /** Wall time in milliseconds since 1970. */
  readonly nowMs: () => number
  /** Resolves after the pause, or early when the signal aborts. */
  readonly sleep: (durationMs: number) => Promise<void>
  /** Aborting it ends everything after the current step. */
  readonly signal: AbortSignal
  /** Resolves when there is memory for another answer of a chain; absent: always. */
  readonly room?: (() => Promise<void>) | undefined
}
