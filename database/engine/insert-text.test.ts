import { expect, test } from 'vitest'

import { parseInsertText } from './insert-text.ts'

test.each([
  ['insert into t format CSV', "insert into t  FROM INFILE 'p'  FORMAT CSV"],
  [
    'INSERT INTO a.b (x, y) FORMAT JSONEachRow;',
    "INSERT INTO a.b (x, y)  FROM INFILE 'p'  FORMAT JSONEachRow",
  ],
  [
    'insert into t settings a = 1 format CSV',
    "insert into t  FROM INFILE 'p' settings a = 1  FORMAT CSV",
  ],
  ['insert into t values', "insert into t  FROM INFILE 'p'  FORMAT Values"],
  [
    '/* x */ insert into `select` (`format`) format TSV',
    "/* x */ insert into `select` (`format`)  FROM INFILE 'p'  FORMAT TSV",
  ],
  ['insert into format format TSV', "insert into format  FROM INFILE 'p'  FORMAT TSV"],
])('the rows of %j are read from a file', (sql, rewritten) => {
  const insert = parseInsertText(sql)
  expect(insert?.fromFile('p')).toBe(rewritten)
  expect(insert?.inlineRows).toBe('')
})

test('rows that follow the format in the same text are taken out of it', () => {
  const insert = parseInsertText('insert into t format CSV\n1,"\n\n; drop table t"\n')
  expect(insert?.inlineRows).toBe('1,"\n\n; drop table t"\n')
  expect(insert?.fromFile('p')).toBe("insert into t  FROM INFILE 'p'  FORMAT CSV")
})

test.each([
  'select 1 format CSV',
  'insert into t select 1 format CSV',
  'insert into t (a) with 1 as x select x',
  'insert into t ((select 1))',
  'insert into t values (1)',
  "insert into t from infile 'x' format CSV",
  'create table t (a UInt8) engine = Memory',
  '',
])('%j carries no rows', (sql) => {
  expect(parseInsertText(sql)).toBeUndefined()
})
