import { ClickHouseException } from './exception.ts'
import { type QueryThread, startQueryThread } from './query-thread.ts'
import type { ThreadSetup } from './thread-messages.ts'

/** Query threads, started when they are first needed; the cap on concurrent statements. */
export type ThreadPool = {
  /**
   * Waits for a free thread. Raises {@link ClickHouseException} 202 when the queue is full and 394
   * when `signal` aborts first.
   */
  readonly acquire: (signal: AbortSignal) => Promise<QueryThread>
  readonly release: (thread: QueryThread) => void
  /** Resolves when no thread is in use. */
  readonly idle: () => Promise<void>
}

/** How many statements may wait for a thread before further ones are refused. */
const WAITING_MAX = 1024

/** Opens a pool of at most `threadsMax` threads. */
export function openThreadPool(setup: ThreadSetup, threadsMax: number): ThreadPool {
  const free: QueryThread[] = []
  const waiting = new Set<(thread: QueryThread) => void>()
  const idleListeners = new Set<() => void>()
  let startedCount = 0
  let busyCount = 0

  const acquire = async (signal: AbortSignal): Promise<QueryThread> => {
    if (signal.aborted) throw cancelled()
    if (free.length === 0 && startedCount < threadsMax) {
      startedCount += 1
      free.push(startQueryThread(setup))
    }
    const thread = free.pop() ?? (await nextFree(waiting, signal))
    busyCount += 1
    return thread
  }
  const release = (thread: QueryThread): void => {
    busyCount -= 1
    const [next] = waiting
    if (next !== undefined) {
      waiting.delete(next)
      next(thread)
      return
    }
    free.push(thread)
    if (busyCount > 0) return
    for (const listener of idleListeners) listener()
    idleListeners.clear()
  }
  const idle = async (): Promise<void> => {
    if (busyCount > 0) await new Promise<void>((resolve) => idleListeners.add(resolve))
  }
  return { acquire, release, idle }
}

async function nextFree(
  waiting: Set<(thread: QueryThread) => void>,
  signal: AbortSignal,
): Promise<QueryThread> {
  if (waiting.size >= WAITING_MAX) {
    const text = `Too many simultaneous queries, maximum waiting: ${WAITING_MAX}.`
    throw new ClickHouseException(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', text)
  }
  const { promise, resolve, reject } = Promise.withResolvers<QueryThread>()
  const abandon = (): void => {
    waiting.delete(resolve)
    reject(cancelled())
  }
  waiting.add(resolve)
  signal.addEventListener('abort', abandon, { once: true })
  return promise.finally(() => signal.removeEventListener('abort', abandon))
}

function cancelled(): ClickHouseException {
  return new ClickHouseException(394, 'QUERY_WAS_CANCELLED', 'Query was cancelled.')
}
