import { expect, test } from 'vitest'

import { duration, progressLines } from './progress.ts'

test('progress tells of rate and time left, at most once a period, and always of the end', () => {
  let nowMs = 0
  const line = progressLines('index:', 'blocks', { nowMs: () => nowMs, everyMs: 1000 })
  expect(line({ done: 0, total: 300 })).toBeUndefined()
  nowMs = 500
  expect(line({ done: 50, total: 300 })).toBeUndefined()
  nowMs = 1000
  expect(line({ done: 100, total: 300 })).toBe('index: 100 of 300 blocks, 100 blocks/s, 2 s left')
  nowMs = 1100
  expect(line({ done: 300, total: 300 })).toBe('index: 300 of 300 blocks, 273 blocks/s')
  expect(line({ done: 301, total: 301 })).toBeUndefined()
})

test('durations are written as people say them', () => {
  expect([0.2, 59, 61, 3599, 7260].map(duration)).toEqual([
    '1 s',
    '59 s',
    '1 min 1 s',
    '59 min 59 s',
    '2 h 1 min',
  ])
})
