import { type WasmEngine, type WasmEngineOptions, wasmEngineOn } from './engine-on.ts'
import { nodeThreads, workerThreads } from './threads/node-threads.ts'
import { pageThreads } from './threads/page-threads.ts'

/**
 * The engine for everyday use, in Node and in pages: AssemblyScript kernels in WASM, on several
 * threads for large graphs where there are threads over shared memory.
 *
 * @throws {WasmUnavailableError}
 */
export function createWasmEngine(options: WasmEngineOptions = {}): Promise<WasmEngine> {
  const ofNode = workerThreads()
  return wasmEngineOn(ofNode === undefined ? pageThreads : nodeThreads(ofNode), options)
}
