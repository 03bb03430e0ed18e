import fc from 'fast-check'
import { expect, test } from 'vitest'

import { readCsv } from '../files/csv-table.ts'
import { scanCsv } from './csv-scan.ts'

test('a file in pieces of any size is read as the parser of whole files reads it', () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', 'b', '1', '"', ',', '\n', 'é', '日', ' '),
    maxLength: 6,
  })
  const row = fc.tuple(cell, cell, cell)
  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 9 })
  fc.assert(
    fc.property(fc.array(row), sizes, fc.boolean(), fc.boolean(), (rows, lengths, crlf, ends) => {
      const end = crlf ? '\r\n' : '\n'
      const lines = [['to', 'note', 'from'], ...rows].map((cells) => cells.map(quoted).join(','))
      const text = `\uFEFF${lines.join(end)}${ends ? end : ''}`
      expect(scanned(text, lengths)).toEqual(
        readCsv('e.csv', text, ['from', 'to']).rows.map(({ line, cells }) => ({
          line,
          from: cells['from'],
          to: cells['to'],
        })),
      )
    }),
    { seed: 20266 },
  )
})

test('empty lines are skipped and counted', () => {
  expect(scanned('from,to\n\n\na,b\n\r\nc,d', [5])).toEqual([
    { line: 4, from: 'a', to: 'b' },
    { line: 6, from: 'c', to: 'd' },
  ])
})

test('what breaks the format is refused with its line', () => {
  expect(() => scanned('from,to\na,b\na\n', [99])).toThrowErrorMatchingInlineSnapshot(
    `[CsvMalformedError: e.csv line 3: expected 2 columns, found 1]`,
  )
  expect(() => scanned('from\na\n', [99])).toThrowErrorMatchingInlineSnapshot(
    `[CsvColumnMissingError: e.csv line 1: expected a column to, found from]`,
  )
  expect(() => scanned('', [99])).toThrowErrorMatchingInlineSnapshot(
    `[CsvMalformedError: e.csv line 1: expected a header, found nothing]`,
  )
  expect(() => scanned('from,to\n"a,b\n', [99])).toThrowErrorMatchingInlineSnapshot(
    `[CsvMalformedError: e.csv line 2: expected a closing quote, found the end]`,
  )
  const endless = `from,to\n"${'a'.repeat(1 << 21)}`
  expect(() => scanned(endless, [1 << 16])).toThrowErrorMatchingInlineSnapshot(
    `[CsvMalformedError: e.csv line 2: expected a row below 1048576 bytes, found more (is a quote not closed?)]`,
  )
})

function scanned(text: string, lengths: readonly number[]) {
  const rows: { line: number; from: string; to: string }[] = []
  const scanner = scanCsv('e.csv', ['from', 'to'], ({ line, bytes, starts, ends }) => {
    const [from = '', to = ''] = [0, 1].map((slot) =>
      new TextDecoder().decode(bytes.subarray(starts[slot], ends[slot])),
    )
    rows.push({ line, from, to })
  })
  const bytes = new TextEncoder().encode(text)
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1
    scanner.push(bytes.slice(at, at + length))
    at += length
  }
  scanner.finish()
  return rows
}

function quoted(text: string): string {
  return /[",\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text
}
