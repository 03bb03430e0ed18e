import { bitLength, parseDecimalInteger } from './big-int.ts'

/**
 * A decimal as graph-node holds it: `digits · 10^-scale`.
 *
 * Arithmetic gives back the normal form: at most 34 significant digits (35 for some
 * negative numbers, see {@link normalise}) and no trailing zero; zero is `0 · 10^0`.
 */
export type BigDecimal = { readonly digits: bigint; readonly scale: number }

/** Smallest and largest exponent of a decimal that a mapping may hand over. */
export const EXPONENT_MIN = -6143
export const EXPONENT_MAX = 6144

const DIGIT_COUNT_MAX = 34
const QUOTIENT_DIGIT_COUNT_MAX = 100
const BITS_PER_DIGIT = Math.LOG2E * Math.LN10
const ZERO: BigDecimal = { digits: 0n, scale: 0 }
const I64_MAX = 2n ** 63n - 1n

/**
 * The normal form of `digits · 10^-scale`, bit for bit as bigdecimal-rs 0.1.2 rounds it.
 *
 * Its digit count is exact for positive numbers only; a negative one is counted by its bits, so it
 * may keep a 35th digit, and it is truncated where a positive number is rounded half up.
 */
export function normalise(digits: bigint, scale: number): BigDecimal {
  if (digits === 0n) return ZERO
  let kept = digits
  let keptScale = scale
  const excess = countDigits(digits) - DIGIT_COUNT_MAX
  if (excess > 0) {
    const divisor = tenToThe(excess)
    const rest = digits % divisor
    kept = digits / divisor
    if (divisor < 10n * rest) kept += roundingTerm(rest)
    keptScale -= excess
  }
  const zeroCount = trailingZeroCount(kept)
  return zeroCount === 0
    ? { digits: kept, scale: keptScale }
    : { digits: kept / tenToThe(zeroCount), scale: keptScale - zeroCount }
}

/** `a + b`. */
export function add(a: BigDecimal, b: BigDecimal): BigDecimal {
  if (a.scale === b.scale) return normalise(a.digits + b.digits, a.scale)
  return a.scale < b.scale
    ? normalise(a.digits * tenToThe(b.scale - a.scale) + b.digits, b.scale)
    : normalise(a.digits + b.digits * tenToThe(a.scale - b.scale), a.scale)
}

/** `a - b`. */
export function subtract(a: BigDecimal, b: BigDecimal): BigDecimal {
  return add(a, { digits: -b.digits, scale: b.scale })
}

/** `a · b`. */
export function multiply(a: BigDecimal, b: BigDecimal): BigDecimal {
  return normalise(a.digits * b.digits, a.scale + b.scale)
}

/** `a / b` for `b` other than zero: 100 digits of quotient, the last rounded, then the normal form. */
export function divide(a: BigDecimal, b: BigDecimal): BigDecimal {
  if (a.digits === 0n || (b.digits === 1n && b.scale === 0)) return normalise(a.digits, a.scale)
  const scale = a.scale - b.scale
  if (a.digits === b.digits) return normalise(1n, scale)
  const isNegative = a.digits < 0n !== b.digits < 0n
  const quotient = dividePositive(magnitude(a.digits), magnitude(b.digits), scale)
  return normalise(isNegative ? -quotient.digits : quotient.digits, quotient.scale)
}

/** Whether the two are the same number. */
export function equals(a: BigDecimal, b: BigDecimal): boolean {
  if (a.scale === b.scale) return a.digits === b.digits
  return a.scale < b.scale
    ? a.digits * tenToThe(b.scale - a.scale) === b.digits
    : a.digits === b.digits * tenToThe(a.scale - b.scale)
}

/** The same number without an exponent, as a column of Postgres gives it back. */
export function writtenOut({ digits, scale }: BigDecimal): BigDecimal {
  return scale >= 0 ? { digits, scale } : { digits: digits * tenToThe(-scale), scale: 0 }
}

/** The decimal written out in full, never with an exponent. */
export function formatDecimal({ digits, scale }: BigDecimal): string {
  const text = magnitude(digits).toString()
  const sign = digits < 0n ? '-' : ''
  if (scale <= 0) return sign + text + '0'.repeat(-scale)
  if (scale >= text.length) return `${sign}0.${'0'.repeat(scale - text.length)}${text}`
  return `${sign}${text.slice(0, text.length - scale)}.${text.slice(text.length - scale)}`
}

/**
 * Reads a decimal with an optional exponent as bigdecimal-rs 0.1.2 does.
 *
 * Undefined where it fails. It counts underscores after the point as digits, and so does this.
 */
export function parseDecimal(text: string): BigDecimal | undefined {
  const at = text.search(/[eE]/)
  const base = at < 0 ? text : text.slice(0, at)
  const exponent = at < 0 ? 0n : parseExponent(text.slice(at + 1))
  if (exponent === undefined) return undefined
  const point = base.indexOf('.')
  const fraction = point < 0 ? '' : base.slice(point + 1)
  const digits = parseDecimalInteger(point < 0 ? base : base.slice(0, point) + fraction)
  if (digits === undefined) return undefined
  return normalise(digits, fraction.length - Number(exponent))
}

function dividePositive(numerator: bigint, denominator: bigint, scale: number): BigDecimal {
  let scaled = numerator
  let places = scale
  const shortBy = denominator.toString().length - numerator.toString().length
  if (shortBy > 0) {
    scaled *= tenToThe(shortBy)
    places += shortBy
  }
  if (scaled < denominator) {
    scaled *= 10n
    places += 1
  }
  const whole = scaled / denominator
  if (whole * denominator === scaled) return { digits: whole, scale: places }
  const moreCount = Math.max(0, QUOTIENT_DIGIT_COUNT_MAX - whole.toString().length)
  scaled *= tenToThe(moreCount)
  const quotient = scaled / denominator
  const rest = scaled % denominator
  if (rest === 0n) return stopAtLastDigit(quotient, places + moreCount)
  const next = (rest * 10n) / denominator
  return { digits: next >= 5n ? quotient + 1n : quotient, scale: places + moreCount }
}

/** The digit-by-digit division ends with the remainder, and a negative number is counted by bits. */
function stopAtLastDigit(quotient: bigint, scale: number): BigDecimal {
  const zeroCount = trailingZeroCount(quotient)
  return { digits: quotient / tenToThe(zeroCount), scale: scale - zeroCount }
}

function countDigits(digits: bigint): number {
  return digits < 0n ? Math.floor(bitLength(digits) / BITS_PER_DIGIT) : digits.toString().length
}

function roundingTerm(rest: bigint): bigint {
  return (rest.toString()[0] ?? '0') >= '5' ? 1n : 0n
}

function trailingZeroCount(digits: bigint): number {
  if (digits % 10n !== 0n) return 0
  const text = digits.toString()
  let count = 0
  while (text[text.length - 1 - count] === '0') count += 1
  return count
}

function parseExponent(text: string): bigint | undefined {
  if (!/^\+?[+-]?\d+$/.test(text)) return undefined
  const exponent = BigInt(text.startsWith('+') ? text.slice(1).replace('+', '') : text)
  return exponent > I64_MAX || exponent < -I64_MAX - 1n ? undefined : exponent
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

const POWERS: bigint[] = [1n]

function tenToThe(exponent: number): bigint {
  if (exponent > 512) return 10n ** BigInt(exponent)
  for (let next = POWERS.length; next <= exponent; next += 1) {
    POWERS.push((POWERS[next - 1] ?? 1n) * 10n)
  }
  return POWERS[exponent] ?? 1n
}
