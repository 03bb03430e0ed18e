import { type ReceiptTarget, postReceipts } from '@foggara/ingest/provider'
import { FatalError, type SignedReceipt } from '@foggara/schema'

/**
 * Posts receipts to a receiver such as `http://127.0.0.1:4000/receipts`. It is asked twice: whoever does not
 * take them then finds them on the chain.
 *
 * @throws {ReceiptNotTakenError} at the first that is rejected, and what `postReceipts` raises.
 */
export async function submitReceiptsTo(
  target: Omit<ReceiptTarget, 'attemptsMax' | 'answerMsMax'>,
  receipts: readonly SignedReceipt[],
): Promise<void> {
  const patience = { attemptsMax: 2, answerMsMax: ANSWER_MS_MAX }
  for (const { status, code } of await postReceipts({ ...target, ...patience }, receipts)) {
    if (status === 'rejected') throw new ReceiptNotTakenError(target.url, code)
  }
}

/** A receiver that takes longer is treated like one that is not there. */
const ANSWER_MS_MAX = 3000

/** A receiver rejects a receipt. */
export class ReceiptNotTakenError extends FatalError {
  constructor(url: string, code: string) {
    super('RECEIPT_NOT_TAKEN', `expected ${url} to take a receipt, found ${code}`)
  }
}
