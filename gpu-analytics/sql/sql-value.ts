import { FatalError } from '@foggara/schema'

import type { SqlRow } from './sql-session.ts'

/** A whole number of a row: `bigint`, safe `number` or decimal text. */
export function integerOf(row: SqlRow | undefined, name: string): bigint {
  return integerFrom(row?.[name], name)
}

/** A list of whole numbers of a row. */
export function integersOf(row: SqlRow | undefined, name: string): readonly bigint[] {
  const value = row?.[name]
  if (!Array.isArray(value)) throw new SqlAnswerError(`a list in ${name}`, value)
  return value.map((item) => integerFrom(item, name))
}

function integerFrom(value: unknown, name: string): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'string' && /^(?:0|[1-9][0-9]*)$/u.test(value)) return BigInt(value)
  throw new SqlAnswerError(`a whole number in ${name}`, value)
}

/** The database answers a generated statement with something else than it was asked for. */
export class SqlAnswerError extends FatalError {
  constructor(expected: string, found: unknown) {
    super('SQL_ANSWER_MALFORMED', `expected ${expected}, found ${String(found)}`)
  }
}
