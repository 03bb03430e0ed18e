/** A minus sign of the width of a digit, so that columns stay aligned. */
export const MINUS = '−'

/** Groups the digits of a decimal integer by thousands: `-1234567` → `−1,234,567`. */
export function groupDigits(integer: string): string {
  const negative = integer.startsWith('-')
  const digits = negative ? integer.slice(1) : integer
  const head = digits.length % 3
  const groups = head === 0 ? [] : [digits.slice(0, head)]
  for (let index = head; index < digits.length; index += 3) {
    groups.push(digits.slice(index, index + 3))
  }
  return (negative ? MINUS : '') + groups.join(',')
}

/** A count with its thousands grouped, exact at any size. */
export function formatCount(count: number | bigint | string): string {
  return groupDigits(count.toString())
}

/** A count followed by its noun: `1 asset`, `1,204 assets`. */
export function formatCounted(
  count: number | bigint | string,
  noun: string,
  plural = `${noun}s`,
): string {
  return `${formatCount(count)} ${count.toString() === '1' ? noun : plural}`
}
