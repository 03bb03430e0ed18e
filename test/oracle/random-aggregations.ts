import type { Draws } from '../../devnet/economy/random.ts'
import type { AggregateField } from './roll-up-sql.ts'

/** The fields of the timeseries that random aggregations read, and their types. */
export const POINT_FIELDS = {
  small: 'Int',
  long: 'Int8',
  integer: 'BigInt',
  other: 'BigInt',
  amount: 'BigDecimal',
  price: 'BigDecimal',
  label: 'String',
  payload: 'Bytes',
} as const

/** The fields that random aggregations group by. */
export const DIMENSIONS = { key: 'String', tag: 'Bytes' } as const

const WIDTHS = ['Int', 'Int8', 'BigInt', 'BigDecimal'] as const

/** Draws a computed field; not every one is accepted. */
export function drawAggregate(draws: Draws, name: string): AggregateField {
  const isCumulative = draws.chance(1, 3)
  if (draws.chance(1, 8)) {
    const [scalar, field] = draws.pick([
      ['String', 'label'],
      ['Bytes', 'payload'],
    ] as const)
    const fn = draws.pick(['first', 'last'] as const)
    return { name, scalar, fn, argument: field, reads: [field], isCumulative }
  }
  const scalar = draws.pick(['BigDecimal', 'BigDecimal', ...WIDTHS] as const)
  const fn = draws.pick(['sum', 'sum', 'count', 'min', 'max', 'first', 'last'] as const)
  const numbers = Object.entries(POINT_FIELDS).filter(([, type]) => {
    const width = WIDTHS.findIndex((one) => one === type)
    return width >= 0 && width <= WIDTHS.indexOf(scalar)
  })
  const fields = numbers.map(([field]) => field)
  const depth = draws.pick([0, 1, 2, 3, 4])
  const argument = fn === 'count' ? 'id' : number(draws, fields, depth)
  const reads = fields.filter((field) => new RegExp(`\\b${field}\\b`).test(argument))
  return { name, scalar, fn, argument, reads, isCumulative }
}

const LITERALS = [
  '0',
  '1',
  '7',
  '3',
  '2147483647',
  '3000000000',
  '1.5',
  '0.001',
  '2.50',
  '1e3',
].concat(['10000', '99999999999999999999', '.5', '1.25e-3', 'null'])

function number(draws: Draws, fields: readonly string[], depth: number): string {
  if (depth === 0) return draws.chance(3, 4) ? draws.pick(fields) : draws.pick(LITERALS)
  const part = () => number(draws, fields, depth - 1)
  const varying = () => varyingNumber(draws, fields, depth - 1)
  const test = () => condition(draws, fields, depth - 1)
  const inner = (text: string) => (draws.chance(1, 2) ? `(${text})` : text)
  switch (draws.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return inner(`${part()} ${draws.pick(['+', '-', '*', '/', '%'])} ${part()}`)
    case 4:
      return inner(`${part()} / nullif(${varying()}, 0)`)
    case 5:
      return `- ${inner(part())}`
    case 6:
      return `${draws.pick(['abs', 'ceiling', 'sign'])}(${part()})`
    case 7:
      return `${draws.pick(['div', 'mod', 'gcd', 'lcm'])}(${part()}, ${part()})`
    case 8:
      return `coalesce(${varying()}, ${part()})`
    case 9:
      return `nullif(${varying()}, ${part()})`
    case 10:
      return `${draws.pick(['greatest', 'LEAST'])}(${part()}, ${part()}, ${part()})`
    case 11:
      return `case when ${test()} then ${part()} when ${test()} then ${part()} else ${part()} end`
    case 12:
      return `case ${varying()} when ${part()} then ${part()} end`
    case 13:
      return `(${part()})::${draws.pick(['int', 'bigint', 'numeric', 'int8'])}`
    case 14:
      return `cast(${part()} as ${draws.pick(['integer', 'decimal'])})`
    default:
      return `coalesce(${varying()}, 1)`
  }
}

/**
 * A number that points differ in: where a constant decides, Postgres leaves out parts that may fail,
 * and we compute them.
 */
function varyingNumber(draws: Draws, fields: readonly string[], depth: number): string {
  const field = draws.pick(fields)
  return depth < 1
    ? field
    : `(${field} ${draws.pick(['+', '-', '*'])} ${number(draws, fields, depth - 1)})`
}

function condition(draws: Draws, fields: readonly string[], depth: number): string {
  const part = () => number(draws, fields, Math.max(0, depth - 1))
  const varying = () => varyingNumber(draws, fields, depth - 1)
  if (depth > 0 && draws.chance(1, 3)) {
    const [left, right] = [condition(draws, fields, depth - 1), condition(draws, fields, depth - 1)]
    const text = `${left} ${draws.pick(['and', 'or', 'AND'])} ${right}`
    return draws.chance(1, 2) ? `(${text})` : draws.chance(1, 3) ? `not (${text})` : text
  }
  switch (draws.below(6)) {
    case 0:
      return `${varying()} is ${draws.pick(['', 'not '])}null`
    case 1:
      return `${varying()} is ${draws.pick(['', 'not '])}distinct from ${part()}`
    case 2:
      return `(${varying()} > ${part()}) is ${draws.pick(['', 'not '])}${draws.pick(['true', 'false'])}`
    case 3:
      return `not ${varying()} = ${part()}`
    default:
      return `${varying()} ${draws.pick(['=', '!=', '<>', '<', '<=', '>', '>='])} ${part()}`
  }
}
