import { toBytes } from 'viem'

import type { EthereumValue } from '../heap/ethereum-values.ts'
import type { AbiType } from './abi-type.ts'

const WORD = 32
const WORD_MODULUS = 1n << 256n

/** The bytes of a sequence of values, each of its own type. */
export function encodeValues(values: readonly EthereumValue[]): Uint8Array {
  const heads: Uint8Array[] = []
  const tails: Uint8Array[] = []
  const parts = values.map((value) => ({ isDynamic: isDynamicValue(value), value }))
  const encoded = parts.map(({ value }) => encodeValue(value))
  let tailAt = parts.reduce(
    (sum, { isDynamic }, index) => sum + (isDynamic ? WORD : (encoded[index]?.length ?? 0)),
    0,
  )
  for (const [index, { isDynamic }] of parts.entries()) {
    const bytes = encoded[index] ?? new Uint8Array()
    if (!isDynamic) {
      heads.push(bytes)
      continue
    }
    heads.push(word(BigInt(tailAt)))
    tails.push(bytes)
    tailAt += bytes.length
  }
  return Buffer.concat([...heads, ...tails])
}

/** Whether a value fits a type, as a call checks its arguments. */
export function isOfType(value: EthereumValue, type: AbiType): boolean {
  switch (type.type) {
    case 'fixedBytes':
      return value.type === 'fixedBytes' && value.value.length === type.size
    case 'uint':
      return value.type === 'uint' && value.value >= 0n && value.value < 1n << BigInt(type.bits)
    case 'int': {
      const limit = 1n << BigInt(type.bits - 1)
      return value.type === 'int' && value.value >= -limit && value.value < limit
    }
    case 'array':
      return value.type === 'array' && value.value.every((item) => isOfType(item, type.item))
    case 'fixedArray':
      return (
        value.type === 'fixedArray' &&
        value.value.length === type.length &&
        value.value.every((item) => isOfType(item, type.item))
      )
    case 'tuple':
      return (
        value.type === 'tuple' &&
        value.value.length === type.members.length &&
        type.members.every((member, index) => {
          const item = value.value[index]
          return item !== undefined && isOfType(item, member)
        })
      )
    case 'address':
    case 'bool':
    case 'bytes':
    case 'function':
    case 'string':
      return value.type === type.type
    default:
      return type satisfies never
  }
}

function encodeValue(value: EthereumValue): Uint8Array {
  switch (value.type) {
    case 'address':
      return padded(value.value, WORD - value.value.length)
    case 'fixedBytes':
    case 'function':
      return padded(value.value, 0)
    case 'bool':
      return word(value.value ? 1n : 0n)
    case 'int':
    case 'uint':
      return word(value.value)
    case 'bytes':
      return withLength(value.value)
    case 'string':
      return withLength(new TextEncoder().encode(value.value))
    case 'array':
      return Buffer.concat([word(BigInt(value.value.length)), encodeValues(value.value)])
    case 'fixedArray':
    case 'tuple':
      return encodeValues(value.value)
    default:
      return value satisfies never
  }
}

function isDynamicValue(value: EthereumValue): boolean {
  if (value.type === 'string' || value.type === 'bytes' || value.type === 'array') return true
  return (value.type === 'tuple' || value.type === 'fixedArray') && value.value.some(isDynamicValue)
}

function withLength(content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(WORD + Math.ceil(content.length / WORD) * WORD)
  bytes.set(word(BigInt(content.length)))
  bytes.set(content, WORD)
  return bytes
}

function padded(content: Uint8Array, before: number): Uint8Array {
  const bytes = new Uint8Array(WORD)
  bytes.set(content, before)
  return bytes
}

function word(value: bigint): Uint8Array {
  return toBytes(((value % WORD_MODULUS) + WORD_MODULUS) % WORD_MODULUS, { size: WORD })
}
