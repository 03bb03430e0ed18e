import { FatalError } from './errors.ts'

/** Lower-case `0x…` text of any number of bytes. */
export type Hex = `0x${string}`

/** The zero address: nobody. */
export const ZERO_ADDRESS: Hex = `0x${'00'.repeat(20)}`

/**
 * Parses `0x…` text of exactly `byteLength` bytes and returns it in lower case.
 *
 * @throws {HexError} when it is not that.
 */
export function parseHex(text: unknown, byteLength: number, what: string): Hex {
  if (
    typeof text !== 'string' ||
    !/^0x[0-9a-f]*$/i.test(text) ||
    text.length !== 2 + 2 * byteLength
  ) {
    throw new HexError(text, byteLength, what)
  }
  return text.toLowerCase() as Hex
}

/** Parses a 20-byte address into lower case. */
export function parseAddress(text: unknown, what = 'address'): Hex {
  return parseHex(text, 20, what)
}

/** Parses a 32-byte id or hash into lower case. */
export function parseBytes32(text: unknown, what = 'hash'): Hex {
  return parseHex(text, 32, what)
}

/** Text that should be hexadecimal of a given length is not. */
export class HexError extends FatalError {
  constructor(found: unknown, byteLength: number, what: string) {
    const shown = typeof found === 'string' ? JSON.stringify(found.slice(0, 80)) : typeof found
    super('HEX_MALFORMED', `${what}: expected 0x and ${2 * byteLength} hex digits, found ${shown}`)
  }
}
