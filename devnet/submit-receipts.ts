import { RetryableError, type SignedReceipt, receiptToJson } from '@foggara/schema'

/**
 * Posts receipts one by one to a receiver such as `http://127.0.0.1:4000/receipts`, which answers
 * 2xx for a receipt that it has stored.
 *
 * @throws {ReceiptNotTakenError} at the first that is not taken.
 */
export async function submitReceiptsTo(
  url: string,
  receipts: readonly SignedReceipt[],
): Promise<void> {
  for (const receipt of receipts) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(receiptToJson(receipt)),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    await response.arrayBuffer()
    if (!response.ok) throw new ReceiptNotTakenError(url, response.status)
  }
}

/** A receiver that takes longer is treated like one that is not there. */
const ANSWER_MS_MAX = 3000

/** A receiver did not take a receipt. */
export class ReceiptNotTakenError extends RetryableError {
  constructor(url: string, status: number) {
    super('RECEIPT_NOT_TAKEN', `expected ${url} to take a receipt, found status ${status}`)
  }
}
