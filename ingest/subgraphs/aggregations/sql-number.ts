import type { BigDecimal } from '../numbers/big-decimal.ts'

/**
 * A number as Postgres computes with it: `digits · 10^-scale`, where the scale is never negative and
 * shows: `1.50` has the scale 2. An integer has the scale 0.
 */
export type SqlNumber = BigDecimal

/** Types of numbers in Postgres, the narrower first. */
export type SqlNumberType = 'int4' | 'int8' | 'numeric'

const BITS: Readonly<Record<'int4' | 'int8', number>> = { int4: 32, int8: 64 }

/** How Postgres picks the digits of a quotient. */
const QUOTIENT_DIGITS_MIN = 16
const QUOTIENT_SCALE_MAX = 1000
const DIGITS_PER_PLACE = 4

/** A product is rounded to this many digits after the point. */
const SCALE_MAX = 16_383

/** An integer. */
export function whole(digits: bigint): SqlNumber {
  return { digits, scale: 0 }
}

/** `a + b`. */
export function plus(a: SqlNumber, b: SqlNumber): SqlNumber {
  const scale = Math.max(a.scale, b.scale)
  return { digits: digitsAt(a, scale) + digitsAt(b, scale), scale }
}

/** `a - b`. */
export function minus(a: SqlNumber, b: SqlNumber): SqlNumber {
  return plus(a, negated(b))
}

/** `-a`. */
export function negated({ digits, scale }: SqlNumber): SqlNumber {
  return { digits: -digits, scale }
}

/** `a · b`. */
export function times(a: SqlNumber, b: SqlNumber): SqlNumber {
  const product = { digits: a.digits * b.digits, scale: a.scale + b.scale }
  return product.scale > SCALE_MAX ? rounded(product, SCALE_MAX) : product
}

/**
 * `a / b` as `numeric`: at least 16 significant digits, and no fewer after the point than either has.
 *
 * @throws {SqlError} for a divisor of zero.
 */
export function quotient(a: SqlNumber, b: SqlNumber): SqlNumber {
  if (b.digits === 0n) throw new SqlError('division by zero')
  const first = leadingPlace(a)
  const second = leadingPlace(b)
  const weight = first.weight - second.weight - (first.digit <= second.digit ? 1 : 0)
  const wanted = QUOTIENT_DIGITS_MIN - weight * DIGITS_PER_PLACE
  const scale = Math.min(Math.max(wanted, a.scale, b.scale), QUOTIENT_SCALE_MAX)
  const shift = scale + b.scale - a.scale
  const [dividend, divisor] =
    shift < 0 ? [a.digits, b.digits * tenTo(-shift)] : [a.digits * tenTo(shift), b.digits]
  return { digits: dividedAwayFromZero(dividend, divisor), scale }
}

/**
 * `a / b`, cut off after the point.
 *
 * @throws {SqlError} for a divisor of zero.
 */
export function wholeQuotient(a: SqlNumber, b: SqlNumber): SqlNumber {
  if (b.digits === 0n) throw new SqlError('division by zero')
  const scale = Math.max(a.scale, b.scale)
  return whole(digitsAt(a, scale) / digitsAt(b, scale))
}

/**
 * What {@link wholeQuotient} leaves; it has the sign of `a`.
 *
 * @throws {SqlError} for a divisor of zero.
 */
export function remainder(a: SqlNumber, b: SqlNumber): SqlNumber {
  if (b.digits === 0n) throw new SqlError('division by zero')
  const scale = Math.max(a.scale, b.scale)
  return { digits: digitsAt(a, scale) % digitsAt(b, scale), scale }
}

/** The greatest common divisor, which fractions have too. */
export function commonDivisor(a: SqlNumber, b: SqlNumber): SqlNumber {
  const scale = Math.max(a.scale, b.scale)
  return { digits: euclid(digitsAt(a, scale), digitsAt(b, scale)), scale }
}

/** The least common multiple; zero where one of them is. */
export function commonMultiple(a: SqlNumber, b: SqlNumber): SqlNumber {
  const scale = Math.max(a.scale, b.scale)
  const [first, second] = [digitsAt(a, scale), digitsAt(b, scale)]
  if (first === 0n || second === 0n) return { digits: 0n, scale }
  return { digits: magnitude((first / euclid(first, second)) * second), scale }
}

/** Without a sign. */
export function absolute({ digits, scale }: SqlNumber): SqlNumber {
  return { digits: magnitude(digits), scale }
}

/** -1, 0 or 1. */
export function sign({ digits }: SqlNumber): SqlNumber {
  return whole(digits > 0n ? 1n : digits < 0n ? -1n : 0n)
}

/** The next integer from here up. */
export function ceiling(a: SqlNumber): SqlNumber {
  const unit = tenTo(a.scale)
  const cut = a.digits / unit
  return whole(a.digits > cut * unit ? cut + 1n : cut)
}

/** Below zero where `a` is the smaller, above where it is the greater; digits do not show. */
export function compare(a: SqlNumber, b: SqlNumber): number {
  const scale = Math.max(a.scale, b.scale)
  const [first, second] = [digitsAt(a, scale), digitsAt(b, scale)]
  return first < second ? -1 : first > second ? 1 : 0
}

/** Rounded to `scale` digits after the point, halves away from zero. */
export function rounded(a: SqlNumber, scale: number): SqlNumber {
  if (a.scale <= scale) return { digits: digitsAt(a, scale), scale }
  return { digits: dividedAwayFromZero(a.digits, tenTo(a.scale - scale)), scale }
}

/**
 * The number as a value of the type, as an assignment or a cast gives it.
 *
 * @throws {SqlError} where an integer does not hold it.
 */
export function fitted(a: SqlNumber, type: SqlNumberType): SqlNumber {
  if (type === 'numeric') return a
  const integer = a.scale === 0 ? a : rounded(a, 0)
  if (BigInt.asIntN(BITS[type], integer.digits) === integer.digits) return integer
  throw new SqlError(`${type === 'int4' ? 'integer' : 'bigint'} out of range`)
}

function digitsAt({ digits, scale }: SqlNumber, wanted: number): bigint {
  return wanted === scale ? digits : digits * tenTo(wanted - scale)
}

/** The leading digit in base 10,000 and its place; 0 and 0 for zero. */
function leadingPlace({ digits, scale }: SqlNumber): { weight: number; digit: number } {
  if (digits === 0n) return { weight: 0, digit: 0 }
  const text = magnitude(digits).toString()
  const weight = Math.floor((text.length - 1 - scale) / DIGITS_PER_PLACE)
  const count = text.length - scale - weight * DIGITS_PER_PLACE
  return { weight, digit: Number(text.slice(0, count).padEnd(count, '0')) }
}

function dividedAwayFromZero(dividend: bigint, divisor: bigint): bigint {
  const [above, below] = [magnitude(dividend), magnitude(divisor)]
  const result = (2n * above + below) / (2n * below)
  return dividend < 0n === divisor < 0n ? result : -result
}

function euclid(a: bigint, b: bigint): bigint {
  let [greater, smaller] = [magnitude(a), magnitude(b)]
  while (smaller !== 0n) [greater, smaller] = [smaller, greater % smaller]
  return greater
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

function tenTo(exponent: number): bigint {
  return 10n ** BigInt(exponent)
}

/** Postgres would not compute an expression: it divides by zero, or an integer is too large. */
export class SqlError extends Error {
  override readonly name = 'SqlError'
}
