import { FatalError } from '@foggara/schema'

/** The platform cannot run the kernels. */
export class WasmUnavailableError extends FatalError {
  constructor(cause: unknown) {
    super('WASM_UNAVAILABLE', 'expected WebAssembly with SIMD, found a platform that refuses it', {
      cause,
      hint: 'Use the reference engine: it is slower and gives the same bits.',
    })
  }
}
