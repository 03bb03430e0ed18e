import { expect, test } from 'vitest'

import { openLiveScreen } from './live-screen.ts'
import type { StyledLine } from './styled-line.ts'

test('a screen is drawn over itself, and lines pass above it', () => {
  const terminal = openTerminal(40, 10)
  let count = 1
  const screen = openLiveScreen(terminal, () => [line(`count ${count}`), line('second')])
  screen.draw()
  expect(terminal.lines()).toEqual(['count 1', 'second', ''])
  count = 2
  screen.draw()
  screen.print('something happened')
  expect(terminal.lines()).toEqual(['something happened', 'count 2', 'second', ''])
  count = 3
  screen.end()
  screen.print('the end')
  expect(terminal.lines()).toEqual(['something happened', 'count 3', 'second', 'the end', ''])
})

test('nothing is written when nothing changed', () => {
  const terminal = openTerminal(40, 10)
  const screen = openLiveScreen(terminal, () => [line('same')])
  screen.draw()
  const before = terminal.writes()
  screen.draw()
  expect(terminal.writes()).toBe(before)
})

test('a terminal made narrower or lower is kept clean', () => {
  const terminal = openTerminal(60, 10)
  const screen = openLiveScreen(terminal, () => [line('x'.repeat(50)), line('b'), line('c')])
  screen.print('above')
  terminal.resize(25, 3)
  screen.print('more')
  // The lines above have scrolled away or stay; of the old screen nothing is left.
  expect(terminal.lines().join('\n')).toBe(`above\nmore\n${'x'.repeat(24)}…\nb\n`)
})

function line(text: string): StyledLine {
  return [{ text }]
}

/** A terminal that knows what the screen uses: new lines, going up, and erasing what is below. */
function openTerminal(width: number, height: number) {
  let [columns, rows] = [width, height]
  let writes = 0
  let shown = ['']
  const write = (text: string): void => {
    writes += 1
    for (const [index, part] of text.split('\u001b').entries()) {
      const [, count, letter] = (index === 0 ? null : /^\[(\d+)([FJ])/u.exec(part)) ?? []
      if (letter === 'F') row -= Number(count)
      if (letter === 'J') shown = [...shown.slice(0, row), '']
      const rest = letter === undefined ? part : part.slice(part.indexOf(letter) + 1)
      for (const [number, piece] of rest.split('\n').entries()) {
        if (number > 0) row += 1
        shown[row] = `${shown[row] ?? ''}${piece}`
      }
    }
  }
  let row = 0
  return {
    write,
    columns: () => columns,
    rows: () => rows,
    hasColour: false,
    lines: () => shown,
    writes: () => writes,
    resize: (newColumns: number, newRows: number) => {
      const wrapped = shown.flatMap((text) => text.match(/.{1,25}/gu) ?? [''])
      row += wrapped.length - shown.length
      shown = wrapped
      columns = newColumns
      rows = newRows
    },
  }
}
