import { FatalError } from '@foggara/schema'

/** A part of a module: its number and its content. */
export type Section = { readonly id: number; readonly content: Uint8Array }

/** The numbers of the sections that the runtime touches. */
export const SECTION = {
  import: 2,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  code: 10,
} as const

const HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
const LEB_BYTES_MAX = 10

/**
 * The sections of a module of WebAssembly 1, in their order.
 *
 * @throws {CorruptModuleError}
 */
export function readSections(bytes: Uint8Array): readonly Section[] {
  if (HEADER.some((byte, at) => bytes[at] !== byte)) {
    throw new CorruptModuleError('expected the header of WebAssembly 1, found other bytes')
  }
  const reader = new ByteReader(bytes, HEADER.length)
  const sections: Section[] = []
  while (!reader.isAtEnd()) {
    const id = reader.byte()
    sections.push({ id, content: reader.take(reader.unsigned()) })
  }
  return sections
}

/** The module that consists of the sections. */
export function joinSections(sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [HEADER]
  for (const { id, content } of sections) {
    parts.push(Uint8Array.of(id, ...unsignedBytes(content.length)), content)
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** An unsigned number in LEB128. */
export function unsignedBytes(value: number): readonly number[] {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest & 0x7f
    rest >>>= 7
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return bytes
}

/** Reads the parts of a module one after the other. */
export class ByteReader {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.at = at
  }

  isAtEnd(): boolean {
    return this.at >= this.#bytes.length
  }

  byte(): number {
    const byte = this.#bytes[this.at]
    if (byte === undefined) throw new CorruptModuleError('expected another byte, found the end')
    this.at += 1
    return byte
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  unsigned(): number {
    let value = 0
    let shift = 0
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if ((byte & 0x80) === 0) return value
      shift += 7
      if (shift > 28) throw new CorruptModuleError('expected a number of 32 bits, found more')
    }
  }

  /** Goes past a LEB128 number of any size. */
  skipNumber(): void {
    for (let count = 0; count < LEB_BYTES_MAX; count += 1) if ((this.byte() & 0x80) === 0) return
    throw new CorruptModuleError('expected a number of 64 bits, found more')
  }

  take(byteLength: number): Uint8Array {
    const end = this.at + byteLength
    if (end > this.#bytes.length) {
      throw new CorruptModuleError(`expected ${byteLength} more bytes, found the end`)
    }
    const part = this.#bytes.subarray(this.at, end)
    this.at = end
    return part
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.unsigned()))
  }
}

/** A file is no module that the runtime can run. */
export class CorruptModuleError extends FatalError {
  constructor(message: string, cause?: unknown) {
    super('SUBGRAPH_WASM_CORRUPT', message, {
      cause,
      hint: 'Build the subgraph again with `graph build` and load the new folder.',
    })
  }
}
