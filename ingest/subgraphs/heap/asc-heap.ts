import { DeterministicError, NonDeterministicError } from '../failure.ts'
import { type BigDecimal, EXPONENT_MAX, EXPONENT_MIN, normalise } from '../numbers/big-decimal.ts'
import { fromSignedBytes, toSignedBytes, withinBits } from '../numbers/big-int.ts'
import { openShortTexts, SHORT_TEXT_UNITS_MAX, type ShortTexts } from './short-texts.ts'
import { TYPE_INDEX } from './type-index.ts'
import type { WasmExports, WasmMemory } from './web-assembly.ts'

/** The address of an object's content in the memory of a mapping; 0 is null. */
export type Pointer = number

/** The piece of memory that the host hands out next. */
export type Arena = { readonly start: number; readonly free: number }

/** Values nest no deeper than this many reads. */
export const READ_DEPTH_MAX = 128

const ARENA_SIZE_MIN = 10_000
const ARENA_HEADER = 12
const OBJECT_HEADER = 20
const ALIGNMENT = 16

/**
 * Objects of AssemblyScript 0.19 in the memory of one mapping, as graph-node reads and writes them.
 *
 * An object's header ends with the type and the byte length of its content; the pointer is that of
 * the content. Pieces of memory come from the mapping's `allocate` and are never freed.
 */
export class AscHeap {
  readonly #memory: WasmMemory
  readonly #allocate: (byteLength: number) => number
  readonly #idOfType: (index: number) => number
  readonly #typeIds: (number | undefined)[] = []
  #start = 0
  #free = 0
  #bytesLeft = Number.POSITIVE_INFINITY
  #view: DataView
  #bytes: Buffer
  /** The same memory, whose slices are plain copies. */
  #plain: Uint8Array
  #units: Uint16Array
  readonly #texts: ShortTexts

  constructor(exports: WasmExports, texts = openShortTexts()) {
    this.#texts = texts
    this.#memory = exports['memory'] as WasmMemory
    this.#allocate = exports['allocate'] as (byteLength: number) => number
    this.#idOfType = exports['id_of_type'] as (index: number) => number
    this.#view = new DataView(this.#memory.buffer)
    this.#bytes = Buffer.from(this.#memory.buffer)
    this.#plain = new Uint8Array(this.#memory.buffer)
    this.#units = new Uint16Array(this.#memory.buffer)
  }

