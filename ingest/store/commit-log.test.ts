import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type Commit, EMPTY_LOG, applyCommit, checkContiguous, foldCommits } from './commit-log.ts'

const SEED = 20_261_122

/** Any valid log: each commit kills some that are visible. */
const logs = fc
  .array(fc.record({ killCount: fc.nat(3), at: fc.nat(), blockCount: fc.nat(3) }), {
    maxLength: 30,
  })
  .map((steps) => {
    const commits: Commit[] = []
    let alive: number[] = []
    for (const [index, { killCount, at, blockCount }] of steps.entries()) {
      const from = alive.length === 0 ? 0 : at % alive.length
      const kills = alive.slice(from, from + killCount)
      alive = [...alive.filter((seq) => !kills.includes(seq)), index + 1]
      commits.push(commit(index + 1, kills, blockCount))
    }
    return { commits, alive }
  })

test('a log folds to the same state in any order, with copies, and step by step', () => {
  fc.assert(
    fc.property(logs, fc.infiniteStream(fc.nat()), ({ commits, alive }, order) => {
      const shuffled = [...commits, ...commits.slice(0, 3)].toSorted(
        () => (order.next().value % 3) - 1,
      )
      const folded = foldCommits(shuffled)
      expect(folded.visible.map(({ seq }) => seq)).toEqual(alive)
      expect(folded.lastSeq).toBe(commits.length)
      const stepped = commits.reduce(applyCommit, EMPTY_LOG)
      expect(stepped.visible).toEqual(folded.visible)
      expect(stepped.killed).toEqual(folded.killed)
      expect(stepped.lastSeq).toBe(folded.lastSeq)
    }),
    { seed: SEED },
  )
})

test('a gap, an overlap or a missing hash between visible commits is refused', () => {
  const broken = expect.objectContaining({ code: 'COMMIT_LOG_BROKEN' })
  const first = { ...commit(1, [], 3), firstBlock: 5, lastBlock: 7 }
  for (const firstBlock of [7, 9]) {
    const second = { ...commit(2, [], 2), firstBlock, lastBlock: firstBlock + 1 }
    expect(() => checkContiguous([first, second])).toThrow(broken)
  }
  expect(() => checkContiguous([{ ...first, lastBlock: 8 }])).toThrow(broken)
  expect(() =>
    checkContiguous([first, { ...commit(2, [], 2), firstBlock: 8, lastBlock: 9 }]),
  ).not.toThrow()
})

function commit(seq: number, kills: readonly number[], blockCount: number): Commit {
  const blockHashes = Array.from({ length: blockCount }, () => `0x${'ab'.repeat(32)}` as const)
  return { seq, firstBlock: seq, lastBlock: seq, blockHashes, kills, rowCounts: {} }
}
