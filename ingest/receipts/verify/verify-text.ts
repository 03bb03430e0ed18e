import type { Hex } from '@foggara/schema'

import type { ReceiptHasher } from '../hash/receipt-hasher.ts'
import { type ParsedReceipt, type Refused, parseReceiptText } from '../parse-receipt.ts'
import type { Recovery } from './recovery.ts'

/** A receipt with its id and who signed it. */
export type VerifiedReceipt = ParsedReceipt & {
  readonly digest: Hex
  /** `undefined`: the signature is no valid one. */
  readonly signer: Hex | undefined
}

/** Decodes a receipt and checks everything about it that needs no database. */
export function verifyText(
  bytes: Uint8Array,
  hasher: ReceiptHasher,
  recovery: Recovery,
): VerifiedReceipt | Refused {
  const parsed = parseReceiptText(bytes)
  if (parsed.type === 'refused') return parsed
  const digest = hasher.digestOf(parsed.receipt)
  const signature = Buffer.from(parsed.receipt.signature.slice(2), 'hex')
  const signer = recovery.signerOf(digest, signature)
  return {
    ...parsed,
    digest: `0x${digest.toString('hex')}`,
    signer: signer === undefined ? undefined : `0x${Buffer.from(signer).toString('hex')}`,
  }
}
