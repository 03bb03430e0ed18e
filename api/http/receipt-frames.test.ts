import { Readable } from 'node:stream'

import { array, assert, asyncProperty, integer, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'

import { framesOf } from './receipt-frames.ts'

const LIMITS = { bytesMax: 10_000, idleMsMax: 10_000, totalMsMax: 10_000 }

test('batches come out as they went in, wherever the body is cut', async () => {
  const frames = array(uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 })
  const law = asyncProperty(frames, integer({ min: 1, max: 30 }), async (batches, pieceLength) => {
    const found = await read(pieces(body(batches), pieceLength))
    expect(found.map(({ bytes }) => [...bytes])).toEqual(batches.map((batch) => [...batch]))
    expect(found.map(({ number }) => number)).toEqual(batches.map((_, index) => index + 1))
  })
  await assert(law, { seed: 20_261_123, numRuns: 100 })
})

test.each([
  ['a body that ends within a batch', body([Buffer.from('ab')]).subarray(0, 5)],
  ['a body that ends within a length', Buffer.from([0, 0])],
  ['a batch of no bytes', Buffer.alloc(4)],
  ['a batch that is too long', Buffer.from([0, 0, 0, 41])],
])('%s is refused', async (_what, bytes) => {
  await expect(read(pieces(bytes, 3))).rejects.toMatchObject({ code: 'BATCHES_MALFORMED' })
})

async function read(source: readonly Buffer[]) {
  const found = []
  for await (const items of framesOf(Readable.from(source), LIMITS, 40)) found.push(...items)
  return found
}

function body(batches: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    batches.flatMap((batch) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(batch.length)
      return [length, batch]
    }),
  )
}

function pieces(bytes: Buffer, length: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) => {
    return bytes.subarray(index * length, (index + 1) * length)
  })
}
