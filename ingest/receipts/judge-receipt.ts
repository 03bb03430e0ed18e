import {
  AMOUNT_BOUND,
  type Hex,
  RECEIPT_ASSETS_MAX,
  type Receipt,
  WORKLOADS,
} from '@foggara/schema'
import { recoverAddress } from 'viem'

/** Why a receipt does not count. */
export type ReceiptRefusal =
  | 'ASSET_UNKNOWN'
  | 'DIGEST_MISMATCH'
  | 'NONCE_REUSED'
  | 'PROVIDER_MISMATCH'
  | 'RECEIPT_MALFORMED'
  | 'SIGNATURE_INVALID'
  | 'SIGNER_UNKNOWN'

/** Half the order of secp256k1: of the two signatures `s` and `n - s` only the lower one counts. */
const SECP256K1_HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/**
 * Recovers who signed a digest; `undefined` unless the signature has 65 bytes, `v` of 27 or 28 and
 * the lower `s`. So there is exactly one valid signature text per signer and digest.
 */
export async function recoverSigner(digest: Hex, signature: Hex): Promise<Hex | undefined> {
  if (signature.length !== 2 + 130) return undefined
  const v = Number.parseInt(signature.slice(130), 16)
  const s = BigInt(`0x${signature.slice(66, 130)}`)
  if ((v !== 27 && v !== 28) || s === 0n || s > SECP256K1_HALF_ORDER) return undefined
  try {
    return (await recoverAddress({ hash: digest, signature })).toLowerCase() as Hex
  } catch {
    return undefined
  }
}

/**
 * What is wrong with a receipt's content by itself; `undefined` when nothing is. `workloadNumber` is
 * the on-chain number of the workload.
 */
export function contentProblem(
  receipt: Omit<Receipt, 'workload'>,
  workloadNumber: number,
): string | undefined {
  const { assets } = receipt
  if (WORKLOADS[workloadNumber] === undefined) return `workload ${workloadNumber}`
  if (assets.length === 0 || assets.length > RECEIPT_ASSETS_MAX) return `${assets.length} assets`
  for (const [index, asset] of assets.entries()) {
    const previous = assets[index - 1]
    if (previous !== undefined && previous >= asset) return 'assets that do not ascend'
  }
  if (receipt.fee >= AMOUNT_BOUND) return 'a fee of 2^96 or more'
  if (receipt.finishedAtSeconds < receipt.startedAtSeconds) return 'an end before its start'
  return undefined
}