  /** Where the next object goes; with {@link restoreArena} it brings an earlier state back. */
  arena(): Arena {
    return { start: this.#start, free: this.#free }
  }

  restoreArena(arena: Arena): void {
    this.#start = arena.start
    this.#free = arena.free
  }

  /** Copies at most so many bytes from now on: one large object can be read over and over. */
  limitReads(byteLengthMax: number): void {
    this.#bytesLeft = byteLengthMax
  }

  writeString(text: string): Pointer {
    const at = this.#place(TYPE_INDEX.String, text.length * 2)
    if (text.length > SHORT_TEXT_UNITS_MAX || (at & 1) !== 0) {
      this.#bytes.write(text, at, 'utf16le')
      return at
    }
    const start = at >> 1
    for (let index = 0; index < text.length; index += 1) {
      this.#units[start + index] = text.charCodeAt(index)
    }
    return at
  }

  writeBytes(content: Uint8Array): Pointer {
    const buffer = this.#place(TYPE_INDEX.ArrayBuffer, content.length)
    this.#bytes.set(content, buffer)
    const at = this.#place(TYPE_INDEX.Uint8Array, 12)
    this.#view.setUint32(at, buffer, true)
    this.#view.setUint32(at + 4, buffer, true)
    this.#view.setUint32(at + 8, content.length, true)
    return at
  }

  writeBigInt(value: bigint): Pointer {
    return this.writeBytes(toSignedBytes(value))
  }

  writeBigDecimal({ digits, scale }: BigDecimal): Pointer {
    const exponentAt = this.writeBigInt(BigInt(-scale))
    return this.writeFields(TYPE_INDEX.BigDecimal, [this.writeBigInt(digits), exponentAt])
  }

  /** An object of pointers, or of other 32-bit fields. */
  writeFields(typeIndex: number, fields: readonly number[]): Pointer {
    const at = this.#place(typeIndex, fields.length * 4)
    for (let index = 0; index < fields.length; index += 1) {
      this.#view.setUint32(at + index * 4, fields[index] ?? 0, true)
    }
    return at
  }

  writeArray(typeIndex: number, items: readonly Pointer[]): Pointer {
    const buffer = this.writeFields(TYPE_INDEX.ArrayBuffer, items)
    return this.writeFields(typeIndex, [buffer, buffer, items.length * 4, items.length])
  }

  /** A tagged value whose payload is a pointer or another 32-bit number. */
  writeEnum(typeIndex: number, kind: number, payload: number): Pointer {
    const at = this.#place(typeIndex, 16)
    this.#view.setUint32(at, kind, true)
    this.#view.setUint32(at + 4, 0, true)
    this.#view.setInt32(at + 8, payload, true)
    this.#view.setInt32(at + 12, payload < 0 ? -1 : 0, true)
    return at
  }

  /** A tagged value whose payload is a signed 64-bit number. */
  writeLongEnum(typeIndex: number, kind: number, payload: bigint): Pointer {
    const at = this.writeEnum(typeIndex, kind, 0)
    this.#view.setBigInt64(at + 8, payload, true)
    return at
  }

  /** A result of 8 bytes whose one field is a byte, as a wrapped boolean is. */
  writeByte(typeIndex: number, byte: number): Pointer {
    const at = this.#place(typeIndex, 1)
    this.#bytes[at] = byte
    return at
  }

  /**
   * A string without its NUL characters.
   *
   * @throws {DeterministicError} for null, a pointer out of the memory or half a surrogate pair.
   */
  readString(pointer: Pointer): string {
    const byteLength = this.#contentLength(pointer)
    if ((byteLength & 1) !== 0) {
      throw new DeterministicError('Attempted to read past end of string content bytes chunk')
    }
    this.#countRead(byteLength)
    const unitCount = byteLength >> 1
    const isShort = unitCount <= SHORT_TEXT_UNITS_MAX && (pointer & 1) === 0
    const known = isShort ? this.#texts.find(this.#units, pointer >> 1, unitCount) : undefined
    if (known !== undefined) return known
    const text = this.#bytes.toString('utf16le', pointer, pointer + byteLength)
    if (!text.isWellFormed()) {
      throw new DeterministicError('invalid utf-16: lone surrogate found')
    }
    if (text.includes('\0')) return text.replaceAll('\0', '')
    if (isShort) this.#texts.keep(text)
    return text
  }

  /** The bytes of a typed array, copied. */
  readBytes(pointer: Pointer): Uint8Array {
    this.#contentLength(pointer)
    const byteLength = this.#viewLength(pointer, this.field(pointer, 2))
    const start = this.#u32(pointer + 4)
    this.#countRead(byteLength)
    return this.#plain.slice(start, start + byteLength)
  }

  /** The bytes of a typed array as lower-case hex after `0x`. */
  readHex(pointer: Pointer): string {
    this.#contentLength(pointer)
    const byteLength = this.#viewLength(pointer, this.field(pointer, 2))
    const start = this.#u32(pointer + 4)
    this.#countRead(byteLength)
    return `0x${this.#bytes.toString('hex', start, start + byteLength)}`
  }

  /** The 32-bit items of an array. */
  readArray(pointer: Pointer): readonly Pointer[] {
    this.#contentLength(pointer)
    const length = this.#viewLength(pointer, this.field(pointer, 3) * 4) >> 2
    const start = this.#u32(pointer + 4)
    this.#countRead(length * 4)
    const items: Pointer[] = []
    for (let index = 0; index < length; index += 1) {
      items.push(this.#view.getUint32(start + index * 4, true))
    }
    return items
  }

  readBigInt(pointer: Pointer): bigint {
    return withinBits(fromSignedBytes(this.readBytes(pointer)))
  }

  readBigDecimal(pointer: Pointer): BigDecimal {
    const digits = this.readBigInt(this.field(pointer, 0))
    const exponent = this.readBigInt(this.field(pointer, 1))
    const value = normalise(digits, Number(-exponent))
    if (-value.scale >= EXPONENT_MIN && -value.scale <= EXPONENT_MAX) return value
    const range = `\`${EXPONENT_MIN}\` to \`${EXPONENT_MAX}\``
    throw new DeterministicError(
      `big decimal exponent \`${-value.scale}\` is outside the ${range} range`,
    )
  }

  /** The 32-bit field `index` of the object. */
  field(pointer: Pointer, index: number): number {
    this.#check(pointer)
    return this.#u32(pointer + index * 4)
  }

  /** The signed 64-bit payload of a tagged value. */
  payload(pointer: Pointer): bigint {
    this.#check(pointer)
    this.#within(pointer + 8, 8)
    return this.#view.getBigInt64(pointer + 8, true)
  }

  #place(typeIndex: number, contentLength: number): Pointer {
    const typeId = (this.#typeIds[typeIndex] ??= this.#idOfType(typeIndex))
    const size = OBJECT_HEADER + contentLength
    const total = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1)
    if (total > this.#free) this.#takeArena(total)
    this.#refresh()
    const header = this.#start
    this.#start += total
    this.#free -= total
    this.#view.setUint32(header, total - 4, true)
    this.#view.setUint32(header + 4, 0, true)
    this.#view.setUint32(header + 8, 0, true)
    this.#view.setUint32(header + 12, typeId, true)
    this.#view.setUint32(header + 16, contentLength, true)
    return header + OBJECT_HEADER
  }

  #takeArena(byteLength: number): void {
    const size = Math.max(byteLength + ARENA_HEADER, ARENA_SIZE_MIN)
    this.#start = this.#allocate(size) + ARENA_HEADER
    this.#free = size - ARENA_HEADER
  }

  /** How many bytes a view has: it reaches to the end of its buffer at most. */
  #viewLength(pointer: Pointer, byteLength: number): number {
    const buffer = this.#u32(pointer)
    const start = this.#u32(pointer + 4)
    const bufferEnd = buffer + this.#contentLength(buffer)
    if (start < buffer || start > bufferEnd) {
      throw new DeterministicError(`Subtract overflow on pointer: ${start}`)
    }
    return Math.min(byteLength, bufferEnd - start)
  }

