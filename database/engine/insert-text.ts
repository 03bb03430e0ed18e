import { stringLiteral } from './quote.ts'
import { type SqlToken, sqlTokens } from './tokens.ts'

/** An `INSERT` whose rows travel outside the SQL text. */
export type InsertText = {
  /** The format of the rows, as named by the statement. */
  readonly format: string
  /** What follows the format name inside the SQL text: the first part of the rows, often empty. */
  readonly inlineRows: string
  /** The statement that reads the rows from a file instead; `path` must hold no glob characters. */
  readonly fromFile: (path: string) => string
}

/**
 * Recognises an `INSERT … FORMAT name` or `INSERT … VALUES` that carries rows rather than a query.
 *
 * Rows must never reach the engine as SQL text: the embedded engine ends them at an empty line and
 * runs what follows as statements. Returns `undefined` for anything else, `INSERT … SELECT`
 * included, and for `VALUES` followed by text, whose parser has no such rule.
 */
export function parseInsertText(sql: string): InsertText | undefined {
  let settingsStart: number | undefined
  let previous: SqlToken | undefined
  for (const token of sqlTokens(sql)) {
    const word = token.type === 'word' && token.depth === 0 ? token.text.toUpperCase() : ''
    if (previous === undefined && word !== 'INSERT') return undefined
    if (isName(previous)) {
      // A table may be called like a keyword: after INTO, TABLE, FUNCTION or a dot stands a name.
    } else if (word === 'SELECT' || word === 'WITH' || word === 'WATCH' || word === 'FROM') {
      return undefined
    } else if (word === 'SETTINGS') settingsStart ??= token.start
    else if (word === 'VALUES') return valuesText(sql, settingsStart ?? token.start, token)
    else if (word === 'FORMAT') return formatText(sql, settingsStart ?? token.start, token)
    else if (token.text === '(' && token.depth === 0 && opensQuery(sql, token)) return undefined
    previous = token
  }
  return undefined
}

function isName(previous: SqlToken | undefined): boolean {
  if (previous === undefined) return false
  if (previous.text === '.') return true
  return previous.type === 'word' && /^(into|table|function)$/iu.test(previous.text)
}

function opensQuery(sql: string, parenthesis: SqlToken): boolean {
  for (const token of sqlTokens(sql.slice(parenthesis.end))) {
    if (token.text === '(') continue
    return token.type === 'word' && /^(select|with)$/iu.test(token.text)
  }
  return false
}

function valuesText(sql: string, headEnd: number, values: SqlToken): InsertText | undefined {
  const rest = sql.slice(values.end)
  if (rest.trim() !== '' && rest.trim() !== ';') return undefined
  return insertText(sql, headEnd, values.start, 'Values', '')
}

function formatText(sql: string, headEnd: number, keyword: SqlToken): InsertText | undefined {
  const name = sqlTokens(sql.slice(keyword.end)).next().value
  if (name === undefined || name.type !== 'word') return undefined
  const rest = sql.slice(keyword.end + name.end)
  const inlineRows = /^\s*;?\s*$/u.test(rest) ? '' : rest.replace(/^[ \t]*\r?\n|^\s/u, '')
  return insertText(sql, headEnd, keyword.start, name.text, inlineRows)
}

function insertText(
  sql: string,
  headEnd: number,
  settingsEnd: number,
  format: string,
  inlineRows: string,
): InsertText {
  const head = sql.slice(0, headEnd)
  const settings = sql.slice(headEnd, settingsEnd)
  return {
    format,
    inlineRows,
    fromFile: (path) => `${head} FROM INFILE ${stringLiteral(path)} ${settings} FORMAT ${format}`,
  }
}
