import { expect, test } from 'vitest'

import { entryJson, entryLines, entryOf } from './log-entry.ts'

test('a line becomes component, code and level, and one line again', () => {
  const lines = [
    ['database: ready', 'info', 'database', undefined],
    ['index: RPC_UNREACHABLE: http://a/…: expected an answer', 'warn', 'index', 'RPC_UNREACHABLE'],
    [
      'index: stands still: CHAIN_REORG_BELOW_FINALITY …',
      'error',
      'index',
      'CHAIN_REORG_BELOW_FINALITY',
    ],
    ['index: blocks 1-2 of 3, 4 logs, LOG_UNDECODABLE block 2', 'warn', 'index', 'LOG_UNDECODABLE'],
    ['chain base-1: FORK_CONTESTED block 7', 'warn', 'chain base-1', 'FORK_CONTESTED'],
    ['stopping', 'info', 'service', undefined],
    ['api: listening on http://127.0.0.1:4000', 'info', 'api', undefined],
    ['database: /data/MY_DATA/store is open', 'info', 'database', undefined],
  ] as const
  for (const [line, level, component, code] of lines) {
    const entry = entryOf(line, {}, 61_500)
    expect([entry.level, entry.component, entry.code]).toEqual([level, component, code])
    expect(entryLines(entry, 60_000)).toEqual([`    1.5 s  ${line}`])
  }
})

test('an entry is one JSON object with the documented fields, whatever its text holds', () => {
  const more = { fields: { block: 7, provider: null }, hint: 'Do "this".' }
  const entry = entryOf('index: RPC_REFUSED two\nlines', more, 1_800_000_000_000)
  const text = entryJson(entry)
  expect(text).not.toContain('\n')
  expect(JSON.parse(text)).toEqual({
    time: '2027-01-15T08:00:00.000Z',
    level: 'warn',
    code: 'RPC_REFUSED',
    component: 'index',
    message: 'RPC_REFUSED two\nlines',
    hint: 'Do "this".',
    fields: { block: 7, provider: null },
  })
  expect(JSON.parse(entryJson(entryOf('stopping', {}, 0)))).toMatchObject({ code: null })
  expect(entryLines(entry, 1_800_000_000_000)[1]).toBe('    0.0 s    hint: Do "this".')
})
