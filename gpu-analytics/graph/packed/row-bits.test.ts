import fc from 'fast-check'
import { expect, test } from 'vitest'

import { BitReader } from './bit-reader.ts'
import { BitWriter } from './bit-writer.ts'
import { readRow, readRowLength, writeRow } from './row-bits.ts'

const SEED = 20_260_809

const row = fc
  .tuple(
    fc.constantFrom(1, 2, 30, 1000, 2 ** 20, 2 ** 32),
    fc.array(fc.nat(0xffff_ffff), { maxLength: 60 }),
  )
  .map(([bound, values]) =>
    Uint32Array.from(new Set(values.map((value) => value % bound))).toSorted(),
  )

function packed(rows: readonly Uint32Array[]): Uint8Array {
  const out = new BitWriter()
  for (const sources of rows) writeRow(out, sources, 0, sources.length)
  out.end()
  return out.bytes.slice(0, out.length)
}

test('rows come out as they went in, however sparse, and nothing is left', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      const bits = new BitReader(packed(rows))
      for (const sources of rows) {
        const length = readRowLength(bits)
        const found = new Uint32Array(length)
        expect(length === 0 || readRow(bits, 2 ** 32, found, 0, length)).toBe(true)
        expect(found).toEqual(sources)
      }
      expect(bits.isAtEnd()).toBe(true)
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('a row that is cut is noticed wherever it is cut', () => {
  fc.assert(
    fc.property(row, fc.nat(), (sources, cut) => {
      const whole = packed([sources])
      const bytes = whole.slice(0, cut % whole.length)
      const bits = new BitReader(bytes)
      const length = readRowLength(bits)
      const isRead =
        length <= sources.length &&
        (length === 0 || readRow(bits, 2 ** 32, new Uint32Array(length), 0, length))
      expect(isRead && !bits.isPastEnd() && length === sources.length).toBe(false)
    }),
    { seed: SEED, numRuns: 500 },
  )
})
