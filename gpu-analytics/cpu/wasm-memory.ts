import { FatalError } from '@foggara/schema'

import { type KernelMemory, webAssembly } from './threads/instantiate.ts'
import { WasmUnavailableError } from './wasm-unavailable.ts'

const PAGE_BYTES = 65_536
const PAGE_COUNT_MAX = 65_536
/** A line of the cache, so that threads do not share one by accident. */
const ALIGNMENT = 128
/** Below it lies the control block: 1 KiB of globals, then words, then 128 bytes per thread. */
const FIRST_ADDRESS = 16_384

/** Threads that the control block has room for. */
export const THREAD_COUNT_MAX = 64

type TypedArray = Uint8Array | Uint32Array | BigUint64Array

/** Where the arrays of a problem lie in the kernels' memory: one after the other. */
export class WasmLayout {
  #next = FIRST_ADDRESS

  /** Reserves room for `length` elements and returns its address. */
  reserve(length: number, elementBytes: 1 | 4 | 8 | 16): number {
    const address = this.#next
    this.#next = Math.ceil((address + length * elementBytes) / ALIGNMENT) * ALIGNMENT
    return address
  }

  /**
   * A memory of zeros for everything that is reserved.
   *
   * @throws {GraphTooLargeError} past 4 GiB.
   * @throws {WasmUnavailableError}
   */
  allocate(shared: boolean): WasmMemory {
    const pageCount = Math.ceil(this.#next / PAGE_BYTES)
    if (pageCount > PAGE_COUNT_MAX) throw new GraphTooLargeError(this.#next)
    const platform = webAssembly()
    if (platform === undefined) throw new WasmUnavailableError('it has no WebAssembly')
    try {
      return new WasmMemory(new platform.Memory({ initial: pageCount, maximum: pageCount, shared }))
    } catch (cause) {
      throw new GraphTooLargeError(this.#next, cause)
    }
  }
}

/** The arrays of one problem in the kernels' memory. */
export class WasmMemory {
  readonly memory: KernelMemory

  constructor(memory: KernelMemory) {
    this.memory = memory
  }

  /** `length` elements at an address, in place. */
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length)
  }

  /** `length` elements at an address, in place. */
  words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, length)
  }

  /** `length` elements at an address, in place. */
  longs(address: number, length: number): BigUint64Array {
    return new BigUint64Array(this.memory.buffer, address, length)
  }

  /** Copies an array to its address. */
  write(address: number, values: TypedArray): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    this.bytes(address, bytes.length).set(bytes)
  }
}

/** A graph does not fit the address space of the kernels, or the memory of the machine. */
export class GraphTooLargeError extends FatalError {
  constructor(byteLength: number, cause?: unknown) {
    super(
      'GRAPH_TOO_LARGE',
      cause === undefined
        ? `expected a graph within the 4 GiB of the kernels, found ${byteLength} bytes`
        : `expected ${byteLength} bytes of free memory for the graph, found less`,
      { cause, hint: 'Use rankStreamed: it holds the nodes and reads the edges in slabs.' },
    )
  }
}
