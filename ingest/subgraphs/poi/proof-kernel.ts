import { WASM, type WasmMemory, type WasmModule } from '../heap/web-assembly.ts'
import { PROOF_WASM_BASE64 } from './proof.wasm.ts'

/** The memory of the kernel, whose views change when it grows. */
export type ProofMemory = {
  bytes: Uint8Array
  view: DataView
  /** Makes the memory reach to `end`. */
  reserve(end: number): void
}

/** The functions of the kernel; addresses are bytes of its memory. */
export type ProofKernel = {
  readonly memory: ProofMemory
  /** The first byte that the caller may use. */
  readonly start: number
  readonly restart: () => void
  readonly save: (at: number) => void
  readonly restore: (at: number) => void
  readonly mixin: (at: number) => void
  readonly finish: (at: number) => void
  readonly writeEvent: (at: number, block: bigint, index: bigint) => void
  readonly writeLength: (block: bigint, eventCount: bigint) => void
  readonly writeAt: (high: bigint, low: bigint, at: number, byteLength: number) => void
  readonly hashInto: (into: number, at: number, byteLength: number, seed: bigint) => void
}

const ROOM_AT_FIRST = 16_384

let compiled: WasmModule | undefined

/** A kernel of its own, with one running hash; the code is compiled once per process. */
export function openProofKernel(): ProofKernel {
  compiled ??= new WASM.Module(Buffer.from(PROOF_WASM_BASE64, 'base64'))
  const { exports } = new WASM.Instance(compiled)
  const kernel = exports as unknown as Omit<ProofKernel, 'memory' | 'start'> & {
    readonly memory: WasmMemory
    readonly reserve: (byteLength: number) => number
  }
  const start = kernel.reserve(ROOM_AT_FIRST)
  const memory: ProofMemory = {
    bytes: new Uint8Array(kernel.memory.buffer),
    view: new DataView(kernel.memory.buffer),
    reserve(end) {
      kernel.reserve(end - start)
      memory.bytes = new Uint8Array(kernel.memory.buffer)
      memory.view = new DataView(kernel.memory.buffer)
    },
  }
  const { restart, save, restore, mixin, finish, writeEvent, writeLength, writeAt, hashInto } =
    kernel
  restart()
  return {
    memory,
    start,
    restart,
    save,
    restore,
    mixin,
    finish,
    writeEvent,
    writeLength,
    writeAt,
    hashInto,
  }
}
