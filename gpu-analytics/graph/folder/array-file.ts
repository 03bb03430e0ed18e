import { type FileHandle, open } from 'node:fs/promises'

type Numbers = Uint8Array | Uint32Array | BigUint64Array

/** A file of numbers that is written from start to end, or read anywhere. */
export class ArrayFile {
  readonly #handle: FileHandle
  #length = 0

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** A new empty file that can be read as well. */
  static async create(path: string): Promise<ArrayFile> {
    return new ArrayFile(await open(path, 'wx+'))
  }

  /** A file that is there, to be read. */
  static async open(path: string): Promise<ArrayFile> {
    return new ArrayFile(await open(path, 'r'))
  }

  /** How many bytes the file has. */
  async byteLength(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  /** Appends numbers. */
  async append(values: Numbers): Promise<void> {
    const bytes = bytesOf(values)
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, this.#length)
      at += bytesWritten
      this.#length += bytesWritten
    }
  }

  /** Fills `values` from the byte `position` on; false when the file ends before. */
  async readInto(values: Numbers, position: number): Promise<boolean> {
    const bytes = bytesOf(values)
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await this.#handle.read(bytes, at, bytes.length - at, position + at)
      if (bytesRead === 0) return false
      at += bytesRead
    }
    return true
  }

  /** Makes sure that what was written survives a power cut. */
  async sync(): Promise<void> {
    await this.#handle.sync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }
}

function bytesOf(values: Numbers): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
