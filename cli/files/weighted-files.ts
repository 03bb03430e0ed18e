import { FatalError } from '@foggara/schema'

import { type CsvRow, cell, readCsv } from './csv-table.ts'
import { commonIntegers, parseDecimal } from './decimal.ts'

/** One row of an edge file, its weight scaled to an integer. */
export type EdgeRow = { readonly from: string; readonly to: string; readonly weight: bigint }

/** A file's rows with the power of ten that its weights were multiplied by. */
export type Scaled<T> = { readonly rows: readonly T[]; readonly scale: number }

/** What to do with two rows of one pair. */
export const PARALLEL_RULES = ['sum', 'reject', 'last'] as const
export type ParallelRule = (typeof PARALLEL_RULES)[number]

/**
 * Reads `from,to,weight`. Without a weight column every row weighs 1.
 *
 * @throws {CsvMalformedError | WeightNegativeError | IdMissingError | EdgeRepeatedError}
 */
export function readEdges(file: string, text: string, parallel: ParallelRule): Scaled<EdgeRow> {
  const table = readCsv(file, text, ['from', 'to', 'weight'])
  const firstLines = new Map<string, number>()
  const decimals = table.rows.map((row) =>
    parseDecimal(cell(row, 'weight'), `${file} line ${row.line}`),
  )
  const { integers, scale } = commonIntegers(decimals)
  const rows = table.rows.map((row, index) => {
    const from = idOf(file, row, 'from')
    const to = idOf(file, row, 'to')
    if (parallel === 'reject') {
      const pair = JSON.stringify([from, to])
      const first = firstLines.get(pair)
      if (first !== undefined) throw new EdgeRepeatedError(file, row.line, first, from, to)
      firstLines.set(pair, row.line)
    }
    return { from, to, weight: integers[index] ?? 0n }
  })
  return { rows, scale }
}

/**
 * Reads `id,weight`, each id once.
 *
 * @throws {CsvMalformedError | WeightNegativeError | IdMissingError | IdRepeatedError}
 */
export function readWeights(
  file: string,
  text: string,
): Scaled<{ readonly id: string; readonly weight: bigint }> {
  const table = readCsv(file, text, ['id', 'weight'])
  const firstLines = new Map<string, number>()
  const decimals = table.rows.map((row) =>
    parseDecimal(cell(row, 'weight'), `${file} line ${row.line}`),
  )
  const { integers, scale } = commonIntegers(decimals)
  const rows = table.rows.map((row, index) => ({
    id: newId(file, row, firstLines),
    weight: integers[index] ?? 0n,
  }))
  return { rows, scale }
}

/** Reads a file with a column `id`, each id once. */
export function readIds(file: string, text: string): readonly string[] {
  const firstLines = new Map<string, number>()
  return readCsv(file, text, ['id']).rows.map((row) => newId(file, row, firstLines))
}

function newId(file: string, row: CsvRow, firstLines: Map<string, number>): string {
  const id = idOf(file, row, 'id')
  const first = firstLines.get(id)
  if (first !== undefined) throw new IdRepeatedError(file, row.line, first, id)
  firstLines.set(id, row.line)
  return id
}

function idOf(file: string, row: CsvRow, column: string): string {
  const id = cell(row, column)
  if (id === '') throw new IdMissingError(file, row.line, column)
  return id
}

/** A row has no id. */
export class IdMissingError extends FatalError {
  constructor(file: string, line: number, column: string) {
    super('ID_MISSING', `${file} line ${line}: expected an id in column ${column}, found nothing`)
  }
}

/** An id appears twice where each must be unique. */
export class IdRepeatedError extends FatalError {
  constructor(file: string, line: number, firstLine: number, id: string) {
    super(
      'ID_REPEATED',
      `${file} line ${line}: expected each id once, found ${JSON.stringify(id)} again (line ${firstLine})`,
    )
  }
}

/** A pair appears twice although `--parallel reject` was asked for. */
export class EdgeRepeatedError extends FatalError {
  constructor(file: string, line: number, firstLine: number, from: string, to: string) {
    super(
      'EDGE_REPEATED',
      `${file} line ${line}: expected each pair once, found ${from} -> ${to} again (line ${firstLine})`,
      { hint: 'Use --parallel sum (the default) to add parallel edges.' },
    )
  }
}
