import type { ReceiptOutcome } from '../intake.ts'

/**
 * Whatever takes receipts in: the intake of this process, or a service's over HTTP. What it raises as
 * retryable was not stored.
 */
export type ReceiptGate = {
  readonly accept: (text: Uint8Array) => Promise<ReceiptOutcome>
  readonly acceptBatch: (bytes: Uint8Array) => Promise<ReceiptOutcome>
  /** Lets what waits for a fact be judged again, where that is this process's part. */
  readonly revisit: () => Promise<void>
}
