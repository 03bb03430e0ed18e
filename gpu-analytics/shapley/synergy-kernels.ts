import { FatalError } from '@foggara/schema'

import { SYNERGY_WASM_BASE64 } from './synergy.wasm.ts'

type Address = number

/** The compiled kernels; what each does and what it expects is documented in `shapley/kernel`. */
export type SynergyKernels = {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pageCount: number): number }
  firstAddress(): Address
  philox(c0: number, c1: number, c2: number, c3: number, key: bigint, wordsAt: Address): void
  exactSynergies(receiptCount: number, playerCount: number, ...at: Address[]): void
  sampleSynergies(
    receiptCount: number,
    playerCount: number,
    receiptNumbersAt: Address,
    weightsAt: Address,
    synergiesAt: Address,
    capsAt: Address,
    epochKey: bigint,
    permutationCount: number,
    walksBack: number,
    sumsAt: Address,
    squareSumsAt: Address,
  ): void
}

/**
 * Instantiates the committed WASM module; works in Node and in browsers.
 *
 * @throws {SynergyKernelsUnavailableError} where there is no WebAssembly.
 */
export async function instantiateSynergyKernels(): Promise<SynergyKernels> {
  const bytes = Uint8Array.from(atob(SYNERGY_WASM_BASE64), (character) => character.charCodeAt(0))
  try {
    const { instance } = await webAssembly().instantiate(bytes)
    return instance.exports
  } catch (cause) {
    throw new SynergyKernelsUnavailableError(cause)
  }
}

/** The part of the platform's WebAssembly that is used; the language's own types do not have it. */
function webAssembly() {
  const platform = globalThis as unknown as {
    readonly WebAssembly: {
      instantiate(bytes: Uint8Array): Promise<{ instance: { exports: SynergyKernels } }>
    }
  }
  return platform.WebAssembly
}

/** The platform cannot run the kernels. */
export class SynergyKernelsUnavailableError extends FatalError {
  constructor(cause: unknown) {
    super('WASM_UNAVAILABLE', 'expected WebAssembly, found a platform that refuses it', {
      cause,
      hint: 'Use referenceSynergySampler: it is slower and gives the same bits.',
    })
  }
}
