import { FatalError } from '@foggara/schema'

import type { RankKernels } from './kernel-instance.ts'

const PAGE_BYTES = 65_536
const PAGE_COUNT_MAX = 65_536
const ALIGNMENT = 16
/** Below it lie the few globals of the module. */
const FIRST_ADDRESS = 1024

type TypedArray = Uint8Array | Uint32Array | BigUint64Array

/**
 * The arrays of one problem in the kernels' memory, one after the other. Reserve everything, then
 * `grow`, then write and read: growing detaches earlier views.
 */
export class WasmMemory {
  readonly #memory: RankKernels['memory']
  #next = FIRST_ADDRESS

  constructor(kernels: RankKernels) {
    this.#memory = kernels.memory
  }

  /** Reserves room for `length` elements and returns its address. */
  reserve(length: number, elementBytes: 1 | 4 | 8): number {
    const address = this.#next
    this.#next = Math.ceil((address + length * elementBytes) / ALIGNMENT) * ALIGNMENT
    return address
  }

  /**
   * Makes the memory large enough for everything that is reserved.
   *
   * @throws {GraphTooLargeError} past 4 GiB.
   */
  grow(): void {
    const pageCount = Math.ceil(this.#next / PAGE_BYTES)
    if (pageCount > PAGE_COUNT_MAX) throw new GraphTooLargeError(this.#next)
    const missing = pageCount - this.#memory.buffer.byteLength / PAGE_BYTES
    if (missing > 0) this.#memory.grow(missing)
  }

  /** Copies an array to its address. */
  write(address: number, values: TypedArray): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    new Uint8Array(this.#memory.buffer, address, bytes.length).set(bytes)
  }

  /** Writes zeros over `length` 64-bit elements. */
  clear(address: number, length: number): void {
    new BigUint64Array(this.#memory.buffer, address, length).fill(0n)
  }

  /** A copy of `length` 64-bit elements. */
  read(address: number, length: number): BigUint64Array {
    return new BigUint64Array(this.#memory.buffer, address, length).slice()
  }
}

/** A graph does not fit the address space of the kernels. */
export class GraphTooLargeError extends FatalError {
  constructor(byteLength: number) {
    super('GRAPH_TOO_LARGE', `expected at most 4 GiB of graph, found ${byteLength} bytes`)
  }
}
