import { expect, test } from 'vitest'

import { parsePoint, pointText } from './kill-point.ts'
import { runMatrix } from './matrix.ts'

const SEEDS = [21, 22]
const POINTS_PER_SEED = 8

test(`an index whose process or database is killed at any of ${SEEDS.length * POINTS_PER_SEED} steps has the rows of one that ran undisturbed (seeds ${SEEDS.join(', ')})`, async () => {
  const outcomes = await runMatrix({
    seeds: SEEDS,
    pointsPerSeed: POINTS_PER_SEED,
    lanes: 2,
    onPoint: () => undefined,
  })
  expect(outcomes.filter(({ problems }) => problems.length > 0)).toEqual([])
  expect(outcomes).toHaveLength(SEEDS.length * POINTS_PER_SEED)
  for (const { text, killedAt } of outcomes) expect(killedAt.length, text).toBeGreaterThan(0)
}, 500_000)

test('the name of a point says all that is needed to run it again', () => {
  for (const text of [
    '7:ingest:143:during',
    '7:both:1:after',
    '1:ingest:2:before:damage:5:after',
  ]) {
    const point = parsePoint(text)
    expect(point === undefined ? '' : pointText(point)).toBe(text)
  }
  expect(parsePoint('12')).toBeUndefined()
})
