import type { EthereumValue } from '../heap/ethereum-values.ts'
import { type AbiType, headLength, isDynamic } from './abi-type.ts'

const WORD = 32
const UTF_8 = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * The values of a sequence of types; undefined where the bytes do not hold them.
 *
 * As in graph-node, padding is not checked, text may be broken UTF-8 and bytes may be left over.
 */
export function decodeValues(
  types: readonly AbiType[],
  bytes: Uint8Array,
): readonly EthereumValue[] | undefined {
  if (types.length === 0) return []
  try {
    return decodeSequence(types, { bytes, view: undefined }, 0)
  } catch (error) {
    if (error instanceof OutOfDataError) return undefined
    throw error
  }
}

/** The value of one word, as an indexed parameter of a log holds it. */
export function decodeWord(type: AbiType, word: Uint8Array): EthereumValue | undefined {
  return decodeValues([type], word)?.[0]
}

/** The view is made when it is first needed: addresses and hashes, most of what there is, need none. */
type Source = { readonly bytes: Uint8Array; view: DataView | undefined }

function decodeSequence(
  types: readonly AbiType[],
  source: Source,
  base: number,
): readonly EthereumValue[] {
  let head = base
  return types.map((type) => {
    const at = isDynamic(type) ? base + readLength(source, head) : head
    head += headLength(type)
    return decodeValue(type, source, at)
  })
}

function decodeValue(type: AbiType, source: Source, at: number): EthereumValue {
  switch (type.type) {
    case 'address':
      return { type: 'address', value: take(source, at + 12, 20) }
    case 'function':
      return { type: 'function', value: take(source, at, 24) }
    case 'fixedBytes':
      return { type: 'fixedBytes', value: take(source, at, type.size) }
    case 'bool':
      return { type: 'bool', value: readWord(source, at) !== 0n }
    case 'uint':
      return { type: 'uint', value: readWord(source, at) }
    case 'int':
      return { type: 'int', value: BigInt.asIntN(256, readWord(source, at)) }
    case 'bytes':
      return { type: 'bytes', value: take(source, at + WORD, readLength(source, at)) }
    case 'string': {
      const content = take(source, at + WORD, readLength(source, at))
      return { type: 'string', value: UTF_8.decode(content) }
    }
    case 'tuple':
      return { type: 'tuple', value: decodeSequence(type.members, source, at) }
    case 'fixedArray': {
      const items = Array.from({ length: type.length }, () => type.item)
      return { type: 'fixedArray', value: decodeSequence(items, source, at) }
    }
    case 'array': {
      const length = readLength(source, at)
      if (length * headLength(type.item) > source.bytes.length) throw new OutOfDataError()
      const items = Array.from({ length }, () => type.item)
      return { type: 'array', value: decodeSequence(items, source, at + WORD) }
    }
    default:
      return type satisfies never
  }
}

function readWord(source: Source, at: number): bigint {
  const { bytes } = source
  if (at + WORD > bytes.length) throw new OutOfDataError()
  const view = (source.view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const high = (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8)
  const low = (view.getBigUint64(at + 16) << 64n) | view.getBigUint64(at + 24)
  return high === 0n ? low : (high << 128n) | low
}

function readLength(source: Source, at: number): number {
  const value = readWord(source, at)
  if (value > BigInt(source.bytes.length)) throw new OutOfDataError()
  return Number(value)
}

function take({ bytes }: Source, at: number, byteLength: number): Uint8Array {
  if (at + byteLength > bytes.length) throw new OutOfDataError()
  if (byteLength > WORD) return new Uint8Array(bytes.subarray(at, at + byteLength))
  const taken = new Uint8Array(byteLength)
  for (let index = 0; index < byteLength; index += 1) taken[index] = bytes[at + index] ?? 0
  return taken
}

/** The bytes end before the value does; it never leaves this file. */
class OutOfDataError extends Error {}
