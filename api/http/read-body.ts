import type { Readable } from 'node:stream'

import { FatalError } from '@foggara/schema'

/** How much of a body is read, and how long is waited for it. */
export type BodyLimits = {
  readonly bytesMax: number
  /** The longest pause between two pieces. Unit: milliseconds. */
  readonly idleMsMax: number
  /** The longest time for the whole. Unit: milliseconds. */
  readonly totalMsMax: number
}

/**
 * Yields a body piece by piece, as fast as they are taken: what is not taken waits with its sender.
 *
 * @throws {BodyRefusedError} `BODY_TOO_LARGE` (413), `SENDER_TOO_SLOW` (408), `BODY_CUT_OFF` (400).
 */
export async function* bodyPieces(body: Readable, limits: BodyLimits): AsyncGenerator<Buffer> {
  const { bytesMax, idleMsMax, totalMsMax } = limits
  const endMs = performance.now() + totalMsMax
  // Destroying a body would cut the connection before the answer is on it.
  const pieces = body.iterator({ destroyOnReturn: false })
  let byteLength = 0
  try {
    while (true) {
      const waitMs = Math.max(0, Math.min(idleMsMax, endMs - performance.now()))
      const next = await nextWithin(pieces, waitMs)
      if (next.done === true) return
      const bytes = next.value as Buffer
      byteLength += bytes.length
      if (byteLength > bytesMax) {
        throw tooLarge(bytesMax)
      }
      yield bytes
    }
  } finally {
    // Lets go of the body, so that somebody else may read its rest; it waits for a piece under way.
    pieces.return?.().catch(() => undefined)
  }
}

async function nextWithin(
  pieces: AsyncIterator<unknown>,
  waitMs: number,
): Promise<IteratorResult<unknown>> {
  const slow = Promise.withResolvers<never>()
  const timer = setTimeout(() => slow.reject(tooSlow(waitMs)), waitMs)
  const next = pieces.next().catch(() => {
    throw cutOff()
  })
  try {
    return await Promise.race([next, slow.promise])
  } finally {
    clearTimeout(timer)
    // Whichever comes second has nobody to hear of it.
    next.catch(() => undefined)
  }
}

/** The whole of a body that fits memory. Raises as {@link bodyPieces}. */
export async function readBody(body: Readable, limits: BodyLimits): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of bodyPieces(body, limits)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/**
 * The whole of a body whose sender says how long it is, in memory that threads can share: each byte is
 * copied once. Raises as {@link bodyPieces}.
 */
export async function readSharedBody(
  body: Readable,
  byteLength: number,
  { bytesMax, idleMsMax, totalMsMax }: BodyLimits,
): Promise<Buffer> {
  if (byteLength > bytesMax) throw tooLarge(bytesMax)
  // What nobody wrote to takes no memory: a sender pays for it with bytes.
  const bytes = Buffer.from(new SharedArrayBuffer(byteLength))
  const whole = Promise.withResolvers<void>()
  let length = 0
  const take = (piece: Buffer): void => {
    idle.refresh()
    bytes.set(piece, length)
    length += piece.length
  }
  const end = (): void => (length === byteLength ? whole.resolve() : whole.reject(cutOff()))
  const lose = (): void => whole.reject(cutOff())
  const idle = setTimeout(() => whole.reject(tooSlow(idleMsMax)), idleMsMax)
  const total = setTimeout(() => whole.reject(tooSlow(totalMsMax)), totalMsMax)
  // Somebody has to hear of an error that comes after the end as well.
  body.on('data', take).once('end', end).on('error', lose).once('close', lose)
  try {
    await whole.promise
    return bytes
  } finally {
    clearTimeout(idle)
    clearTimeout(total)
    body.off('data', take).off('end', end).off('close', lose)
  }
}

function tooLarge(bytesMax: number): BodyRefusedError {
  return new BodyRefusedError('BODY_TOO_LARGE', 413, `at most ${bytesMax} bytes`)
}

function tooSlow(waitMs: number): BodyRefusedError {
  return new BodyRefusedError('SENDER_TOO_SLOW', 408, `the next piece in ${waitMs} ms`)
}

function cutOff(): BodyRefusedError {
  return new BodyRefusedError('BODY_CUT_OFF', 400, 'a whole body')
}

/** A body is not read to its end; `status` is that of the answer. */
export class BodyRefusedError extends FatalError {
  readonly status: number
  constructor(code: string, status: number, expected: string) {
    super(code, `body: expected ${expected}, found another`)
    this.status = status
  }
}
