import { expect, test } from 'vitest'

import type { EntityField, ScalarType } from '../entity-cache/entity-schema.ts'
import type { Entity, StoreValue } from '../entity-cache/entity.ts'
import { formatDecimal, parseDecimal } from '../numbers/big-decimal.ts'
import { compileExpression } from './compile-expression.ts'
import { ExpressionError, parseExpression } from './expression.ts'
import { isNumber } from './formula.ts'
import { SqlError } from './sql-number.ts'

const FIELDS: ReadonlyMap<string, EntityField> = new Map(
  Object.entries({
    small: 'Int',
    long: 'Int8',
    integer: 'BigInt',
    amount: 'BigDecimal',
    price: 'BigDecimal',
    none: 'BigDecimal',
    label: 'String',
    flag: 'Boolean',
  } as const satisfies Record<string, ScalarType>).map(([name, scalar]) => [
    name,
    {
      name,
      scalar,
      isList: false,
      isRequired: false,
      hasNullItems: false,
      isEnum: false,
      refersTo: undefined,
      derivedFrom: undefined,
    },
  ]),
)

const POINT: Entity = new Map<string, StoreValue>([
  ['small', { type: 'Int', value: -7 }],
  ['long', { type: 'Int8', value: 9223372036854775807n }],
  ['integer', { type: 'BigInt', value: 123456789012345678901234567890n }],
  ['amount', decimal('-1234.5678')],
  ['price', decimal('0.00025')],
])

/** What PostgreSQL 18 says of a row with these values: the type, and the number with its digits. */
const ANSWERS: readonly (readonly [string, string, string | null])[] = [
  ['amount * price', 'numeric', '-0.308641950'],
  ['amount / price', 'numeric', '-4938271.200000000000'],
  ['price / amount', 'numeric', '-0.000000202500016605001362'],
  ['integer / 3', 'numeric', '41152263004115226300411522630'],
  ['1 / 3', 'int4', '0'],
  ['1 / 3.0', 'numeric', '0.33333333333333333333'],
  ['small / 2', 'int4', '-3'],
  ['small % 3', 'int4', '-1'],
  ['amount % 0.5', 'numeric', '-0.0678'],
  ['small::numeric / 3', 'numeric', '-2.3333333333333333'],
  ['- small * 2', 'int4', '14'],
  ['2 + 3 * 4 % 5', 'int4', '4'],
  ['1.50 + 1.5', 'numeric', '3.00'],
  ['1.50 * 1.5', 'numeric', '2.250'],
  ['1e3', 'numeric', '1000'],
  ['1.5e-3', 'numeric', '0.0015'],
  ['.5', 'numeric', '0.5'],
  ['greatest(1.0, 1.00, 1)', 'numeric', '1.0'],
  ['least(price, none, amount)', 'numeric', '-1234.5678'],
  ['coalesce(none, small)', 'numeric', '-7'],
  ['nullif(small, -7)', 'int4', null],
  ['nullif(small, -7.0)', 'numeric', null],
  ['case when amount < 0 then -amount else amount end', 'numeric', '1234.5678'],
  ['case small when 1 then 2 when -7 then 3.5 end', 'numeric', '3.5'],
  ['abs("amount")', 'numeric', '1234.5678'],
  ['CEILING(amount)', 'numeric', '-1234'],
  ['sign(amount)', 'numeric', '-1'],
  ['div(amount, 7)', 'numeric', '-176'],
  ['mod(amount, 7)', 'numeric', '-2.5678'],
  ['gcd(12, 18)', 'int4', '6'],
  ['gcd(1.2, 0.18)', 'numeric', '0.06'],
  ['lcm(4, 6)', 'int4', '12'],
  ['lcm(1.2, 0.18)', 'numeric', '3.60'],
  ['amount::int', 'int4', '-1235'],
  ['(-2.5)::int', 'int4', '-3'],
  ['cast(amount as bigint)', 'int8', '-1235'],
  ['case when not amount > 0 and price > 0 then 1 else 0 end', 'int4', '1'],
  ['case when none is not distinct from none then 2 end', 'int4', '2'],
  ['case when (none > 1) is not true then 1 end', 'int4', '1'],
  ['1000000000000 / 7.0', 'numeric', '142857142857.14285714'],
  ['0.0000001 / 3', 'numeric', '0.000000033333333333333333'],
  ['20000 / 0.3', 'numeric', '66666.666666666667'],
]

test.each(ANSWERS)('%s has the type and the digits that Postgres gives it', (text, type, value) => {
  const formula = compileExpression(parseExpression(text), FIELDS)
  if (!isNumber(formula)) throw new TypeError(`expected a number, found ${formula.type}`)
  const found = formula.of(POINT)
  expect([formula.type, found === undefined ? null : formatDecimal(found)]).toEqual([type, value])
})

test.each([
  ['small - 2147483647', 'integer out of range'],
  ['long + 1', 'bigint out of range'],
  ['amount / (small + 7)', 'division by zero'],
  ['amount % (small + 7)', 'division by zero'],
  ['integer::int8', 'bigint out of range'],
])('%s fails for the point, as it does in Postgres', (text, message) => {
  const formula = compileExpression(parseExpression(text), FIELDS)
  if (!isNumber(formula)) throw new TypeError(`expected a number, found ${formula.type}`)
  expect(() => formula.of(POINT)).toThrow(new SqlError(message))
})

test.each([
  ['floor(amount)', 'the function floor of 1 parameters'],
  ['power(amount, 2)', 'the function power of 2 parameters'],
  ['amount ^ 2', '`^ 2`'],
  ['sign(small)', 'sign of an integer'],
  ['unknown + 1', 'unknown, which is no field of one value'],
  ['flag', 'flag, which is no number'],
  ['label + 1', 'text in place of a number'],
  ['amount -- 1', '`--`'],
  ['amount; drop table x', '`; drop table x`'],
  ["label = 'x'", "`'x'`"],
  ['amount between 1 and 2', '`between`'],
  ['amount::float8', 'a cast to float8'],
  ['amount::numeric(9, 2)', '`(`'],
  ['case when amount then 1 end', 'numeric in place of a condition'],
  ['coalesce(null, null)', 'only nulls'],
  ['amount + null', 'an operand that is always null'],
  ['1 / 0', 'division by zero'],
  ['amount < 1 < 2', '`<`'],
  ['(amount', '`the end` in place of `)`'],
  [`${'('.repeat(200)}amount${')'.repeat(200)}`, 'more than 100 nested parts'],
  [`amount${' + amount'.repeat(600)}`, 'an expression of more than 4000 characters'],
])('%s is refused by name', (text, message) => {
  expect(() => compileExpression(parseExpression(text), FIELDS)).toThrow(
    new ExpressionError(message),
  )
})

function decimal(text: string): StoreValue {
  return { type: 'BigDecimal', value: parseDecimal(text) ?? { digits: 0n, scale: 0 } }
}
