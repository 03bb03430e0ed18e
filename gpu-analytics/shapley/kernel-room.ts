import type { SynergyKernels } from './synergy-kernels.ts'

const PAGE_BYTES = 65_536
const ALIGNMENT = 16

/** The arrays of one call in the kernels' memory, one after the other; a new room uses it again. */
export class KernelRoom {
  readonly #memory: SynergyKernels['memory']
  #next: number

  constructor(kernels: SynergyKernels) {
    this.#memory = kernels.memory
    this.#next = kernels.firstAddress()
  }

  /** Copies an array in and returns its address. */
  put(values: Uint32Array | BigUint64Array): number {
    const address = Math.ceil(this.#next / ALIGNMENT) * ALIGNMENT
    this.#next = address + values.byteLength
    const pageCount =
      Math.ceil(this.#next / PAGE_BYTES) - this.#memory.buffer.byteLength / PAGE_BYTES
    if (pageCount > 0) this.#memory.grow(pageCount)
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    new Uint8Array(this.#memory.buffer, address, bytes.length).set(bytes)
    return address
  }

  /** A copy of `length` 64-bit words. */
  read(address: number, length: number): BigUint64Array {
    return new BigUint64Array(this.#memory.buffer, address, length).slice()
  }
}
