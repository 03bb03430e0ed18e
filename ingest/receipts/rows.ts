import { type Hex, NO_PREVIOUS_BATCH, WORKLOADS } from '@foggara/schema'

import type { Row } from '../store/row-binary.ts'
import { RECEIPT_BYTES_MAX } from './parse-receipt.ts'
import type { Waiter } from './quarantine.ts'
import type { VerifiedBatch } from './verify/verify-batch.ts'
import type { VerifiedReceipt } from './verify/verify-text.ts'

/** A receipt that came alone, as a row of `submitted_receipt`. */
export function submittedRow(
  { receipt, digest }: VerifiedReceipt,
  signer: Hex,
  receivedAtSeconds: number,
  late: boolean,
): Row {
  return {
    digest,
    received_at_seconds: receivedAtSeconds,
    late,
    batch_digest: NO_PREVIOUS_BATCH,
    provider: receipt.provider,
    consumer: receipt.consumer,
    workload: WORKLOADS.indexOf(receipt.workload),
    nonce: receipt.nonce,
    assets: receipt.assets,
    units: receipt.units,
    fee: receipt.fee,
    started_at_seconds: receipt.startedAtSeconds,
    finished_at_seconds: receipt.finishedAtSeconds,
    input_hash: receipt.inputHash,
    output_hash: receipt.outputHash,
    signature: receipt.signature,
    signer,
  }
}

/** A batch as a row of `signed_batch`. */
export function signedBatchRow(
  { header, digest, signature }: VerifiedBatch,
  signer: Hex,
  receivedAtSeconds: number,
): Row {
  return {
    digest,
    received_at_seconds: receivedAtSeconds,
    provider: header.provider,
    signer,
    sequence: header.sequence,
    previous: header.previous,
    receipt_count: header.count,
    fee_total: header.feeTotal,
    root: header.root,
    signature,
  }
}

/** What was refused, with the bytes of a receipt as text and the beginning of a batch as hex. */
export function rejectedRow(
  kind: Waiter['kind'],
  bytes: Uint8Array,
  { code, message }: { readonly code: string; readonly message: string },
  receivedAtSeconds: number,
): Row {
  return {
    received_at_seconds: receivedAtSeconds,
    code,
    reason: message.toWellFormed(),
    body: bodyText(kind, bytes),
  }
}

/** What a provider's key signed against something else that it signed. */
export type SignedConflict = {
  readonly code: 'NONCE_REUSED' | 'PREVIOUS_MISMATCH' | 'SEQUENCE_REUSED'
  readonly provider: Hex
  readonly signer: Hex
  readonly digest: Hex
  readonly storedDigest: Hex | undefined
  /** What was used twice: a nonce of receipts, or a place of batches. */
  readonly nonce?: bigint
  readonly sequence?: bigint
}

/** A conflict with the bytes that were refused, as {@link rejectedRow} keeps them. */
export function signedConflictRow(
  { code, provider, signer, digest, storedDigest, nonce, sequence }: SignedConflict,
  kind: Waiter['kind'],
  bytes: Uint8Array,
  receivedAtSeconds: number,
): Row {
  return {
    provider,
    code,
    digest,
    stored_digest: storedDigest ?? NO_PREVIOUS_BATCH,
    signer,
    nonce: nonce ?? 0n,
    sequence: sequence ?? 0n,
    received_at_seconds: receivedAtSeconds,
    body: bodyText(kind, bytes),
  }
}

function bodyText(kind: Waiter['kind'], bytes: Uint8Array): string {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return kind === 'receipt'
    ? body.toString('utf8', 0, RECEIPT_BYTES_MAX)
    : `0x${body.toString('hex', 0, BATCH_BYTES_KEPT)}`
}

/** Enough of a refused batch to see who sent what: prefix and header. */
const BATCH_BYTES_KEPT = 512

/** What begins to wait. */
export function quarantinedRow(
  { id, kind, provider, code, receivedAtSeconds }: Waiter,
  digest: Hex,
  reason: string,
  bytes: Uint8Array,
): Row {
  const body = `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
  const received = { received_at_seconds: receivedAtSeconds }
  return { id, digest, kind, ...received, provider, code, reason: reason.toWellFormed(), body }
}

/** How a wait ended. */
export function releaseRow(
  { id }: Waiter,
  outcome: string,
  code: string,
  releasedAtSeconds: number,
): Row {
  return { id, released_at_seconds: releasedAtSeconds, outcome, code }
}
