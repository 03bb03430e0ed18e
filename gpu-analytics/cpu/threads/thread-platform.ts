import type { ThreadReply, ThreadRequest } from './serve-thread.ts'

/** One thread beside the caller's, as Node and browsers both have them. */
export type Thread = {
  readonly post: (request: ThreadRequest) => void
  /** Ends it at once, whatever it does. */
  readonly end: () => Promise<void>
}

export type ThreadListeners = {
  readonly onReply: (reply: ThreadReply) => void
  /** The thread has failed or ended by itself. */
  readonly onLost: (cause: unknown) => void
}

/** How threads are started where the engine runs. */
export type ThreadPlatform = {
  readonly start: (listeners: ThreadListeners) => Thread
  /** Why there are no threads here, one sentence; undefined where there are. */
  readonly missing: () => string | undefined
}
