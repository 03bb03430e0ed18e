import { createRequire } from 'node:module'

import { type Keccak, openKeccak } from '../hash/keccak.ts'

/** Recovers who signed a digest. */
export type Recovery = {
  /** The library that does the work. */
  readonly library: 'secp256k1' | '@bitauth/libauth'
  /**
   * The signer's 20 bytes; `undefined` unless the signature has 65 bytes, `v` of 27 or 28 and the
   * lower `s`. So there is exactly one valid signature per signer and digest.
   */
  readonly signerOf: (digest: Uint8Array, signature: Uint8Array) => Uint8Array | undefined
}

/**
 * Opens the fastest recovery there is: libsecp256k1 as a native module, or as WebAssembly on systems for
 * which that module is not built (bench/receipts.ts measures both).
 */
export async function openRecovery(): Promise<Recovery> {
  return (await openNativeRecovery()) ?? (await openWasmRecovery())
}

/** libsecp256k1 as a native module; `undefined` on a system for which it is not built. */
export async function openNativeRecovery(): Promise<Recovery | undefined> {
  const native = loadNativeCurve()
  if (native === undefined) return undefined
  const signerOf = signerBy(openKeccak(), (digest, compact, parity) =>
    native.ecdsaRecover(compact, parity, digest, false),
  )
  return { library: 'secp256k1', signerOf }
}

/** libsecp256k1 as WebAssembly: less than half as fast, on every system. */
export async function openWasmRecovery(): Promise<Recovery> {
  const { instantiateSecp256k1 } = await import('@bitauth/libauth')
  const wasm = await instantiateSecp256k1()
  const signerOf = signerBy(openKeccak(), (digest, compact, parity) => {
    const key = wasm.recoverPublicKeyUncompressed(compact, parity, digest)
    return typeof key === 'string' ? undefined : key
  })
  return { library: '@bitauth/libauth', signerOf }
}

/** What the native module does with one call into libsecp256k1; keys and digests have 32 bytes. */
export type NativeCurve = {
  readonly ecdsaSign: (
    digest: Uint8Array,
    key: Uint8Array,
  ) => { readonly signature: Uint8Array; readonly recid: number }
  readonly ecdsaRecover: (
    compact: Uint8Array,
    parity: number,
    digest: Uint8Array,
    compressed: boolean,
  ) => Uint8Array
}

/** The uncompressed key of 65 bytes; undefined, or an error raised, when there is none. */
type RecoverKey = (digest: Uint8Array, compact: Uint8Array, parity: 0 | 1) => Uint8Array | undefined

/** Half the order of the curve: of the signatures `s` and `n - s` only the lower one counts. */
const HALF_ORDER = Buffer.from(
  '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0',
  'hex',
)

function signerBy(keccak: Keccak, recover: RecoverKey): Recovery['signerOf'] {
  return (digest, signature) => {
    const v = signature[64]
    if (signature.length !== 65 || (v !== 27 && v !== 28)) return undefined
    if (Buffer.compare(signature.subarray(32, 64), HALF_ORDER) > 0) return undefined
    try {
      const key = recover(digest, signature.subarray(0, 64), v === 27 ? 0 : 1)
      return key === undefined ? undefined : keccak(key.subarray(1)).subarray(12)
    } catch {
      return undefined
    }
  }
}

/** The native module; the package's own entry falls back to a slow and unmaintained library instead. */
export function loadNativeCurve(): NativeCurve | undefined {
  const require = createRequire(import.meta.url)
  try {
    return require('secp256k1/bindings.js') as NativeCurve
  } catch {
    return undefined
  }
}
