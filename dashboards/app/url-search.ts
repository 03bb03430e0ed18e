/** What the frame keeps in every page's URL. */
export type FrameSearch = {
  /** The block that every answer is pinned to; absent: the latest. */
  readonly block?: number | undefined
  readonly theme?: Theme | undefined
}

export const THEMES = ['light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** Search parameters as they stand in the URL: text by name. */
export type RawSearch = Readonly<Record<string, unknown>>

/** Reads `?a=1&b=x` as text by name, without guessing at types. */
export function parseUrlSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search))
}

/** Writes search parameters as `?a=1&b=x`, leaving out what is not set. */
export function stringifyUrlSearch(search: RawSearch): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    const text = Array.isArray(value) ? value.join(',') : value
    if (typeof text === 'number') params.set(name, text.toString())
    if (typeof text === 'string' && text !== '') params.set(name, text)
  }
  const written = params.toString()
  return written === '' ? '' : `?${written}`
}

/** The frame's part of the URL. */
export function readFrameSearch(search: RawSearch): FrameSearch {
  return { block: readCount(search['block']), theme: readChoice(search['theme'], THEMES) }
}

/** A whole number from 0 that fits a double, or nothing. */
export function readCount(value: unknown): number | undefined {
  const text = String(value)
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** One of some words, or nothing. */
export function readChoice<const Word extends string>(
  value: unknown,
  words: readonly Word[],
): Word | undefined {
  return words.find((word) => word === value)
}

/** Some of the words of a comma-separated list, in the words' own order; nothing when there is none. */
export function readChoices<const Word extends string>(
  value: unknown,
  words: readonly Word[],
): readonly Word[] | undefined {
  const given = new Set(readText(value)?.split(','))
  const chosen = words.filter((word) => given.has(word))
  return chosen.length === 0 ? undefined : chosen
}

/** Text that is not empty, or nothing. */
export function readText(value: unknown): string | undefined {
  if (Array.isArray(value)) return readText(value.join(','))
  return typeof value === 'string' && value !== '' ? value : undefined
}
