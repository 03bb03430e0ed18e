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
        throw new BodyRefusedError('BODY_TOO_LARGE', 413, `at most ${bytesMax} bytes`)
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
  const error = new BodyRefusedError('SENDER_TOO_SLOW', 408, `the next piece in ${waitMs} ms`)
  const timer = setTimeout(() => slow.reject(error), waitMs)
  const next = pieces.next().catch(() => {
    throw new BodyRefusedError('BODY_CUT_OFF', 400, 'a whole body')
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

/** A body is not read to its end; `status` is that of the answer. */
export class BodyRefusedError extends FatalError {
  readonly status: number
  constructor(code: string, status: number, expected: string) {
    super(code, `body: expected ${expected}, found another`)
    this.status = status
  }
}
