/** What an error carries besides its message. */
export type FoggaraErrorOptions = {
  readonly cause?: unknown
  /** What the user can do next, one sentence. */
  readonly hint?: string
}

/**
 * The root of every error the product raises on purpose.
 *
 * `code` is stable and documented; the message is one line that says what was expected and what was
 * found. Throw one of the two branches, {@link RetryableError} or {@link FatalError}.
 */
export abstract class FoggaraError extends Error {
  readonly code: string
  readonly hint: string | undefined
  /** True when the same call may succeed later without any change by the user. */
  abstract readonly retryable: boolean

  constructor(code: string, message: string, options: FoggaraErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.hint = options.hint
  }
}

/** A failure of the surroundings: the same call may succeed later. */
export class RetryableError extends FoggaraError {
  override readonly retryable = true
}

/** A failure that repeating cannot mend: the input, the configuration or the state is wrong. */
export class FatalError extends FoggaraError {
  override readonly retryable = false
}

/** An internal invariant does not hold: a defect of the product, never of its input. */
export class InvariantError extends FatalError {
  constructor(message: string) {
    super('INVARIANT_BROKEN', message)
  }
}

/** Asserts an internal invariant; raises {@link InvariantError} with `message` when it is broken. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}
