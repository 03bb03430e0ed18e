import { command, queryRows } from '@foggara/database'
import { type Column, type ColumnType, clickhouseType, selectText } from '@foggara/schema'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchIndex, startScratchIndex } from '../scratch-index.ts'
import { insertTable } from './insert.ts'
import { type Row, type RowValue, encodeRows } from './row-binary.ts'

const SEED = 20_261_122

/** For each column type: any value it takes, and how ClickHouse's JSON writes it. */
const TYPES: Readonly<
  Record<ColumnType, { value: fc.Arbitrary<RowValue>; json: (value: RowValue) => unknown }>
> = {
  Bool: { value: fc.boolean(), json: (value) => value },
  UInt8: { value: fc.nat(255), json: (value) => value },
  UInt32: { value: fc.nat(2 ** 32 - 1), json: (value) => value },
  UInt64: { value: unsigned(64), json: String },
  UInt128: { value: unsigned(128), json: String },
  UInt256: { value: unsigned(256), json: String },
  Int256: {
    value: fc.bigInt({ min: -(1n << 255n), max: (1n << 255n) - 1n }),
    json: String,
  },
  String: { value: text(), json: (value) => value },
  Bytes: { value: bytes(0, 300), json: (value) => value },
  'LowCardinality(String)': { value: text(), json: (value) => value },
  'FixedString(20)': { value: bytes(20, 20), json: (value) => value },
  'FixedString(32)': { value: bytes(32, 32), json: (value) => value },
  'Nullable(UInt64)': {
    value: fc.option(unsigned(64)),
    json: (value) => (typeof value === 'bigint' ? String(value) : value),
  },
  'Array(UInt64)': {
    value: fc.array(unsigned(64), { maxLength: 200 }),
    json: (value) => (value as readonly bigint[]).map(String),
  },
  'Array(UInt256)': {
    value: fc.array(unsigned(256), { maxLength: 20 }),
    json: (value) => (value as readonly bigint[]).map(String),
  },
  'Array(String)': { value: fc.array(text()), json: (value) => value },
  'Array(FixedString(20))': { value: fc.array(bytes(20, 20)), json: (value) => value },
  'Array(FixedString(32))': { value: fc.array(bytes(32, 32)), json: (value) => value },
  'Map(String, UInt64)': {
    value: fc.dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), unsigned(64)),
    json: (value) =>
      Object.fromEntries(
        Object.entries(value as Record<string, bigint>).map(([key, item]) => [key, String(item)]),
      ),
  },
}

const COLUMNS: readonly Column[] = Object.keys(TYPES).map((type, index) => ({
  name: `column_${index}`,
  type: type as ColumnType,
}))

let index: ScratchIndex

beforeAll(async () => {
  index = await startScratchIndex()
})
afterAll(() => index[Symbol.asyncDispose]())

test('ClickHouse reads back every value of every column type as it was encoded', async () => {
  const client = await index.open('row_binary')
  const columns = COLUMNS.map(({ name, type }) => `${name} ${clickhouseType(type)}`)
  const row = fc.record(
    Object.fromEntries(COLUMNS.map(({ name, type }) => [name, TYPES[type].value])),
  )
  await command(
    client,
    `create table fit (${columns.join(', ')}, commit_seq UInt64) engine = MergeTree order by tuple()`,
  )
  const rows = fc.sample(row, { seed: SEED, numRuns: 400 }) as readonly Row[]
  // The bounds of every integer type, which random values seldom touch.
  const extremes = [0n, 1n].map((high) =>
    Object.fromEntries(
      COLUMNS.map(({ name, type }) => {
        const width = Number(/^U?Int(\d+)$/.exec(type)?.[1] ?? 0)
        const isSigned = type.startsWith('Int')
        const bits = BigInt(isSigned ? width - 1 : width)
        const value = high === 1n ? (1n << bits) - 1n : isSigned ? -(1n << bits) : 0n
        return [name, width === 0 ? (rows[0]?.[name] ?? null) : value]
      }),
    ),
  )
  const all: Row[] = [...rows, ...extremes]
  for (const [seq, each] of all.entries()) {
    const one = { table: 'fit', columns: COLUMNS, rows: [each], commitSeq: seq }
    if (seq < 3) await insertTable(client, one, `one:${seq}`)
  }
  const rest = { table: 'fit', columns: COLUMNS, rows: all.slice(3), commitSeq: 3 }
  await insertTable(client, rest, 'rest')
  const found = await queryRows(
    client,
    `${selectText(COLUMNS, 'fit')} order by commit_seq, source._part_offset`,
  )
  const expected = all.map((each) =>
    Object.fromEntries(
      COLUMNS.map(({ name, type }) => {
        const value = each[name] ?? null
        const json = /^UInt(8|32)$/.test(type) ? Number(value) : TYPES[type].json(value)
        return [name.replace(/_(\d)/, '$1'), json]
      }),
    ),
  )
  expect(found).toEqual(expected)
})

