import { expect, test } from 'vitest'

import { createRangeLimits } from './fetch-range-limits.ts'

const FILTER = '10 addresses, any topics'

test('sparse ranges grow until the limit of the provider, dense ones shrink', () => {
  const limits = createRangeLimits()
  const first = limits.blocksFor(FILTER)
  limits.noteLogs(FILTER, first, 0)
  expect(limits.blocksFor(FILTER)).toBe(2 * first)
  limits.noteRefusal(FILTER, { from: 1, to: 2 * first }, { type: 'too-many-blocks', limit: 800 })
  expect(limits.blocksFor(FILTER)).toBe(800)
  limits.noteLogs(FILTER, 800, 0)
  expect(limits.blocksFor(FILTER)).toBe(800)
  limits.noteLogs(FILTER, 800, 20_000)
  expect(limits.blocksFor(FILTER)).toBe(200)
  expect(limits.blocksFor('another filter')).toBe(800)
})

test('a refusal always leads to less, whatever limit or hint it names', () => {
  const asked = { from: 100, to: 199 }
  const refusals = [
    { type: 'too-many-blocks', limit: 100 },
    { type: 'too-many-blocks', limit: 5_000 },
    { type: 'too-many-blocks', suggested: { from: 0, to: 5_000 } },
    { type: 'too-many-blocks' },
    { type: 'too-many-logs', suggested: { from: 100, to: 199 } },
    { type: 'too-many-logs', suggested: { from: 100, to: 180 } },
    { type: 'too-many-logs' },
  ] as const
  for (const refusal of refusals) {
    const size = createRangeLimits().noteRefusal(FILTER, asked, refusal)
    expect(size).toBeGreaterThan(0)
    expect(size).toBeLessThan(100)
  }
})

test('silence counts as too much only when it comes again', () => {
  const limits = createRangeLimits()
  const first = limits.blocksFor(FILTER)
  limits.noteSilence(FILTER, first)
  expect(limits.blocksFor(FILTER)).toBe(first)
  limits.noteSilence(FILTER, first)
  expect(limits.blocksFor(FILTER)).toBe(first / 2)
})

test('what is learned survives a restart', () => {
  const limits = createRangeLimits()
  limits.noteRefusal(FILTER, { from: 1, to: 1_000 }, { type: 'too-many-blocks', limit: 10 })
  limits.noteFiltersMax(5)
  const again = createRangeLimits(JSON.parse(JSON.stringify(limits.stored())))
  expect(again.blocksFor(FILTER)).toBe(10)
  expect(again.filtersMax()).toBe(5)
})
