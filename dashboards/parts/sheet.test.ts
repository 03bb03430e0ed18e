import { expect, test } from 'vitest'

import { sheetToCsv } from './sheet.ts'

test('quotes, commas and line breaks survive in CSV', () => {
  const sheet = {
    name: 'x',
    columns: ['a', 'b'],
    rows: [
      ['1,2', 'say "no"\n'],
      ['-12', ''],
    ],
  }
  expect(sheetToCsv(sheet)).toBe('a,b\r\n"1,2","say ""no""\n"\r\n-12,\r\n')
})

test('a name that looks like a formula is not one in a spreadsheet', () => {
  const sheet = { name: 'x', columns: ['name'], rows: [['=1+1'], ['@x'], ['-x']] }
  expect(sheetToCsv(sheet)).toBe("name\r\n'=1+1\r\n'@x\r\n'-x\r\n")
})
