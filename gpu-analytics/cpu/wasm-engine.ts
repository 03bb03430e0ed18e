import type { RankEngine } from '../engine.ts'
import { instantiateKernels } from './kernel-instance.ts'
import { flowOnWasm } from './wasm-flow.ts'
import { rankOnWasm } from './wasm-rank.ts'

/**
 * The engine for everyday use: AssemblyScript kernels in WASM, one thread, in Node and in browsers.
 *
 * @throws {WasmUnavailableError}
 */
export async function createWasmEngine(): Promise<RankEngine> {
  const kernels = await instantiateKernels()
  return {
    name: 'wasm',
    rank: async (problem, options) => rankOnWasm(kernels, problem, options),
    flow: async (problem) => flowOnWasm(kernels, problem),
  }
}
