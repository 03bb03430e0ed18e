/** A piece of a line with how it looks. */
export type Span = { readonly text: string; readonly style?: Style }

/** How a piece looks where colours are shown. */
export type Style = 'strong' | 'dim' | 'good' | 'doubtful' | 'bad'

/** One line of a screen. */
export type StyledLine = readonly Span[]

const CODES: Readonly<Record<Style, number>> = {
  strong: 1,
  dim: 2,
  good: 32,
  doubtful: 33,
  bad: 31,
}

/** A line for a terminal, at most so many columns wide. */
export function lineText(line: StyledLine, columns: number, hasColour: boolean): string {
  let left = columns
  let text = ''
  for (const span of line) {
    const fitting = cut(plainText(span.text), left)
    left -= widthOf(fitting)
    if (fitting === '') continue
    const isStyled = hasColour && span.style !== undefined
    text += isStyled ? `\u001b[${CODES[span.style]}m${fitting}\u001b[0m` : fitting
  }
  return text
}

/** Text of others without anything that a terminal would obey. */
export function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}

function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const character of text) {
    width += widthOf(character)
    if (width > columns - 1) break
    kept += character
  }
  return columns > 0 ? `${kept}…` : ''
}

/** How many columns a text takes: letters of East Asia and pictures take two. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text)
    width += (character.codePointAt(0) ?? 0) >= 0x1100 && !NARROW.test(character) ? 2 : 1
  return width
}

const NARROW = /[\u2000-\u206f\u20a0-\u20cf\u2190-\u22ff]/u
