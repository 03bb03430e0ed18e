import { parseDecimal } from '../files/decimal.ts'

/** A weight as it stands in a file: `digits · 10^-scale`, with as few digits as possible. */
export type WeightCell = {
  /** Exact below 2^53, else rounded: then `large` is the number. */
  digits: number
  large: bigint | undefined
  scale: number
}

const POINT = 0x2e
const ZERO = 0x30
/** Numbers of so many digits are exact in a double. */
const DIGIT_COUNT_MAX = 15

/**
 * Reads the decimal number in `bytes[start … end)` into `cell`; plain short numbers, which nearly all
 * are, without making text of them.
 *
 * @throws {WeightMalformedError | WeightNegativeError | WeightOutOfRangeError}
 */
export function readWeightCell(
  cell: WeightCell,
  bytes: Uint8Array,
  start: number,
  end: number,
  where: () => string,
): void {
  let digits = 0
  let scale = 0
  let isFraction = false
  for (let place = start; place < end; place++) {
    const byte = bytes[place] ?? 0
    const digit = byte - ZERO
    if (byte === POINT && !isFraction) {
      isFraction = true
    } else if (digit >= 0 && digit <= 9) {
      digits = 10 * digits + digit
      if (isFraction) scale++
    } else {
      {
        readSlowly(cell, bytes, start, end, where)
        return
      }
    }
  }
  const digitCount = end - start - (isFraction ? 1 : 0)
  if (digitCount < 1 || digitCount > DIGIT_COUNT_MAX) {
    {
      readSlowly(cell, bytes, start, end, where)
      return
    }
  }
  while (scale > 0 && digits % 10 === 0) {
    digits /= 10
    scale--
  }
  cell.digits = digits
  cell.large = undefined
  cell.scale = scale
}

function readSlowly(
  cell: WeightCell,
  bytes: Uint8Array,
  start: number,
  end: number,
  where: () => string,
): void {
  const decimal = parseDecimal(new TextDecoder().decode(bytes.subarray(start, end)), where())
  cell.digits = Number(decimal.digits)
  cell.large = decimal.digits <= BigInt(Number.MAX_SAFE_INTEGER) ? undefined : decimal.digits
  cell.scale = decimal.scale
}
