import type { Row } from './row.ts'
import type { Statement } from './statement.ts'

/**
 * Keeps answers of statements. A statement's text names its cut and its block, and what is visible
 * at a cut never changes, so an answer stays right for ever; it only gets useless.
 */
export type StatementCache = {
  get(statement: Statement): readonly Row[] | undefined
  set(statement: Statement, rows: readonly Row[]): void
}

const ANSWER_COUNT_MAX = 300

/** Larger answers are rare and would push out many small ones. */
const ANSWER_ROWS_MAX = 250

/** An empty cache that forgets the answers that were not asked for longest. */
export function createStatementCache(): StatementCache {
  const answers = new Map<string, readonly Row[]>()
  return {
    get(statement) {
      const key = keyOf(statement)
      const rows = answers.get(key)
      if (rows === undefined) return undefined
      answers.delete(key)
      answers.set(key, rows)
      return rows
    },
    set(statement, rows) {
      if (rows.length > ANSWER_ROWS_MAX) return
      answers.set(keyOf(statement), rows)
      for (const oldest of answers.keys()) {
        if (answers.size <= ANSWER_COUNT_MAX) return
        answers.delete(oldest)
      }
    },
  }
}

function keyOf({ sql, parameters }: Statement): string {
  const values = JSON.stringify(parameters, (_name, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
  return `${sql}\n${values}`
}
