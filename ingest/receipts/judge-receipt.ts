import {
  AMOUNT_BOUND,
  type Hex,
  RECEIPT_ASSETS_MAX,
  type Receipt,
  WORKLOADS,
} from '@foggara/schema'

import { type Recovery, openRecovery } from './verify/recovery.ts'

/** Why a receipt does not count. */
export type ReceiptRefusal =
  | 'ASSET_UNKNOWN'
  | 'DIGEST_MISMATCH'
  | 'NONCE_REUSED'
  | 'PROVIDER_MISMATCH'
  | 'RECEIPT_MALFORMED'
  | 'SIGNATURE_INVALID'
  | 'SIGNER_UNKNOWN'

let recovery: Promise<Recovery> | undefined

/**
 * Recovers who signed a digest; `undefined` unless the signature has 65 bytes, `v` of 27 or 28 and
 * the lower `s`. So there is exactly one valid signature text per signer and digest.
 */
export async function recoverSigner(digest: Hex, signature: Hex): Promise<Hex | undefined> {
  recovery ??= openRecovery()
  const { signerOf } = await recovery
  const signer = signerOf(bytesOf(digest), bytesOf(signature))
  return signer === undefined ? undefined : `0x${Buffer.from(signer).toString('hex')}`
}

function bytesOf(hex: Hex): Uint8Array {
  return Buffer.from(hex.slice(2), 'hex')
}

/**
 * What is wrong with a receipt's content by itself; `undefined` when nothing is. `workloadNumber` is
 * the on-chain number of the workload.
 */
export function contentProblem(
  receipt: Omit<Receipt, 'workload'>,
  workloadNumber: number,
): string | undefined {
  const { assets } = receipt
  if (WORKLOADS[workloadNumber] === undefined) return `workload ${workloadNumber}`
  if (assets.length === 0 || assets.length > RECEIPT_ASSETS_MAX) return `${assets.length} assets`
  for (const [index, asset] of assets.entries()) {
    const previous = assets[index - 1]
    if (previous !== undefined && previous >= asset) return 'assets that do not ascend'
  }
  if (receipt.fee >= AMOUNT_BOUND) return 'a fee of 2^96 or more'
  if (receipt.finishedAtSeconds < receipt.startedAtSeconds) return 'an end before its start'
  return undefined
}
