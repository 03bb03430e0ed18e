import { RANK_WASM_BASE64, SHARED_FLAG_AT } from './rank.wasm.ts'
import {
  type KernelMemory,
  type KernelModule,
  type Kernels,
  instantiateKernels,
  webAssembly,
} from './threads/instantiate.ts'
import { WasmUnavailableError } from './wasm-unavailable.ts'

/** In the limits of a memory: it has a maximum, and is not shared. */
const UNSHARED_FLAGS = 1

/**
 * Compiles the committed kernels, for one thread; works in Node and in browsers.
 *
 * @throws {WasmUnavailableError} where there is no WebAssembly with SIMD.
 */
export function compileForOneThread(): Promise<KernelModule> {
  const bytes = kernelBytes()
  bytes[SHARED_FLAG_AT] = UNSHARED_FLAGS
  return compile(bytes)
}

/**
 * Compiles the committed kernels, for threads over shared memory.
 *
 * @throws {WasmUnavailableError} where there is no WebAssembly with SIMD and threads.
 */
export function compileForThreads(): Promise<KernelModule> {
  return compile(kernelBytes())
}

/**
 * The kernels in this thread.
 *
 * @throws {WasmUnavailableError}
 */
export async function kernelsHere(
  module: KernelModule,
  memory: KernelMemory,
  report: (count: number) => void,
): Promise<Kernels> {
  try {
    return await instantiateKernels(module, memory, report)
  } catch (cause) {
    throw new WasmUnavailableError(cause)
  }
}

function kernelBytes(): Uint8Array {
  return Uint8Array.from(atob(RANK_WASM_BASE64), (character) => character.charCodeAt(0))
}

async function compile(bytes: Uint8Array): Promise<KernelModule> {
  try {
    const platform = webAssembly()
    if (platform === undefined) throw new TypeError('WebAssembly is missing')
    return await platform.compile(bytes)
  } catch (cause) {
    throw new WasmUnavailableError(cause)
  }
}
