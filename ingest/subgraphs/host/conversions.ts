import { bytesText } from '../entity-cache/entity.ts'
import { DeterministicError } from '../failure.ts'

const BASE_58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const UTF_8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Text of bytes that may be broken UTF-8 and padded with NUL. */
export function bytesToString(bytes: Uint8Array): string {
  return UTF_8.decode(bytes).replace(/\0+$/, '')
}

/** The magnitude in hex without leading zeros. */
export function bigIntToHex(value: bigint): string {
  return `0x${(value < 0n ? -value : value).toString(16)}`
}

/**
 * The 20 bytes of an address.
 *
 * @throws {DeterministicError}
 */
export function stringToAddress(text: string): Uint8Array {
  const digits = text.replace(/^(0x)+/, '')
  if (!/^[0-9a-fA-F]{40}$/.test(digits)) {
    throw new DeterministicError(`Failed to convert string to Address/H160: '${text}'`)
  }
  return new Uint8Array(Buffer.from(digits, 'hex'))
}

/** Base 58 as Bitcoin and IPFS write it. */
export function bytesToBase58(bytes: Uint8Array): string {
  let zeroCount = 0
  while (bytes[zeroCount] === 0) zeroCount += 1
  let rest = zeroCount === bytes.length ? 0n : BigInt(bytesText(bytes))
  let text = ''
  for (; rest > 0n; rest /= 58n) text = (BASE_58[Number(rest % 58n)] ?? '') + text
  return '1'.repeat(zeroCount) + text
}
