/** What the running service knows beyond the database: all optional, absent when unknown. */
export type ServiceStatus = {
  /** The newest block of the chain that the follower has seen. */
  readonly headBlock?: number
  /** The newest block that the chain calls safe. */
  readonly safeBlock?: number
  /** The newest block that the chain calls final. */
  readonly finalBlock?: number
  /** Blocks indexed per second, over the last minute. */
  readonly blocksPerSecond?: number
  /** What is wrong now, one line each; empty when nothing is. */
  readonly errors?: readonly string[]
}
