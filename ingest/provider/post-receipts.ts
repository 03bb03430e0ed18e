import { FatalError, RetryableError, type SignedReceipt, receiptToJson } from '@foggara/schema'

/** Where receipts are sent, and how long it is tried. */
export type ReceiptTarget = {
  /** Such as `http://127.0.0.1:4000/receipts`. */
  readonly url: string
  /** Resolves after the pause, or early when the signal aborts. */
  readonly sleep: (durationMs: number) => Promise<void>
  /** Aborting it ends the attempt that is under way. */
  readonly signal: AbortSignal
  /** Attempts until `RECEIPTS_NOT_TAKEN`; 20 by default, some four minutes. */
  readonly attemptsMax?: number
  /** A receiver that takes longer is treated like one that is not there; 30 000 by default. */
  readonly answerMsMax?: number
}

/** What became of one receipt or batch, as the receiver says. */
export type SentOutcome = {
  readonly status: 'accepted' | 'late' | 'duplicate' | 'quarantined' | 'rejected' | 'retry'
  readonly code: string
  readonly message: string
  readonly digest?: string
}

const NEWLINE = Buffer.from('\n')
const WAIT_MS_MIN = 100
const WAIT_MS_MAX = 15_000
/** Answers after which the very same may be sent again, besides those of 500 and more. */
const PASSING = new Set([408, 425, 429])

/**
 * Posts a signed batch until the receiver has an answer that will not change by repetition.
 *
 * @throws {ReceiptsNotTakenError}
 */
export async function postBatch(target: ReceiptTarget, bytes: Uint8Array): Promise<SentOutcome> {
  const text = await postUntilAnswered(target, 'application/vnd.foggara.receipt-batch', bytes)
  return JSON.parse(text) as SentOutcome
}

/**
 * Posts receipts that are signed one by one, and repeats those that the receiver had no room for. The
 * outcomes are in the order of the receipts; none of them is `retry`.
 *
 * @throws {ReceiptsNotTakenError}
 */
export async function postReceipts(
  target: ReceiptTarget,
  receipts: readonly SignedReceipt[],
): Promise<readonly SentOutcome[]> {
  const lines = receipts.map((receipt) => Buffer.from(JSON.stringify(receiptToJson(receipt))))
  return postLines(target, lines)
}

/** As {@link postReceipts}, for lines of JSON as they are; none may be empty or hold a newline. */
export async function postLines(
  target: ReceiptTarget,
  lines: readonly Uint8Array[],
): Promise<readonly SentOutcome[]> {
  const outcomes: SentOutcome[] = []
  const attemptsMax = target.attemptsMax ?? ATTEMPTS_MAX
  let open = lines.map((line, index) => ({ line, index }))
  for (let attempt = 0; attempt < attemptsMax && open.length > 0; attempt += 1) {
    if (attempt > 0) await target.sleep(waitMs(attempt))
    const body = Buffer.concat(open.flatMap(({ line }) => [line, NEWLINE]))
    const answers = (await postUntilAnswered(target, 'application/x-ndjson', body))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as SentOutcome & { readonly line: number })
    for (const { line, ...outcome } of answers) {
      const place = open[line - 1]
      if (place !== undefined && outcome.status !== 'retry') outcomes[place.index] = outcome
    }
    open = open.filter(({ index }) => outcomes[index] === undefined)
  }
  if (open.length > 0) throw new ReceiptsNotTakenError(target.url, `${open.length} without outcome`)
  return outcomes
}

const ATTEMPTS_MAX = 20

async function postUntilAnswered(
  target: ReceiptTarget,
  type: string,
  body: Uint8Array,
): Promise<string> {
  const { url, sleep, signal } = target
  let found = 'no answer'
  for (let attempt = 0; attempt < (target.attemptsMax ?? ATTEMPTS_MAX); attempt += 1) {
    if (attempt > 0) await sleep(waitMs(attempt))
    if (signal.aborted) break
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': type },
        body: Buffer.from(body),
        signal: AbortSignal.any([signal, AbortSignal.timeout(target.answerMsMax ?? 30_000)]),
      })
      const text = await answer.text()
      if (answer.status < 500 && !PASSING.has(answer.status)) return text
      found = `status ${answer.status}`
    } catch (error) {
      found = error instanceof Error ? error.message : String(error)
    }
  }
  throw new ReceiptsNotTakenError(url, found)
}

function waitMs(attempt: number): number {
  return Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** (attempt - 1))
}

/** A receiver could not be reached, or had no room, for as long as it was tried. */
export class ReceiptsNotTakenError extends RetryableError {
  constructor(url: string, found: string) {
    super('RECEIPTS_NOT_TAKEN', `expected ${url} to take receipts, found ${found}`, {
      hint: 'Send them again later: what was stored already is not stored twice.',
    })
  }
}

/** A receiver will never take what was sent. */
export class ReceiptsRefusedError extends FatalError {
  constructor({ code, message }: SentOutcome) {
    super('RECEIPTS_REFUSED', `expected the batch to be accepted, found ${code}: ${message}`)
  }
}
