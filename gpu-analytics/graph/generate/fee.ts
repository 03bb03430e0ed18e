import { drawAt } from './mix.ts'

/**
 * Writes the fee of one row, in wei, into its four 32-bit limbs: an odd 32-bit number shifted left by
 * 30 to 39 bits, so some 10^-9 to 2400 of a token of eighteen decimal places.
 */
export function writeFee(limbs: Uint32Array, row: number, seed: number, index: number): void {
  const head = drawAt(seed, 2 * index)
  const body = (drawAt(seed, 2 * index + 1) | 1) >>> 0
  const shift = 30 + (head % 10)
  const low = shift === 32 ? 0 : shift < 32 ? (body << shift) >>> 0 : 0
  const middle = shift < 32 ? body >>> (32 - shift) : (body << (shift - 32)) >>> 0
  const high = shift <= 32 ? 0 : body >>> (64 - shift)
  limbs[4 * row] = low
  limbs[4 * row + 1] = middle
  limbs[4 * row + 2] = high
}
