import type { AbiEvent, AbiParameter } from 'viem'

import type { ColumnType } from './column.ts'
import { EventUnsupportedError } from './event-unsupported.ts'

/** How one parameter of an event is computed from a row of the raw archive called `source`. */
export type DecodedParameter = {
  readonly type: ColumnType
  /** SQL of the value; of rows that do not decode it is anything, but never an error. */
  readonly value: string
  /** SQL condition under which the row does not decode as the event, with the reason in words. */
  readonly problems: readonly (readonly [condition: string, reason: string])[]
}

/** The parameters of an event in their order, and what must hold of topics and payload as a whole. */
export type DecodedEvent = {
  readonly parameters: readonly DecodedParameter[]
  readonly topicCount: number
  /** The shortest payload. Unit: bytes. */
  readonly headBytes: number
}

/**
 * Compiles an event into SQL expressions over the archive's `topics` and `payload`.
 *
 * Encodings are held to the ABI's letter: padding must be zeros, offsets and lengths must stay within
 * the payload. Indexed parameters of dynamic types are there as their hash. Tuples, lists of lists and
 * lists of dynamic types are there as their encoding: of a dynamic one, what the payload holds from
 * its beginning on.
 *
 * @throws {EventUnsupportedError} for types that Solidity cannot put into an event.
 */
export function decodeInSql(event: AbiEvent): DecodedEvent {
  let topicCount = 1
  let wordCount = 0
  const parameters = event.inputs.map((input): DecodedParameter => {
    if (input.indexed === true) {
      topicCount += 1
      return indexedParameter(input, `source.topics[${topicCount}]`)
    }
    const first = wordCount
    wordCount += headWords(input)
    return payloadParameter(event, input, first)
  })
  return { parameters, topicCount, headBytes: 32 * wordCount }
}

/** How a value of 32 bytes is read; `unfit` is the condition under which it is no such value. */
type Word = {
  readonly type: ColumnType
  readonly value: (word: string) => string
  readonly unfit?: (word: string) => string
}

const LIST_TYPES: Partial<Record<ColumnType, ColumnType>> = {
  UInt8: 'Array(UInt64)',
  UInt32: 'Array(UInt64)',
  UInt64: 'Array(UInt64)',
  UInt128: 'Array(UInt256)',
  UInt256: 'Array(UInt256)',
  'FixedString(20)': 'Array(FixedString(20))',
  'FixedString(32)': 'Array(FixedString(32))',
}

function indexedParameter(input: AbiParameter, topic: string): DecodedParameter {
  const word = wordOf(input.type)
  // A dynamic type's topic is a hash.
  if (word === undefined) return { type: 'FixedString(32)', value: topic, problems: [] }
  return wordParameter(input, word, topic)
}

function payloadParameter(event: AbiEvent, input: AbiParameter, first: number): DecodedParameter {
  const word = wordOf(input.type)
  if (word !== undefined) return wordParameter(input, word, payloadWord(first))
  if (input.type === 'string' || input.type === 'bytes') return bytesParameter(input, first)
  const [, item = '', count = ''] = /^(\w+)\[(\d*)\]$/u.exec(input.type) ?? []
  const itemWord = wordOf(item)
  const type = itemWord === undefined ? undefined : LIST_TYPES[itemWord.type]
  if (itemWord === undefined || type === undefined) return encodedParameter(event, input, first)
  return count === ''
    ? listParameter(input, type, itemWord, first)
    : fixedListParameter(input, type, itemWord, [first, Number(count)])
}

function wordParameter(input: AbiParameter, word: Word, at: string): DecodedParameter {
  const unfit = word.unfit?.(at)
  return {
    type: word.type,
    value: word.value(at),
    problems: unfit === undefined ? [] : [[unfit, unfitReason(input)]],
  }
}

