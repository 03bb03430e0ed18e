import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type CoverageRange, joinRanges } from './coverage.ts'

const SEED = 20_261_123

/** The ranges of a list of classes, of which the first is that of block `from`. */
function rangesOf(classes: readonly string[], from: number): readonly CoverageRange[] {
  return classes
    .map((evidence, index) => ({ firstBlock: from + index, lastBlock: from + index, evidence }))
    .reduce<readonly CoverageRange[]>((ranges, one) => joinRanges(ranges, [one]), [])
}

test(`ranges of stretches join to the ranges of the whole (seed ${SEED})`, () => {
  const classes = fc.array(fc.constantFrom('trusted', 'accumulator'), { maxLength: 40 })
  fc.assert(
    fc.property(classes, classes, (before, next) => {
      const joined = joinRanges(rangesOf(before, 0), rangesOf(next, before.length))
      expect(joined).toEqual(rangesOf([...before, ...next], 0))
      const size = joined.reduce((sum, range) => sum + range.lastBlock - range.firstBlock + 1, 0)
      expect(size).toBe(before.length + next.length)
    }),
    { seed: SEED },
  )
})

test('ranges with a gap between them stay apart', () => {
  const one = { firstBlock: 1, lastBlock: 4, evidence: 'trusted' }
  const other = { firstBlock: 6, lastBlock: 9, evidence: 'trusted' }
  expect(joinRanges([one], [other])).toEqual([one, other])
})
