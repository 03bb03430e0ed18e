import { DeterministicError } from '../failure.ts'

/** Postgres keeps 131,072 decimal digits; graph-node refuses integers of more bits, sign included. */
export const BIG_INT_BITS_MAX = 435_412

const BYTE = 8n
const SURELY_WITHIN = 1n << 512n
const BYTES_DIRECT_MAX = 8
const EMPTY_INTEGER = Uint8Array.of(0)
const HEX_DIGITS = 16
const LONG_MIN = -(1n << 63n)
const LONG_MAX = (1n << 63n) - 1n
const LONG = new DataView(new ArrayBuffer(8))

/** The shortest two's complement, little endian, of `value`; zero is one zero byte. */
export function toSignedBytes(value: bigint): Uint8Array {
  if (value === 0n) return EMPTY_INTEGER
  if (value >= -0x80n && value < 0x80n) return Uint8Array.of(Number(value & 0xffn))
  if (value >= -0x8000_0000n && value < 0x8000_0000n) return fewSignedBytes(Number(value))
  if (value >= LONG_MIN && value <= LONG_MAX) return longSignedBytes(value)
  const magnitude = toMagnitudeBytes(value < 0n ? -value - 1n : value)
  const length = magnitude.length
  const needsSignByte = ((magnitude[length - 1] ?? 0) & 0x80) !== 0
  const bytes = new Uint8Array(needsSignByte ? length + 1 : length)
  bytes.set(magnitude)
  if (value < 0n) for (let at = 0; at < bytes.length; at += 1) bytes[at] = ~(bytes[at] ?? 0)
  return bytes
}

/** The integer that `bytes` hold as two's complement, little endian; no bytes are zero. */
export function fromSignedBytes(bytes: Uint8Array): bigint {
  const length = bytes.length
  if (length === 0) return 0n
  const value = fromMagnitudeBytes(bytes)
  const isNegative = ((bytes[length - 1] ?? 0) & 0x80) !== 0
  return isNegative ? value - (1n << (BYTE * BigInt(length))) : value
}

/** The shortest magnitude of `value`, little endian, without its sign; zero is one zero byte. */
export function toMagnitudeBytes(value: bigint): Uint8Array {
  const magnitude = value < 0n ? -value : value
  const hex = magnitude.toString(HEX_DIGITS)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toReversed()
}

/** The integer whose magnitude is `bytes`, little endian. */
export function fromMagnitudeBytes(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n
  if (bytes.length <= BYTES_DIRECT_MAX) return fromFewBytes(bytes)
  return BigInt(`0x${Buffer.from(bytes.toReversed().buffer).toString('hex')}`)
}

/**
 * Gives `value` back when graph-node would hold it.
 *
 * @throws {DeterministicError} when it takes more than {@link BIG_INT_BITS_MAX} bits.
 */
export function withinBits(value: bigint): bigint {
  if (value < SURELY_WITHIN && value > -SURELY_WITHIN) return value
  const bitCount = bitLength(value) + 1
  if (bitCount <= BIG_INT_BITS_MAX) return value
  throw new DeterministicError(
    `BigInt is too big, total bits ${bitCount} (max ${BIG_INT_BITS_MAX})`,
  )
}

/** How many bits the magnitude of `value` takes; none for zero. */
export function bitLength(value: bigint): number {
  if (value === 0n) return 0
  const hex = (value < 0n ? -value : value).toString(HEX_DIGITS)
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0] ?? '0', HEX_DIGITS)))
}

/**
 * Reads a decimal integer as num-bigint does: one sign, digits, and underscores after the first digit.
 *
 * Undefined where num-bigint fails.
 */
export function parseDecimalInteger(text: string): bigint | undefined {
  const match = /^([+-]?)(\d[\d_]*)$/.exec(text)
  if (match === null) return undefined
  const magnitude = BigInt((match[2] ?? '').replaceAll('_', ''))
  return match[1] === '-' ? -magnitude : magnitude
}

function longSignedBytes(value: bigint): Uint8Array {
  LONG.setBigInt64(0, value, true)
  const sign = value < 0n ? 0xff : 0
  let length = 8
  // A byte goes where the one below it has the same sign.
  while (length > 1 && LONG.getUint8(length - 1) === sign) {
    if (LONG.getUint8(length - 2) >> 7 !== (sign & 1)) break
    length -= 1
  }
  return new Uint8Array(LONG.buffer.slice(0, length))
}

function fewSignedBytes(value: number): Uint8Array {
  const length =
    value >= -0x8000 && value < 0x8000 ? 2 : value >= -0x80_0000 && value < 0x80_0000 ? 3 : 4
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 1) bytes[at] = value >> (8 * at)
  return bytes
}

function fromFewBytes(bytes: Uint8Array): bigint {
  let low = 0
  let high = 0
  for (let at = Math.min(bytes.length, 4) - 1; at >= 0; at -= 1) low = low * 256 + (bytes[at] ?? 0)
  for (let at = bytes.length - 1; at >= 4; at -= 1) high = high * 256 + (bytes[at] ?? 0)
  return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low)
}
