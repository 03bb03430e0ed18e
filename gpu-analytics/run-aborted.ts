import { FatalError } from '@foggara/schema'

/** Raises when the signal has asked to stop. */
export function checkNotAborted(signal: AbortSignal | undefined, done: string): void {
  if (signal?.aborted === true) throw new RunAbortedError(done, signal.reason)
}

/** A run was asked to stop before it ended; nothing of it is kept. */
export class RunAbortedError extends FatalError {
  constructor(done: string, cause?: unknown) {
    super('RUN_ABORTED', `expected the run to end, found it stopped after ${done}`, { cause })
  }
}
