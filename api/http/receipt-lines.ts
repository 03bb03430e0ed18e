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

/** Lines of one body, and those of them that wait for their outcome at a time. */
const LINES_MAX = 10_000
const WAITING_MAX = 1_000
const NEWLINE = 0x0a

/**
 * Submits receipts line by line while their body arrives. No more is read while many wait, so memory
 * stays bounded and the sender feels it. What was submitted before a body breaks off has its outcome.
 */
export async function submitLines(
  body: Readable,
  limits: BodyLimits,
  lineBytesMax: number,
  accept: (line: Uint8Array) => Promise<ReceiptOutcome>,
): Promise<{ readonly outcomes: readonly LineOutcome[]; readonly failure?: FoggaraError }> {
  const outcomes: Promise<LineOutcome>[] = []
  let settledCount = 0
  let lineCount = 0
  const submit = (pieces: readonly Buffer[]): void => {
    lineCount += 1
    const line = Buffer.concat(pieces)
    if (line.length === 0) return
    const number = lineCount
    outcomes.push(outcomeOf(number, accept(line)).finally(() => (settledCount += 1)))
  }
  let failure: FoggaraError | undefined
  try {
    let rest: Buffer[] = []
    let restLength = 0
    for await (const piece of bodyPieces(body, limits)) {
      let start = 0
      for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
        submit([...rest, piece.subarray(start, end)])
        rest = []
        restLength = 0
        start = end + 1
        if (lineCount >= LINES_MAX) throw new LinesTooManyError()
        if (outcomes.length - settledCount >= WAITING_MAX) await Promise.all(outcomes)
      }
      // Of a line that is too long only as much is kept as shows that it is.
      const tail = piece.subarray(start)
      if (tail.length > 0 && restLength <= lineBytesMax) rest.push(tail)
      restLength += tail.length
    }
    submit(rest)
  } catch (error) {
    if (!(error instanceof FoggaraError)) throw error
    failure = error
  }
  const answered = await Promise.all(outcomes)
  return failure === undefined ? { outcomes: answered } : { outcomes: answered, failure }
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
