import type { Readable } from 'node:stream'

import { FatalError, FoggaraError } from '@foggara/schema'

import { type BodyLimits, bodyPieces } from './read-body.ts'
import type { ReceiptOutcome } from './receipts-route.ts'

/** The outcome of one line, counted from 1; line 0 is about the body itself. */
export type LineOutcome = Omit<ReceiptOutcome, 'status'> & {
  readonly line: number
  /** `retry`: nothing of it is stored, and it may be sent again as it is. */
  readonly status: ReceiptOutcome['status'] | 'retry'
}

/** A receipt or a batch of a body that holds several, counted from 1. */
export type BodyItem = { readonly number: number; readonly bytes: Buffer }

/** Lines of one body, and those of them that wait for their outcome at a time. */
const LINES_MAX = 10_000
const WAITING_MAX = 1_000
const NEWLINE = 0x0a

/**
 * Submits what a body holds while it arrives. No more is read while many wait, so memory stays bounded
 * and the sender feels it. What was submitted before a body breaks off has its outcome.
 */
export async function submitItems(
  pieces: AsyncIterable<readonly BodyItem[]>,
  accept: (bytes: Uint8Array) => Promise<ReceiptOutcome>,
): Promise<{ readonly outcomes: readonly LineOutcome[]; readonly failure?: FoggaraError }> {
  const outcomes: Promise<LineOutcome>[] = []
  let settledCount = 0
  let failure: FoggaraError | undefined
  try {
    for await (const items of pieces) {
      for (const { number, bytes } of items) {
        outcomes.push(outcomeOf(number, accept(bytes)).finally(() => (settledCount += 1)))
        if (outcomes.length - settledCount >= WAITING_MAX) await Promise.all(outcomes)
      }
    }
  } catch (error) {
    if (!(error instanceof FoggaraError)) throw error
    failure = error
  }
  const answered = await Promise.all(outcomes)
  return failure === undefined ? { outcomes: answered } : { outcomes: answered, failure }
}

/** The lines of a body that are not empty, as many at a time as have arrived. */
export async function* linesOf(
  body: Readable,
  limits: BodyLimits,
  lineBytesMax: number,
): AsyncGenerator<readonly BodyItem[]> {
  let number = 0
  let rest: Buffer[] = []
  let restLength = 0
  const itemOf = (line: Buffer): readonly BodyItem[] => {
    number += 1
    if (line.length === 0) return []
    if (number > LINES_MAX) throw new LinesTooManyError()
    return [{ number, bytes: line }]
  }
  for await (const piece of bodyPieces(body, limits)) {
    const items: BodyItem[] = []
    let start = 0
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      if (number === LINES_MAX) yield items.splice(0)
      items.push(...itemOf(Buffer.concat([...rest, piece.subarray(start, end)])))
      rest = []
      restLength = 0
      start = end + 1
    }
    // Of a line that is too long only as much is kept as shows that it is.
    const tail = piece.subarray(start)
    if (tail.length > 0 && restLength <= lineBytesMax) rest.push(tail)
    restLength += tail.length
    yield items
  }
  yield itemOf(Buffer.concat(rest))
}

async function outcomeOf(line: number, answer: Promise<ReceiptOutcome>): Promise<LineOutcome> {
  try {
    return { line, ...(await answer) }
  } catch (error) {
    if (!(error instanceof FoggaraError)) throw error
    const { code, message } = error
    return { line, status: 'retry', digest: undefined, code, message }
  }
}

/** One body holds too many receipts; those up to the limit have their outcomes. */
export class LinesTooManyError extends FatalError {
  constructor() {
    super('LINES_TOO_MANY', `body: expected at most ${LINES_MAX} lines, found more`)
  }
}