function bytesParameter(input: AbiParameter, first: number): DecodedParameter {
  const { offset, count, outside } = lengthPrefixed(first)
  const tooLong = `${count} > toInt64(length(source.payload)) - 32 - ${offset}`
  const bytes = `substring(source.payload, ${offset} + 33, ${count})`
  return {
    type: input.type === 'string' ? 'String' : 'Bytes',
    value: input.type === 'string' ? `toValidUTF8(${bytes})` : bytes,
    problems: [[`${outside} or ${tooLong}`, unfitReason(input)]],
  }
}

function encodedParameter(event: AbiEvent, input: AbiParameter, first: number): DecodedParameter {
  if (!/^(tuple|string|bytes\d*|u?int\d+|address|bool)(\[\d*\])*$/u.test(input.type)) {
    throw new EventUnsupportedError(event.name, `${input.type} ${input.name ?? '(unnamed)'}`)
  }
  if (!isDynamic(input)) {
    const value = `substring(source.payload, ${32 * first + 1}, ${32 * headWords(input)})`
    return { type: 'Bytes', value, problems: [] }
  }
  const offsetWord = payloadWord(first)
  const offset = smallInteger(offsetWord)
  const outside = `${isLarge(offsetWord)} or ${offset} > toInt64(length(source.payload)) - 32`
  return {
    type: 'Bytes',
    value: `substring(source.payload, ${offset} + 1)`,
    problems: [[outside, unfitReason(input)]],
  }
}

/** The words that a parameter takes at the beginning of the payload. */
function headWords(input: AbiParameter): number {
  if (isDynamic(input)) return 1
  const [, item, count] = /^(.*)\[(\d+)\]$/u.exec(input.type) ?? []
  if (item !== undefined) return Number(count) * headWords({ ...input, type: item })
  const parts = componentsOf(input)
  return parts === undefined ? 1 : parts.reduce((sum, part) => sum + headWords(part), 0)
}

function isDynamic(input: AbiParameter): boolean {
  if (input.type === 'string' || input.type === 'bytes' || input.type.endsWith('[]')) return true
  const item = /^(.*)\[\d+\]$/u.exec(input.type)?.[1]
  if (item !== undefined) return isDynamic({ ...input, type: item })
  return componentsOf(input)?.some(isDynamic) ?? false
}

function componentsOf(input: AbiParameter): readonly AbiParameter[] | undefined {
  return input.type === 'tuple' && 'components' in input ? input.components : undefined
}

function listParameter(
  input: AbiParameter,
  type: ColumnType,
  item: Word,
  first: number,
): DecodedParameter {
  const { offset, count, outside } = lengthPrefixed(first)
  const tooLong = `${count} > intDiv(toInt64(length(source.payload)) - 32 - ${offset}, 32)`
  // The numbers of a list that does not fit its payload are never made.
  const items = `range(toUInt64(if(${outside} or ${tooLong}, 0, ${count})))`
  const word = `substring(source.payload, ${offset} + 33 + 32 * toInt64(item), 32)`
  return listOf(input, type, item, { items, word, unfit: `${outside} or ${tooLong}` })
}

function fixedListParameter(
  input: AbiParameter,
  type: ColumnType,
  item: Word,
  [first, count]: readonly [number, number],
): DecodedParameter {
  const word = `substring(source.payload, ${32 * first + 1} + 32 * item, 32)`
  return listOf(input, type, item, { items: `range(${count})`, word })
}

function listOf(
  input: AbiParameter,
  type: ColumnType,
  item: Word,
  at: { readonly items: string; readonly word: string; readonly unfit?: string },
): DecodedParameter {
  const unfitItem = item.unfit?.(at.word)
  const unfit = [
    ...(at.unfit === undefined ? [] : [at.unfit]),
    ...(unfitItem === undefined ? [] : [`arrayExists(item -> ${unfitItem}, ${at.items})`]),
  ]
  return {
    type,
    value: `cast(arrayMap(item -> ${item.value(at.word)}, ${at.items}), '${type}')`,
    problems: unfit.length === 0 ? [] : [[unfit.join(' or '), unfitReason(input)]],
  }
}

