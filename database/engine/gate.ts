import { ChdbNodeEngine } from 'chdb/durable/node'

import { ClickHouseException } from './exception.ts'
import { sqlTokens } from './tokens.ts'

/** Who runs a statement: `writer` may do everything, `reader` may only read tables. */
export type Access = 'writer' | 'reader'

/** What ClickHouse's own parser says about a statement that passed the gate. */
export type Verdict = { readonly reads: boolean }

/** Decides, with ClickHouse's parser, whether a text may run at all and for whom. */
export type Gate = {
  /**
   * Passes exactly one statement; raises code 62 for several or none, and 164 for a statement that
   * a reader may not run.
   */
  readonly check: (sql: string, database: string, access: Access) => Promise<Verdict>
  readonly close: () => Promise<void>
}

/**
 * Opens the gate on the engine that is already open at `path`.
 *
 * A reader is refused every statement that is not a read, and every call that reaches outside the
 * tables. The engine's own `readonly` setting is not enough: it lets `file('/etc/passwd')`,
 * `describe table url(…)`, `INTO OUTFILE` and `KILL QUERY` through.
 * Every table stays readable, `system.*` included: the embedded engine has no grants.
 */
export async function openGate(
  path: string,
  backupPath: string,
  tableFunctions: readonly string[],
): Promise<Gate> {
  const parser = new ChdbNodeEngine()
  await parser.start({ dataPath: path, backupsAllowedPath: backupPath })
  const outside = outsideCalls(tableFunctions)
  return {
    check: async (sql, database, access) => {
      const { statementCount, queryClass } = await parser.analyze(sql, database)
      if (statementCount === 0) throw syntaxError('Empty query')
      if (statementCount > 1) throw syntaxError('Multi-statements are not allowed')
      const parsedClass: number = queryClass
      const reads = parsedClass === READ_ONLY
      if (isWaitingKill(sql)) throw waitingKill()
      if (access === 'reader') {
        if (!reads) throw readonlyError('Cannot execute query in readonly mode.')
        const call = firstCall(sql, outside)
        if (call !== undefined) {
          throw readonlyError(`Function ${call} is not allowed in readonly mode.`)
        }
      }
      return { reads }
    },
    close: () => parser.close(),
  }
}

/** The class the parser gives to SELECT, SHOW, DESCRIBE, EXISTS, EXPLAIN and CHECK. */
const READ_ONLY = 0

/** Table functions that compute or read tables only; every other one reaches outside. */
const INSIDE_TABLE_FUNCTIONS = new Set(
  [
    ['dictionary', 'format', 'generateRandom', 'generateSeries', 'generate_series', 'merge'],
    ['mergeTreeIndex', 'mergeTreeProjection', 'null', 'numbers', 'numbers_mt', 'primes'],
    ['SQLStandardValues', 'values', 'view', 'viewIfPermitted', 'zeros', 'zeros_mt'],
  ].flat(),
)

/** Ordinary functions that read files, reach a network or hold a thread. */
const OUTSIDE_FUNCTIONS = ['file', 'AIGenerate', 'catboostEvaluate', 'sleep', 'sleepEachRow']

function outsideCalls(tableFunctions: readonly string[]): ReadonlySet<string> {
  const outside = tableFunctions.filter((name) => !INSIDE_TABLE_FUNCTIONS.has(name))
  return new Set([...outside, ...OUTSIDE_FUNCTIONS].map((name) => name.toLowerCase()))
}

function firstCall(sql: string, names: ReadonlySet<string>): string | undefined {
  let name: string | undefined
  for (const token of sqlTokens(sql)) {
    if (token.text === '(' && name !== undefined && names.has(name.toLowerCase())) return name
    name = token.type === 'word' || token.type === 'quoted-name' ? token.text : undefined
  }
  return undefined
}

/** `KILL QUERY … SYNC` waits inside the engine for a query that may wait for it: it never ends. */
function isWaitingKill(sql: string): boolean {
  let isKill = false
  let isFirst = true
  for (const token of sqlTokens(sql)) {
    const word = token.type === 'word' ? token.text.toUpperCase() : ''
    if (isFirst) isKill = word === 'KILL'
    if (!isKill) return false
    if (word === 'SYNC') return true
    isFirst = false
  }
  return false
}

function waitingKill(): ClickHouseException {
  return new ClickHouseException(48, 'NOT_IMPLEMENTED', 'KILL … SYNC is not supported, use ASYNC.')
}

function syntaxError(text: string): ClickHouseException {
  return new ClickHouseException(62, 'SYNTAX_ERROR', `Syntax error: ${text}.`)
}

function readonlyError(text: string): ClickHouseException {
  return new ClickHouseException(164, 'READONLY', `reader: ${text}`)
}
