import type { Hex } from '@foggara/schema'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** keccak256 of bytes. */
export function keccak256(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(keccak_256(bytes))}`
}

/** keccak256 of the UTF-8 bytes of a text. */
export function keccak256OfText(text: string): Hex {
  return keccak256(utf8ToBytes(text))
}

/** sha256 of lines, each followed by a line feed: what `sha256sum` says of the file they make. */
export function sha256OfLines(lines: readonly string[]): Hex {
  const hash = nobleSha256.create()
  for (const line of lines) hash.update(utf8ToBytes(`${line}\n`))
  return `0x${bytesToHex(hash.digest())}`
}

/** The bytes of `0x…` text. */
export function bytesOf(hex: Hex): Uint8Array {
  return hexToBytes(hex.slice(2))
}
