import { groupDigits } from './digits.ts'

/** Parts per hundred million: the unit of provenance and contribution shares. */
export const E8_WHOLE = 100_000_000n

/** Basis points: the unit of pools and caps. */
export const BPS_WHOLE = 10_000n

/**
 * `part / whole` as a percentage with up to `digits` digits of fraction, cut off. A share too small to show
 * is written `<0.01%`, never `0%`; without a whole it is `–`.
 */
export function formatShare(part: bigint, whole: bigint, digits = 2): string {
  if (whole <= 0n) return '–'
  const scale = 10n ** BigInt(digits)
  const scaled = (part * 100n * scale) / whole
  if (scaled === 0n && part > 0n) return digits === 0 ? '<1%' : `<0.${'1'.padStart(digits, '0')}%`
  const text = scaled.toString().padStart(digits + 1, '0')
  const fraction = text.slice(text.length - digits).replace(/0+$/, '')
  const integer = groupDigits(text.slice(0, text.length - digits))
  return `${integer}${digits === 0 || fraction === '' ? '' : `.${fraction}`}%`
}

/** A share in parts per hundred million as a percentage, every digit of it. */
export function formatE8(share: number): string {
  return formatShare(BigInt(share), E8_WHOLE, 6)
}

/** Basis points as a percentage, every digit of it. */
export function formatBps(bps: number): string {
  return formatShare(BigInt(bps), BPS_WHOLE, 2)
}
