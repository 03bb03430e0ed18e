import { FatalError, type Hex, UINT256_BOUND, parseAddress, parseBytes32 } from '@foggara/schema'
import { utf8ToBytes } from '@noble/hashes/utils.js'

import { bytesOf } from './hash.ts'

/** A value for the contract types that Merkle leaves are made of. */
export type AbiValue =
  | { readonly type: 'address'; readonly value: string }
  | { readonly type: 'bytes32'; readonly value: string }
  | { readonly type: 'uint256'; readonly value: bigint }
  | { readonly type: 'string'; readonly value: string }

const WORD = 32

/** Solidity's `abi.encode` of the values: 32-byte heads, then the tails of dynamic values. */
export function abiEncode(values: readonly AbiValue[]): Uint8Array {
  const heads: Uint8Array[] = []
  const tails: Uint8Array[] = []
  let tailOffset = values.length * WORD
  for (const value of values) {
    if (value.type === 'string') {
      const tail = stringTail(value.value)
      heads.push(word(BigInt(tailOffset)))
      tails.push(tail)
      tailOffset += tail.length
    } else {
      heads.push(leftPadded(staticBytes(value)))
    }
  }
  return concatBytes([...heads, ...tails])
}

/** Solidity's `abi.encodePacked` of the values: no padding, no lengths. */
export function abiEncodePacked(values: readonly AbiValue[]): Uint8Array {
  return concatBytes(
    values.map((value) =>
      value.type === 'string' ? utf8ToBytes(value.value) : staticBytes(value),
    ),
  )
}

/** The bytes of all parts, one after the other. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

function staticBytes(value: Exclude<AbiValue, { type: 'string' }>): Uint8Array {
  switch (value.type) {
    case 'address':
      return bytesOf(parseAddress(value.value))
    case 'bytes32':
      return bytesOf(parseBytes32(value.value))
    case 'uint256':
      return word(value.value)
  }
}

function stringTail(text: string): Uint8Array {
  const bytes = utf8ToBytes(text)
  const padded = new Uint8Array(Math.ceil(bytes.length / WORD) * WORD)
  padded.set(bytes)
  return concatBytes([word(BigInt(bytes.length)), padded])
}

function word(value: bigint): Uint8Array {
  if (value < 0n || value >= UINT256_BOUND) throw new Uint256RangeError(value)
  const digits: Hex = `0x${value.toString(16).padStart(2 * WORD, '0')}`
  return bytesOf(digits)
}

function leftPadded(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(WORD)
  padded.set(bytes, WORD - bytes.length)
  return padded
}

/** A number does not fit Solidity's uint256. */
export class Uint256RangeError extends FatalError {
  constructor(value: bigint) {
    super('UINT256_OUT_OF_RANGE', `expected 0 <= value < 2^256, found ${value}`)
  }
}
