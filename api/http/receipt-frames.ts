import type { Readable } from 'node:stream'

import { FatalError } from '@foggara/schema'

import { type BodyLimits, bodyPieces } from './read-body.ts'
import type { BodyItem } from './receipt-lines.ts'

const LENGTH_BYTES = 4

/**
 * The batches of a body, each behind its length in four bytes, the most significant first; as many at a
 * time as have arrived whole. Their bytes are in memory that threads can share, copied once.
 */
export async function* framesOf(
  body: Readable,
  limits: BodyLimits,
  frameBytesMax: number,
): AsyncGenerator<readonly BodyItem[]> {
  let number = 0
  let pieces: Buffer[] = []
  let length = 0
  for await (const piece of bodyPieces(body, limits)) {
    pieces.push(piece)
    length += piece.length
    const items: BodyItem[] = []
    while (length >= LENGTH_BYTES) {
      const byteLength = firstBytes(pieces, LENGTH_BYTES).readUInt32BE(0)
      if (byteLength === 0 || byteLength > frameBytesMax) {
        yield items
        throw new FramesMalformedError(`batches of 1 to ${frameBytesMax} bytes`, `${byteLength}`)
      }
      const end = LENGTH_BYTES + byteLength
      if (length < end) break
      number += 1
      items.push({ number, bytes: firstBytes(pieces, end).subarray(LENGTH_BYTES) })
      pieces = without(pieces, end)
      length -= end
    }
    yield items
  }
  if (length > 0) throw new FramesMalformedError('a whole batch', `${length} bytes`)
}

function firstBytes(pieces: readonly Buffer[], byteLength: number): Buffer {
  const bytes = Buffer.from(new SharedArrayBuffer(byteLength))
  let at = 0
  for (const piece of pieces) {
    if (at >= byteLength) break
    const part = piece.subarray(0, byteLength - at)
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function without(pieces: readonly Buffer[], byteLength: number): Buffer[] {
  let rest = byteLength
  return pieces.flatMap((piece) => {
    const left = piece.subarray(Math.min(rest, piece.length))
    rest -= piece.length - left.length
    return left.length > 0 ? [left] : []
  })
}

/** A body does not hold batches behind their lengths; those before that have their outcomes. */
export class FramesMalformedError extends FatalError {
  constructor(expected: string, found: string) {
    super('BATCHES_MALFORMED', `body: expected ${expected} behind its length, found ${found}`)
  }
}
