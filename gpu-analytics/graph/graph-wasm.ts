import { WasmUnavailableError } from '../cpu/wasm-unavailable.ts'
import { BUILD_WASM_BASE64 } from './build.wasm.ts'

/** The exports of `graph/kernel`, which documents what each does and expects. */
export type GraphKernels = {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pageCount: number): number }
} & Readonly<Record<KernelName, (...values: number[]) => number>>

type KernelName =
  | 'packPairs'
  | 'packWeightedRows'
  | 'sortPairs'
  | 'sortWeightedRows'
  | 'mergePairs'
  | 'mergeWeightedRows'
  | 'takeFailedSource'
  | 'clearNodes'
  | 'finishNodes'
  | 'growNodes'
  | 'normalise'
  | 'readNodes'
  | 'weavePairs'
  | 'weaveWeighted'
  | 'writeNodes'

/** What kernels return instead of a count when a weight is too large. */
export const FAILED = 0xffff_ffff

/**
 * The kernels of graph building over a memory of their own.
 *
 * @throws {WasmUnavailableError}
 */
export async function instantiateGraphKernels(): Promise<GraphKernels> {
  const platform = globalThis as unknown as {
    readonly WebAssembly: {
      instantiate(bytes: Uint8Array): Promise<{ instance: { exports: GraphKernels } }>
    }
  }
  const bytes = Uint8Array.from(atob(BUILD_WASM_BASE64), (character) => character.charCodeAt(0))
  try {
    const { instance } = await platform.WebAssembly.instantiate(bytes)
    return instance.exports
  } catch (cause) {
    throw new WasmUnavailableError(cause)
  }
}
