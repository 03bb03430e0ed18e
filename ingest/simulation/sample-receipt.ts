import {
  type Deployment,
  type Hex,
  type Receipt,
  type SignedReceipt,
  receiptDigest,
  receiptDomain,
} from '@foggara/schema'
import { privateKeyToAddress, sign } from 'viem/accounts'

/** A signing key with its address in lower case. */
export type SampleKey = { readonly privateKey: Hex; readonly address: Hex }

/** A key made of one repeated byte. */
export function sampleKey(byte: string): SampleKey {
  const privateKey: Hex = `0x${byte.repeat(32)}`
  return { privateKey, address: privateKeyToAddress(privateKey).toLowerCase() as Hex }
}

/** An id or hash made of one repeated byte. */
export function sampleId(byte: string): Hex {
  return `0x${byte.repeat(32)}`
}

/** A plausible receipt, with whatever differs. */
export function sampleReceipt(provider: Hex, changes: Partial<Receipt> = {}): Receipt {
  return {
    provider,
    consumer: `0x${'c0'.repeat(20)}`,
    workload: 'INFERENCE',
    nonce: 1n,
    assets: [sampleId('a1'), sampleId('a2')],
    units: 1_000n,
    fee: 5n * 10n ** 18n,
    startedAtSeconds: 1_700_000_000n,
    finishedAtSeconds: 1_700_000_060n,
    inputHash: sampleId('1a'),
    outputHash: sampleId('1b'),
    ...changes,
  }
}

/** Signs a receipt for a deployment. */
export async function signSample(
  { chainId, contracts }: Deployment,
  receipt: Receipt,
  { privateKey }: SampleKey,
): Promise<SignedReceipt> {
  const digest = receiptDigest(receipt, receiptDomain(chainId, contracts.ComputeRegistry))
  const signature = await sign({ hash: digest, privateKey, to: 'hex' })
  return { ...receipt, digest, signature }
}

/** The other signature that recovers to the same signer: `n - s` with the other `v`. */
export function highTwin(signature: Hex): Hex {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0')
  const v = signature.endsWith('1b') ? '1c' : '1b'
  return `${signature.slice(0, 66) as Hex}${s}${v}`
}

/** The same signature with `v` as 0 or 1, as some signers write it. */
export function zeroBasedTwin(signature: Hex): Hex {
  return `${signature.slice(0, 130) as Hex}${signature.endsWith('1b') ? '00' : '01'}`
}