test('a value that does not fit its column is refused, never stored as something else', () => {
  const unfit: readonly (readonly [ColumnType, unknown])[] = [
    ['UInt8', 256],
    ['UInt8', -1],
    ['UInt32', 2 ** 32],
    ['UInt32', 1.5],
    ['UInt64', 1n << 64n],
    ['UInt64', 2 ** 53],
    ['UInt64', '5'],
    ['UInt128', 1n << 128n],
    ['UInt256', 1n << 256n],
    ['UInt256', -1n],
    ['UInt256', ''],
    ['UInt256', null],
    ['UInt256', undefined],
    ['UInt256', Number.NaN],
    ['Int256', 1n << 255n],
    ['Int256', -(1n << 255n) - 1n],
    ['Int256', 5],
    ['Bool', 1],
    ['String', undefined],
    ['String', '\uD800'],
    ['Bytes', '0x1'],
    ['Bytes', '0xzz'],
    ['Bytes', 'ab'],
    ['FixedString(20)', `0x${'00'.repeat(19)}`],
    ['FixedString(20)', `0x${'00'.repeat(21)}`],
    ['FixedString(32)', `0x${'00'.repeat(31)}0g`],
    ['FixedString(32)', ''],
    ['Nullable(UInt64)', undefined],
    ['Nullable(UInt64)', ''],
    ['Array(UInt64)', [1n, 1n << 64n]],
    ['Array(UInt64)', 'no array'],
    ['Array(FixedString(32))', ['0x00']],
    ['Map(String, UInt64)', { a: -1 }],
    ['Map(String, UInt64)', null],
  ]
  for (const [type, value] of unfit) {
    const row = { amount: value } as Row
    expect(() => encodeRows([{ name: 'amount', type }], [row]), `${type} ${String(value)}`).toThrow(
      expect.objectContaining({ code: 'VALUE_UNFIT' }),
    )
  }
})

test('the refusal names the column, what was expected and what was found', () => {
  const columns: readonly Column[] = [{ name: 'amount', type: 'UInt256' }]
  expect(() => encodeRows(columns, [{ amount: 1n << 256n }])).toThrowErrorMatchingInlineSnapshot(
    `[ValueUnfitError: column amount: expected an integer below 2^256, found 115792089237316195423570985008687907853269984665640564039457584007913129639936]`,
  )
})

function unsigned(bits: number): fc.Arbitrary<bigint> {
  return fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n })
}

function bytes(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc
    .uint8Array({ minLength, maxLength })
    .map((array) => `0x${Buffer.from(array).toString('hex')}`)
}

/** Text with empty lines, quotes and every plane of Unicode: also what would end an inline insert. */
function text(): fc.Arbitrary<string> {
  const trap = fc.constantFrom('', '\n\n; drop table fit;\n', "\\'; --", '\u0000\t\r\n', '🜁')
  return fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), trap)
}
