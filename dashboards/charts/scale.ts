/**
 * The fraction `value / maximum` in [0, 1] for the position of a mark on a screen. Integers of any
 * size keep nine digits; only the position is a float, never the amount.
 */
export function fractionOf(value: bigint, maximum: bigint): number {
  if (maximum <= 0n || value <= 0n) return 0
  if (value >= maximum) return 1
  return Number((value * 1_000_000_000n) / maximum) / 1e9
}

/** The largest of some integers, 0 when there is none above it. */
export function maximumOf(values: readonly bigint[]): bigint {
  return values.reduce((most, value) => (value > most ? value : most), 0n)
}

/** The smallest of 1, 1.5, 2, 3, 4, 5, 6 or 8 times a power of ten that is not below `maximum`. */
export function niceCeiling(maximum: bigint): bigint {
  if (maximum <= 1n) return 1n
  const power = 10n ** BigInt(maximum.toString().length - 1)
  const halves = [2n, 3n, 4n, 6n, 8n, 10n, 12n, 16n]
  const step = halves.find(
    (count) => (count * power) % 2n === 0n && (count * power) / 2n >= maximum,
  )
  return step === undefined ? power * 10n : (step * power) / 2n
}

/**
 * Widths in percent that fill a bar exactly in order of the parts; a part that is not nothing gets
 * at least `minimum` percent, so that it can be seen, at the cost of the larger ones.
 */
export function barWidths(parts: readonly bigint[], minimum = 0.6): readonly number[] {
  const total = parts.reduce((sum, part) => sum + part, 0n)
  const raw = parts.map((part) =>
    part > 0n ? Math.max(minimum, 100 * fractionOf(part, total)) : 0,
  )
  const sum = raw.reduce((all, width) => all + width, 0)
  return sum === 0 ? raw : raw.map((width) => (100 * width) / sum)
}
