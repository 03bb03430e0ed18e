import { FatalError, FoggaraError, RetryableError } from '@foggara/schema'

import { WASM } from './heap/web-assembly.ts'

/**
 * A handler failed in a way that every run over the same chain repeats.
 *
 * The subgraph fails at this block, or skips the handler under `nonFatalErrors`.
 */
export class DeterministicError extends FatalError {
  constructor(message: string, cause?: unknown) {
    super('SUBGRAPH_HANDLER_FAILED', message, { cause })
  }
}

/** A handler failed because of this machine, its limits or its store: the block is tried again. */
export class NonDeterministicError extends RetryableError {
  constructor(message: string, code = 'SUBGRAPH_HANDLER_STOPPED', hint?: string, cause?: unknown) {
    super(code, message, { cause, ...(hint === undefined ? {} : { hint }) })
  }
}

/** The chain answered in a way that a reorganisation explains: the block starts anew. */
export class PossibleReorgError extends RetryableError {
  constructor(message: string, cause?: unknown) {
    super('SUBGRAPH_POSSIBLE_REORG', message, { cause })
  }
}

/** What graph-node would call the failure of a handler. */
export type FailureKind = 'deterministic' | 'non-deterministic' | 'possible-reorg'

/** Sorts what a handler threw; traps count as deterministic where wasmtime's do. */
export function failureKind(error: unknown): FailureKind {
  if (error instanceof PossibleReorgError) return 'possible-reorg'
  if (error instanceof DeterministicError || isDeterministicTrap(error)) return 'deterministic'
  return 'non-deterministic'
}

/** One line about what a handler threw. */
export function failureMessage(error: unknown): string {
  if (error instanceof FoggaraError) return error.message
  if (error instanceof WASM.RuntimeError) return `wasm trap: ${error.message}`
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/** V8 reports a stack overflow as a RangeError, which stays non-deterministic. */
function isDeterministicTrap(error: unknown): boolean {
  return error instanceof WASM.RuntimeError
}
