import fc from 'fast-check'
import { expect, test } from 'vitest'

import { weavePieces } from './weave-pieces.ts'

const SEED = 20_261_123

test('pieces follow on each other, and an addition lies in the piece of its place', () => {
  const drawn = fc
    .nat(40)
    .chain((edgeCount) =>
      fc.tuple(
        fc.constant(edgeCount),
        fc.array(fc.nat(edgeCount), { maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
      ),
    )
  fc.assert(
    fc.property(drawn, ([edgeCount, unsorted, countMax]) => {
      const places = Uint32Array.from(unsorted).toSorted()
      let [first, firstAdded] = [0, 0]
      for (const piece of weavePieces(edgeCount, places, countMax)) {
        expect([piece.first, piece.firstAdded]).toEqual([first, firstAdded])
        expect(piece.end - piece.first).toBeLessThanOrEqual(countMax)
        expect(piece.endAdded - piece.firstAdded).toBeLessThanOrEqual(countMax)
        const own = places.subarray(piece.firstAdded, piece.endAdded)
        for (const place of own) {
          expect(place).toBeGreaterThanOrEqual(piece.first)
          expect(place).toBeLessThanOrEqual(piece.end)
        }
        // An addition to the first edge of a piece comes with that edge.
        expect(places[piece.endAdded] ?? edgeCount).toBeGreaterThanOrEqual(piece.end)
        ;[first, firstAdded] = [piece.end, piece.endAdded]
      }
      expect([first, firstAdded]).toEqual([edgeCount, places.length])
    }),
    { seed: SEED, numRuns: 2000 },
  )
})
