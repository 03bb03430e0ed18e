import { FatalError, invariant } from './errors.ts'

/** Score mass: every score vector and its dust sum to this. Unit: score units. */
export const SCORE_MASS = 1n << 62n

/** 100 % on the royalty and share scale: parts per hundred million. */
export const SHARE_WHOLE_E8 = 100_000_000n

/** 100 % on the fee and pool scale: basis points. */
export const BPS_WHOLE = 10_000n

/** Exclusive upper bound of an amount of money inside calculations. Unit: token base units. */
export const AMOUNT_BOUND = 1n << 96n

/** Exclusive upper bound of what the chain can express. */
export const UINT256_BOUND = 1n << 256n

/** `floor(numerator / denominator)` of non-negative integers; the denominator is positive. */
export function divFloor(numerator: bigint, denominator: bigint): bigint {
  invariant(numerator >= 0n, `divFloor takes a non-negative numerator, found ${numerator}`)
  invariant(denominator > 0n, `divFloor takes a positive denominator, found ${denominator}`)
  return numerator / denominator
}

/** `floor(a * b / denominator)` of non-negative integers; the denominator is positive. */
export function mulDivFloor(a: bigint, b: bigint, denominator: bigint): bigint {
  invariant(a >= 0n, `mulDivFloor takes non-negative factors, found ${a}`)
  invariant(b >= 0n, `mulDivFloor takes non-negative factors, found ${b}`)
  return divFloor(a * b, denominator)
}

/** The sum of `parts` in the order given; integer sums do not depend on it. */
export function sum(parts: Iterable<bigint>): bigint {
  let total = 0n
  for (const part of parts) total += part
  return total
}

/**
 * Checks that an amount of money may enter a calculation: `0 <= amount < 2^96` token base units.
 *
 * @throws {AmountOutOfRangeError} never truncates.
 */
export function checkAmount(amount: bigint, what: string): bigint {
  if (amount < 0n || amount >= AMOUNT_BOUND) throw new AmountOutOfRangeError(amount, what)
  return amount
}

/** Compares by value; for sorting bigints without a detour through `number`. */
export function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Compares two strings by their code units: for lower-case hex that is the order of the bytes. */
export function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** An amount of money is negative or too large for the arithmetic of an epoch. */
export class AmountOutOfRangeError extends FatalError {
  constructor(amount: bigint, what: string) {
    super(
      'AMOUNT_OUT_OF_RANGE',
      `${what}: expected 0 <= amount < 2^96 base units, found ${amount}`,
      {
        hint: 'The epoch is rejected as a whole; nothing was truncated.',
      },
    )
  }
}
