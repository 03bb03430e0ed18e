import { FoggaraError, type Hex, type Receipt, parseReceiptJson } from '@foggara/schema'

/** A receipt that has the right shape; its signature is not checked yet. */
export type ParsedReceipt = {
  readonly type: 'receipt'
  readonly receipt: Receipt & { readonly signature: Hex }
}

/** Why some bytes are no receipt, or no batch of receipts. */
export type Refused = {
  readonly type: 'refused'
  readonly code: string
  readonly message: string
}

/** The longest text that is read as a receipt. Unit: bytes. */
export const RECEIPT_BYTES_MAX = 16 * 1024

const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads bytes as a receipt, cheapest checks first: length, UTF-8, JSON, shape and bounds, keys. */
export function parseReceiptText(bytes: Uint8Array): ParsedReceipt | Refused {
  if (bytes.length > RECEIPT_BYTES_MAX) {
    return refused(
      'RECEIPT_TOO_LARGE',
      `expected a receipt of at most ${RECEIPT_BYTES_MAX} bytes, found ${bytes.length}`,
    )
  }
  let text: string
  try {
    text = TEXT.decode(bytes)
  } catch {
    return refused('RECEIPT_NOT_UTF8', 'expected a receipt in UTF-8, found other bytes')
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const found = JSON.stringify(text.slice(0, 40))
    return refused('RECEIPT_NOT_JSON', `expected a receipt as JSON, found ${found}`)
  }
  try {
    const receipt = parseReceiptJson(value)
    if (quotesIn(text) !== quotesOf(receipt)) {
      return refused('RECEIPT_MALFORMED', 'receipt: expected every key once, found one twice')
    }
    return { type: 'receipt', receipt }
  } catch (error) {
    if (!(error instanceof FoggaraError)) throw error
    return refused(error.code, error.message)
  }
}

/** A refusal with a stable code. */
export function refused(code: string, message: string): Refused {
  return { type: 'refused', code, message }
}

function quotesIn(text: string): number {
  let count = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1
  return count
}

/**
 * Quotation marks of a receipt's JSON in which each key stands once. No value of a receipt can hold
 * one, so a key that came before with another value, which `JSON.parse` forgets, leaves more of them.
 */
function quotesOf(receipt: Receipt & { readonly signature: Hex }): number {
  const keys = Object.keys(receipt).length
  return 2 * (keys + (keys - 1) + receipt.assets.length)
}
