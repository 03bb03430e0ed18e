import { FatalError } from '@foggara/schema'

import { RANK_WASM_BASE64 } from './rank.wasm.ts'

type Address = number

/** The compiled kernels; what each does and what it expects is documented in `cpu/kernel`. */
export type RankKernels = {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pageCount: number): number }
  sendWeighted(...at: Address[]): void
  sendEqual(...at: Address[]): void
  pullWeighted(...at: Address[]): bigint
  pullEqual(...at: Address[]): bigint
  applyUniform(nodeCount: number, share: bigint, incomingAt: Address, scoresAt: Address): bigint
  applyPersonalised(nodeCount: number, teleported: bigint, ...at: Address[]): bigint
  divideFlow(...at: Address[]): void
  moveFlow(...at: Address[]): bigint
  takeOverflowed(): number
}

/**
 * Instantiates the committed WASM module; works in Node and in browsers.
 *
 * @throws {WasmUnavailableError} where there is no WebAssembly with SIMD.
 */
export async function instantiateKernels(): Promise<RankKernels> {
  const bytes = Uint8Array.from(atob(RANK_WASM_BASE64), (character) => character.charCodeAt(0))
  try {
    const { instance } = await webAssembly().instantiate(bytes)
    return instance.exports
  } catch (cause) {
    throw new WasmUnavailableError(cause)
  }
}

/** The part of the platform's WebAssembly that is used; the language's own types do not have it. */
function webAssembly() {
  const platform = globalThis as unknown as {
    readonly WebAssembly: {
      instantiate(bytes: Uint8Array): Promise<{ instance: { exports: RankKernels } }>
    }
  }
  return platform.WebAssembly
}

/** The platform cannot run the kernels. */
export class WasmUnavailableError extends FatalError {
  constructor(cause: unknown) {
    super('WASM_UNAVAILABLE', 'expected WebAssembly with SIMD, found a platform that refuses it', {
      cause,
      hint: 'Use the reference engine: it is slower and gives the same bits.',
    })
  }
}
