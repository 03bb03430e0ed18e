import { stripVTControlCharacters } from 'node:util'

import { expect, test } from 'vitest'

import { READING } from '../test/sample-reading.ts'
import { createBoard } from './board.ts'
import { screenLines } from './screen-lines.ts'
import { lineText, widthOf } from './styled-line.ts'

const TIMES = { startMs: 0, nowMs: 65_000 }

test('a screen shows chains, providers, subgraphs, receipts, epochs and problems', () => {
  const lines = screenLines(READING, TIMES).map((line) => lineText(line, 120, false))
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "foggara  runs for 1 min 5 s  memory 412 MB + 380 MB database of 1,000 MB
    chain 31337  backfilling  block 8,000 of 12,400  final 12,336  settled 7,936
      400.5 blocks/s, 81,234.5 events/s, 11 s left, last blocks 1 s ago, 3 reorgs
      well        https://rpc.example/… #abc123  42 ms, 12,345 calls, 1,234,567 units, 3 errors
    subgraph token  backfilling  block 400 of 12,400, 12 handlers/s, 6 min 34 s left
    receipts  20.1/s, 1,203 accepted, 1 rejected, 2 waiting
    epochs    12 closed, the last is 12
    RPC_REFUSED (1 min 0 s ago) bad  [2J key 
    RPC_UNREACHABLE (1 min 4 s ago, 2 times) http://a/…: none"
  `)
})

test('no line is wider than the terminal, and none holds what a terminal would obey', () => {
  for (const columns of [20, 40, 80, 200]) {
    for (const line of screenLines(READING, TIMES)) {
      const text = lineText(line, columns, false)
      expect(widthOf(text)).toBeLessThanOrEqual(columns)
      expect(text).not.toMatch(/\p{Cc}/u)
    }
  }
  expect(lineText([{ text: '漢字漢字' }], 5, false)).toBe('漢字…')
})

test('colours are shown on request only, and change no width', () => {
  for (const line of screenLines(READING, TIMES)) {
    const coloured = lineText(line, 60, true)
    expect(stripVTControlCharacters(coloured)).toBe(lineText(line, 60, false))
  }
})

test('a service that has nothing yet shows one line', () => {
  const board = createBoard(() => 0)
  expect(screenLines(board.reading(), TIMES)).toHaveLength(1)
})

test('the last three problems are kept, one that repeats is counted', () => {
  const board = createBoard(() => 5)
  for (const code of ['A_A', 'B_B', 'B_B', 'C_C', 'D_D']) board.noteProblem(code, 'found')
  expect(board.reading().problems.map(({ code, count }) => [code, count])).toEqual([
    ['B_B', 2],
    ['C_C', 1],
    ['D_D', 1],
  ])
})
