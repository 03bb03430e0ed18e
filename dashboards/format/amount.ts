import { MINUS, groupDigits } from './digits.ts'

/** How a token writes its base units. */
export type Token = { readonly symbol: string; readonly decimals: number }

const FRACTION_DIGITS = 4
const SUFFIXES = ['', 'K', 'M', 'B', 'T'] as const

type Parts = { readonly negative: boolean; readonly whole: string; readonly fraction: string }

/**
 * Every digit of an amount: `1234500000000000000001` → `1,234.500000000000000001`. Trailing zeros of
 * the fraction are left out, nothing else is.
 */
export function formatExact(units: string, decimals: number): string {
  const { negative, whole, fraction } = partsOf(units, decimals)
  const rest = fraction.replace(/0+$/, '')
  return sign(negative) + groupDigits(whole) + (rest === '' ? '' : `.${rest}`)
}

/**
 * An amount for a column of amounts: four digits of fraction, cut off and never rounded up. What is
 * too small to show is written `<0.0001`, never `0`.
 */
export function formatColumn(units: string, decimals: number): string {
  const { negative, whole, fraction } = partsOf(units, decimals)
  const shown = fraction.slice(0, FRACTION_DIGITS).padEnd(FRACTION_DIGITS, '0')
  if (isZero(whole) && isZero(fraction)) return '0'
  if (isZero(whole) && isZero(shown)) return dust(negative)
  return `${sign(negative)}${groupDigits(whole)}.${shown}`
}

/**
 * An amount for a headline: at most three digits before the point and three or more significant
 * ones, cut off: `12.34K`, `1.05M`. Below a thousand it is written like {@link formatColumn}, with
 * trailing zeros left out.
 */
export function formatCompact(units: string, decimals: number): string {
  const { negative, whole, fraction } = partsOf(units, decimals)
  if (whole.length <= 3) {
    const column = formatColumn(units, decimals)
    return column.includes('.') && !column.startsWith('<') && !column.startsWith('>')
      ? column.replace(/\.?0+$/, '')
      : column
  }
  const step = Math.min(Math.floor((whole.length - 1) / 3), SUFFIXES.length - 1)
  const head = whole.slice(0, whole.length - 3 * step)
  const tail = (whole.slice(whole.length - 3 * step) + fraction).slice(0, 2)
  return `${sign(negative)}${groupDigits(head)}.${tail}${SUFFIXES[step] ?? ''}`
}

function partsOf(units: string, decimals: number): Parts {
  const negative = units.startsWith('-')
  const digits = (negative ? units.slice(1) : units).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals).replace(/^0+(?=\d)/, '')
  return { negative, whole, fraction: digits.slice(digits.length - decimals) }
}

function isZero(digits: string): boolean {
  return /^0*$/.test(digits)
}

function sign(negative: boolean): string {
  return negative ? MINUS : ''
}

function dust(negative: boolean): string {
  return negative ? `>${MINUS}0.0001` : '<0.0001'
}