  #contentLength(pointer: Pointer): number {
    this.#check(pointer)
    const byteLength = this.#u32(pointer - 4)
    this.#within(pointer, byteLength)
    return byteLength
  }

  #countRead(byteLength: number): void {
    this.#bytesLeft -= byteLength
    if (this.#bytesLeft >= 0) return
    throw new NonDeterministicError(
      'expected a handler that gives the host less to read, found one beyond the limit',
      'SUBGRAPH_HANDLER_MEMORY',
      'Find the large list or text that the handler stores or converts over and over.',
    )
  }

  #check(pointer: Pointer): void {
    if (pointer === 0) {
      throw new DeterministicError(
        "Tried to read AssemblyScript value that is 'null': a graph-ts function or operator got a 'null' that it does not take",
      )
    }
    this.#refresh()
  }

  #u32(at: number): number {
    this.#within(at, 4)
    return this.#view.getUint32(at, true)
  }

  #within(at: number, byteLength: number): void {
    if (at >= 0 && at + byteLength <= this.#bytes.length) return
    throw new DeterministicError(`Heap access out of bounds. Offset: ${at} Size: ${byteLength}`)
  }

  #refresh(): void {
    // A memory that grew has another buffer, and the views of the old one are empty.
    if (this.#bytes.length > 0) return
    this.#view = new DataView(this.#memory.buffer)
    this.#bytes = Buffer.from(this.#memory.buffer)
    this.#plain = new Uint8Array(this.#memory.buffer)
    this.#units = new Uint16Array(this.#memory.buffer)
  }
}
