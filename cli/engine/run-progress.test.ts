import { expect, test } from 'vitest'

import { tellProgress } from './run-progress.ts'

test('a long run tells its rate and how long it goes on, a short one nothing', () => {
  let nowMs = 0
  const warned: string[] = []
  const context = {
    environment: {},
    directory: '',
    print: () => undefined,
    warn: (line: string) => warned.push(line),
    nowMs: () => nowMs,
    stopped: new AbortController().signal,
  }
  const tell = tellProgress(context, 'rank')
  for (let count = 1; count <= 64; count++) {
    nowMs += 250
    tell({ count, countMax: 64, edgeCount: 1_000_000 })
  }
  expect(warned.slice(0, 2)).toEqual([
    'rank: iteration 8 of 64, 4.0 million edges/s, 14 s left',
    'rank: iteration 16 of 64, 4.0 million edges/s, 12 s left',
  ])
  expect(warned.at(-1)).toBe('rank: iteration 64 of 64, 4.0 million edges/s')
  const short = tellProgress(context, 'rank')
  const before = warned.length
  nowMs += 1_900
  short({ count: 64, countMax: 64, edgeCount: 1 })
  expect(warned.length).toBe(before)
})