/** A length behind an offset: both are integers from 0 on that ClickHouse can add without wrapping. */
function lengthPrefixed(first: number): {
  readonly offset: string
  readonly count: string
  readonly outside: string
} {
  const offsetWord = payloadWord(first)
  const offset = smallInteger(offsetWord)
  const countWord = `substring(source.payload, ${offset} + 1, 32)`
  const outside = [
    isLarge(offsetWord),
    `${offset} > toInt64(length(source.payload)) - 32`,
    isLarge(countWord),
  ].join(' or ')
  return { offset, count: smallInteger(countWord), outside }
}

function payloadWord(index: number): string {
  return `substring(source.payload, ${32 * index + 1}, 32)`
}

function smallInteger(word: string): string {
  return `toInt64(reinterpretAsUInt32(reverse(substring(${word}, 29, 4))))`
}

function isLarge(word: string): string {
  return `substring(${word}, 1, 28) != ${zeros(28)}`
}

function zeros(byteLength: number): string {
  return `unhex('${'00'.repeat(byteLength)}')`
}

function unfitReason(input: AbiParameter): string {
  return `expected ${input.type} as ${input.name === '' ? 'parameter' : (input.name ?? 'parameter')}`
}

function wordOf(type: string): Word | undefined {
  if (type === 'address') {
    return {
      type: 'FixedString(20)',
      value: (word) => `toFixedString(substring(${word}, 13, 20), 20)`,
      unfit: (word) => `substring(${word}, 1, 12) != ${zeros(12)}`,
    }
  }
  if (type === 'bool') {
    return {
      type: 'Bool',
      value: (word) => `toBool(substring(${word}, 32, 1) != ${zeros(1)})`,
      unfit: (word) =>
        `substring(${word}, 1, 31) != ${zeros(31)} or substring(${word}, 32, 1) > unhex('01')`,
    }
  }
  const [, kind, size = ''] = /^(uint|int|bytes)(\d+)$/u.exec(type) ?? []
  if (kind === 'uint') return unsignedWord(Number(size))
  if (kind === 'int') return signedWord(Number(size))
  return kind === 'bytes' ? bytesWord(Number(size)) : undefined
}

function unsignedWord(bitCount: number): Word {
  const type = unsignedType(bitCount)
  const byteLength = bitCount / 8
  const width = Number(type.slice(4)) / 8
  return {
    type,
    value: (word) => `reinterpretAs${type}(reverse(substring(${word}, ${33 - width}, ${width})))`,
    ...(byteLength === 32
      ? {}
      : {
          unfit: (word: string) =>
            `substring(${word}, 1, ${32 - byteLength}) != ${zeros(32 - byteLength)}`,
        }),
  }
}

function unsignedType(bitCount: number): ColumnType {
  if (bitCount <= 8) return 'UInt8'
  if (bitCount <= 32) return 'UInt32'
  if (bitCount <= 64) return 'UInt64'
  return bitCount <= 128 ? 'UInt128' : 'UInt256'
}

function signedWord(bitCount: number): Word {
  const value = (word: string): string => `reinterpretAsInt256(reverse(substring(${word}, 1, 32)))`
  const bound = 2n ** BigInt(bitCount - 1)
  return {
    type: 'Int256',
    value,
    ...(bitCount === 256
      ? {}
      : {
          unfit: (word: string) =>
            `${value(word)} not between toInt256('${-bound}') and toInt256('${bound - 1n}')`,
        }),
  }
}

function bytesWord(byteLength: number): Word {
  if (byteLength === 32) {
    return { type: 'FixedString(32)', value: (word) => `toFixedString(${word}, 32)` }
  }
  return {
    type: 'Bytes',
    value: (word) => `substring(${word}, 1, ${byteLength})`,
    unfit: (word) =>
      `substring(${word}, ${byteLength + 1}, ${32 - byteLength}) != ${zeros(32 - byteLength)}`,
  }
}
