/** One lexical piece of a SQL text; white space and comments produce none. */
export type SqlToken = {
  readonly type: 'word' | 'quoted-name' | 'string' | 'number' | 'sign'
  /** The text as written; for a quoted name, the name without its quotes. */
  readonly text: string
  /** Offset of the first character in the SQL text. */
  readonly start: number
  /** Offset after the last character. */
  readonly end: number
  /** How many parentheses, brackets and braces are open around the token. */
  readonly depth: number
}

const OPENING = new Set(['(', '[', '{'])
const CLOSING = new Set([')', ']', '}'])
const SPACE = /\s/u
const WORD_START = /[\p{L}_$]/u
const WORD = /[\p{L}\p{N}_$]/u
const DIGIT = /[0-9]/u

/**
 * Splits ClickHouse SQL into tokens, lazily, so a caller may stop before inline data.
 *
 * It recognises strings, quoted names, heredocs and every comment form of ClickHouse. It never
 * rejects: an unterminated string or comment runs to the end of the text.
 */
export function* sqlTokens(sql: string): Generator<SqlToken> {
  let at = 0
  let depth = 0
  while (at < sql.length) {
    const skipped = afterSpaceOrComment(sql, at)
    if (skipped > at) {
      at = skipped
      continue
    }
    const token = tokenAt(sql, at, depth)
    if (CLOSING.has(token.text) && token.type === 'sign') depth = Math.max(0, depth - 1)
    yield { ...token, depth }
    if (OPENING.has(token.text) && token.type === 'sign') depth += 1
    at = token.end
  }
}

function afterSpaceOrComment(sql: string, at: number): number {
  if (SPACE.test(sql.charAt(at))) return at + 1
  if (sql.startsWith('/*', at)) return afterBlockComment(sql, at)
  const isLine = sql.startsWith('--', at) || sql.startsWith('#!', at) || sql.startsWith('# ', at)
  if (!isLine) return at
  const lineEnd = sql.indexOf('\n', at)
  return lineEnd < 0 ? sql.length : lineEnd + 1
}

function afterBlockComment(sql: string, at: number): number {
  const end = sql.indexOf('*/', at + 2)
  return end < 0 ? sql.length : end + 2
}

function tokenAt(sql: string, start: number, depth: number): SqlToken {
  const first = sql.charAt(start)
  if (first === "'") {
    const end = afterQuoted(sql, start, "'")
    return { type: 'string', text: sql.slice(start, end), start, end, depth }
  }
  if (first === '`' || first === '"') {
    const end = afterQuoted(sql, start, first)
    const text = unquoted(sql.slice(start + 1, end - 1), first)
    return { type: 'quoted-name', text, start, end, depth }
  }
  const heredocEnd = first === '$' ? afterHeredoc(sql, start) : start
  if (heredocEnd > start) {
    return { type: 'string', text: sql.slice(start, heredocEnd), start, end: heredocEnd, depth }
  }
  if (DIGIT.test(first)) {
    const end = afterRun(sql, start, /[\p{L}\p{N}_.]/u)
    return { type: 'number', text: sql.slice(start, end), start, end, depth }
  }
  if (WORD_START.test(first)) {
    const end = afterRun(sql, start, WORD)
    return { type: 'word', text: sql.slice(start, end), start, end, depth }
  }
  return { type: 'sign', text: first, start, end: start + 1, depth }
}

function afterQuoted(sql: string, start: number, quote: string): number {
  let at = start + 1
  while (at < sql.length) {
    const character = sql.charAt(at)
    if (character === '\\') at += 2
    else if (character !== quote) at += 1
    else if (sql.charAt(at + 1) === quote) at += 2
    else return at + 1
  }
  return sql.length
}

function unquoted(text: string, quote: string): string {
  return text.replaceAll(quote + quote, quote).replaceAll(/\\(.)/gsu, '$1')
}

function afterHeredoc(sql: string, start: number): number {
  const tag = /^\$\w*\$/u.exec(sql.slice(start, start + 128))?.[0]
  if (tag === undefined) return start
  const end = sql.indexOf(tag, start + tag.length)
  return end < 0 ? sql.length : end + tag.length
}

function afterRun(sql: string, start: number, allowed: RegExp): number {
  let end = start + 1
  while (end < sql.length && allowed.test(sql.charAt(end))) end += 1
  return end
}
