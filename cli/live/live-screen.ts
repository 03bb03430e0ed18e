import type { Terminal } from '../command.ts'
import { type StyledLine, lineText, widthOf } from './styled-line.ts'

/** A few lines at the end of a terminal that are drawn over and over; other lines pass above them. */
export type LiveScreen = {
  /** Prints a line above the screen. */
  readonly print: (line: string) => void
  readonly draw: () => void
  /** Draws a last time, and leaves it. */
  readonly end: () => void
}

/**
 * Opens a screen. The cursor always rests below it and nothing else of the terminal is changed, so
 * whatever ends the process leaves the terminal whole.
 */
export function openLiveScreen(terminal: Terminal, read: () => readonly StyledLine[]): LiveScreen {
  let drawn: readonly number[] = []
  let shown = ''
  let hasEnded = false
  const write = (above: string): void => {
    const columns = Math.max(20, terminal.columns())
    // One row stays for the cursor.
    const lines = read().slice(0, Math.max(1, terminal.rows() - 1))
    const texts = lines.map((line) => lineText(line, columns, terminal.hasColour))
    const text = `${texts.join('\n')}\n`
    if (above === '' && text === shown) return
    terminal.write(`${eraser(drawn, columns)}${above}${text}`)
    shown = text
    drawn = lines.map((line) => widthOf(lineText(line, columns, false)))
  }
  return {
    print: (line) => {
      if (hasEnded) terminal.write(`${line}\n`)
      else write(`${line}\n`)
    },
    draw: () => write(''),
    end: () => {
      if (hasEnded) return
      write('')
      hasEnded = true
    },
  }
}

/** Goes up to where the screen begins: in a terminal made narrower, its lines take several rows. */
function eraser(widths: readonly number[], columns: number): string {
  const rows = widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
  return rows === 0 ? '' : `\u001b[${rows}F\u001b[0J`
}
