import type { Context } from '../command.ts'

/** What long-running parts take instead of reading clocks. */
export type Surroundings = {
  readonly nowMs: () => number
  readonly sleep: (durationMs: number) => Promise<void>
  readonly signal: AbortSignal
  /** Resolves when there is memory for another answer of a chain; absent: always. */
  readonly room?: () => Promise<void>
}

/** The clock of a context, with a sleep that ends early when `signal` aborts. */
export function surroundingsOf(context: Context, signal: AbortSignal): Surroundings {
  return { nowMs: context.nowMs, sleep: (durationMs) => sleepUntil(durationMs, signal), signal }
}

/** Resolves when the signal aborts. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function sleepUntil(durationMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, durationMs)
    signal.addEventListener('abort', finish)
  })
}
