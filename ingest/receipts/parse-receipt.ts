import {
  FoggaraError,
  type Hex,
  type Receipt,
  parseReceiptJson,
  receiptDigest,
} from '@foggara/schema'
import type { TypedDataDomain } from 'viem'

/** A receipt that has the right shape; its signature is not checked yet. */
export type ParsedReceipt = {
  readonly type: 'receipt'
  readonly receipt: Receipt & { readonly signature: Hex }
  readonly digest: Hex
}

/** Why a text is no receipt. */
export type RefusedText = {
  readonly type: 'refused'
  readonly code: string
  readonly message: string
}

/** The longest text that is read as a receipt. Unit: bytes. */
export const RECEIPT_BYTES_MAX = 64 * 1024

/** Reads a text as a receipt, cheapest checks first: length, JSON, shape and bounds, digest. */
export function parseReceiptText(
  text: string,
  domain: TypedDataDomain,
): ParsedReceipt | RefusedText {
  const byteLength = Buffer.byteLength(text)
  if (byteLength > RECEIPT_BYTES_MAX) {
    const message = `expected a receipt of at most ${RECEIPT_BYTES_MAX} bytes, found ${byteLength}`
    return { type: 'refused', code: 'RECEIPT_TOO_LARGE', message }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const message = `expected a receipt as JSON, found ${JSON.stringify(text.slice(0, 40))}`
    return { type: 'refused', code: 'RECEIPT_NOT_JSON', message }
  }
  try {
    const receipt = parseReceiptJson(value)
    return { type: 'receipt', receipt, digest: receiptDigest(receipt, domain) }
  } catch (error) {
    if (!(error instanceof FoggaraError)) throw error
    return { type: 'refused', code: error.code, message: error.message }
  }
}
