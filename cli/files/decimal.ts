import { FatalError } from '@foggara/schema'

/** A non-negative decimal number as it stands in a file: `digits · 10^-scale`, exactly. */
export type Decimal = { readonly digits: bigint; readonly scale: number }

/** Digits before or after the point beyond which a weight is refused. */
export const DECIMAL_DIGITS_MAX = 40

/**
 * Parses `12`, `0.25`, `1.5e-7`. Nothing is rounded.
 *
 * @throws {WeightMalformedError | WeightNegativeError | WeightOutOfRangeError}
 */
export function parseDecimal(text: string, where: string): Decimal {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text)
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? []
  if (match === null || whole + fraction === '') throw new WeightMalformedError(where, text)
  const digits = BigInt(whole + fraction)
  if (sign === '-' && digits > 0n) throw new WeightNegativeError(where, text)
  const scale = fraction.length - Number(exponent)
  const reduced = reduce(digits, scale)
  const wholeDigits = reduced.digits.toString().length - reduced.scale
  if (reduced.scale > DECIMAL_DIGITS_MAX || wholeDigits > DECIMAL_DIGITS_MAX) {
    throw new WeightOutOfRangeError(where, text)
  }
  return reduced
}

/** The decimals as integers under one common power of ten: their ratios stay exact. */
export function commonIntegers(decimals: readonly Decimal[]): {
  readonly integers: readonly bigint[]
  readonly scale: number
} {
  const scale = decimals.reduce((most, decimal) => Math.max(most, decimal.scale), 0)
  return {
    scale,
    integers: decimals.map(({ digits, scale: own }) => digits * 10n ** BigInt(scale - own)),
  }
}

function reduce(digits: bigint, scale: number): Decimal {
  if (digits === 0n) return { digits, scale: 0 }
  let reduced = digits
  let left = scale
  while (left > 0 && reduced % 10n === 0n) {
    reduced /= 10n
    left--
  }
  if (left >= 0) return { digits: reduced, scale: left }
  if (left < -DECIMAL_DIGITS_MAX) return { digits: reduced, scale: left }
  return { digits: reduced * 10n ** BigInt(-left), scale: 0 }
}

/** A weight is no decimal number. */
export class WeightMalformedError extends FatalError {
  constructor(where: string, found: string) {
    super('WEIGHT_MALFORMED', `${where}: expected a decimal number, found ${JSON.stringify(found)}`)
  }
}

/** A weight is negative. */
export class WeightNegativeError extends FatalError {
  constructor(where: string, found: string) {
    super('WEIGHT_NEGATIVE', `${where}: expected a weight of at least 0, found ${found}`)
  }
}

/** A weight has too many digits. */
export class WeightOutOfRangeError extends FatalError {
  constructor(where: string, found: string) {
    super(
      'WEIGHT_OUT_OF_RANGE',
      `${where}: expected at most ${DECIMAL_DIGITS_MAX} digits on each side of the point, found ${found.slice(0, 60)}`,
    )
  }
}
