import { type TypedDataDomain, hashTypedData, parseAbiParameters } from 'viem'
import { z } from 'zod'

import { FatalError } from './errors.ts'
import { type Hex, parseAddress, parseBytes32, parseHex } from './hex.ts'
import { UINT256_BOUND } from './numbers.ts'
import { WORKLOADS, type Workload } from './words.ts'

/** One unit of compute that a provider says it ran for a consumer, with the assets it used. */
export type Receipt = {
  readonly provider: Hex
  readonly consumer: Hex
  readonly workload: Workload
  /** The provider's own counter: (provider, nonce) is unique. */
  readonly nonce: bigint
  /** The assets used together, ascending, without repeats, 1 to {@link RECEIPT_ASSETS_MAX}. */
  readonly assets: readonly Hex[]
  /** Work done, in the provider's unit (tokens, GPU milliseconds, calls). */
  readonly units: bigint
  /** What the consumer paid for it. Unit: token base units. */
  readonly fee: bigint
  readonly startedAtSeconds: bigint
  readonly finishedAtSeconds: bigint
  readonly inputHash: Hex
  readonly outputHash: Hex
}

/** A receipt with its signature and its id, which is the EIP-712 digest, never the signature. */
export type SignedReceipt = Receipt & { readonly digest: Hex; readonly signature: Hex }

/** The most assets that one receipt may name: shares are exact for up to 16 (see docs/attribution.md). */
export const RECEIPT_ASSETS_MAX = 16

/** The EIP-712 type of a receipt. */
export const RECEIPT_TYPES = {
  Receipt: [
    { name: 'provider', type: 'address' },
    { name: 'consumer', type: 'address' },
    { name: 'workload', type: 'uint8' },
    { name: 'nonce', type: 'uint64' },
    { name: 'assets', type: 'bytes32[]' },
    { name: 'units', type: 'uint256' },
    { name: 'fee', type: 'uint256' },
    { name: 'startedAtSeconds', type: 'uint64' },
    { name: 'finishedAtSeconds', type: 'uint64' },
    { name: 'inputHash', type: 'bytes32' },
    { name: 'outputHash', type: 'bytes32' },
  ],
} as const

/** How `BatchAnchored.receipts` encodes receipts, in the order of `digests`; empty when bodies travel over HTTP. */
export const RECEIPT_BATCH_PARAMETERS = parseAbiParameters([
  '(SignedReceipt[] receipts)',
  'struct SignedReceipt { address provider; address consumer; uint8 workload; uint64 nonce; bytes32[] assets; uint256 units; uint256 fee; uint64 startedAtSeconds; uint64 finishedAtSeconds; bytes32 inputHash; bytes32 outputHash; bytes signature; }',
])

/** The EIP-712 domain of receipts: bound to one chain and one compute registry. */
export function receiptDomain(chainId: number, computeRegistry: Hex): TypedDataDomain {
  return { name: 'Foggara', version: '1', chainId, verifyingContract: computeRegistry }
}

/** The typed message of a receipt as viem signs and hashes it. */
export function receiptMessage(receipt: Receipt) {
  return {
    provider: receipt.provider,
    consumer: receipt.consumer,
    workload: WORKLOADS.indexOf(receipt.workload),
    nonce: receipt.nonce,
    assets: receipt.assets,
    units: receipt.units,
    fee: receipt.fee,
    startedAtSeconds: receipt.startedAtSeconds,
    finishedAtSeconds: receipt.finishedAtSeconds,
    inputHash: receipt.inputHash,
    outputHash: receipt.outputHash,
  }
}

/** The receipt's id: its EIP-712 digest. */
export function receiptDigest(receipt: Receipt, domain: TypedDataDomain): Hex {
  return hashTypedData({
    domain,
    types: RECEIPT_TYPES,
    primaryType: 'Receipt',
    message: receiptMessage(receipt),
  })
}

const integerText = z.string().regex(/^(0|[1-9][0-9]{0,77})$/, 'a decimal integer as text')

const receiptJson = z.strictObject({
  provider: z.string(),
  consumer: z.string(),
  workload: z.enum(WORKLOADS),
  nonce: integerText,
  assets: z.array(z.string()).min(1).max(RECEIPT_ASSETS_MAX),
  units: integerText,
  fee: integerText,
  startedAtSeconds: integerText,
  finishedAtSeconds: integerText,
  inputHash: z.string(),
  outputHash: z.string(),
  signature: z.string(),
})

/**
 * Decodes one receipt as it arrives in JSON: integers are decimal text, hex is `0x…`, unknown fields
 * are refused. Checks shape and bounds only, not the signature.
 *
 * @throws {ReceiptMalformedError}
 */
export function parseReceiptJson(value: unknown): Receipt & { readonly signature: Hex } {
  const parsed = receiptJson.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ReceiptMalformedError(`${issue?.path.join('.') || 'receipt'}: ${issue?.message}`)
  }
  const json = parsed.data
  const assets = json.assets.map((asset, index) => parseBytes32(asset, `assets[${index}]`))
  for (const [index, asset] of assets.entries()) {
    const previous = assets[index - 1]
    if (previous !== undefined && previous >= asset) {
      throw new ReceiptMalformedError(
        `assets: expected ascending ids without repeats, found ${asset} at ${index}`,
      )
    }
  }
  const receipt = {
    provider: parseAddress(json.provider, 'provider'),
    consumer: parseAddress(json.consumer, 'consumer'),
    workload: json.workload,
    nonce: bounded(json.nonce, 1n << 64n, 'nonce'),
    assets,
    units: bounded(json.units, UINT256_BOUND, 'units'),
    fee: bounded(json.fee, 1n << 96n, 'fee'),
    startedAtSeconds: bounded(json.startedAtSeconds, 1n << 64n, 'startedAtSeconds'),
    finishedAtSeconds: bounded(json.finishedAtSeconds, 1n << 64n, 'finishedAtSeconds'),
    inputHash: parseBytes32(json.inputHash, 'inputHash'),
    outputHash: parseBytes32(json.outputHash, 'outputHash'),
    signature: parseHex(json.signature, 65, 'signature'),
  }
  if (receipt.finishedAtSeconds < receipt.startedAtSeconds) {
    throw new ReceiptMalformedError('finishedAtSeconds: expected not before startedAtSeconds')
  }
  return receipt
}

/** Writes a signed receipt as the JSON that {@link parseReceiptJson} reads. */
export function receiptToJson(
  receipt: Receipt & { readonly signature: Hex },
): Record<string, unknown> {
  return {
    provider: receipt.provider,
    consumer: receipt.consumer,
    workload: receipt.workload,
    nonce: receipt.nonce.toString(),
    assets: receipt.assets,
    units: receipt.units.toString(),
    fee: receipt.fee.toString(),
    startedAtSeconds: receipt.startedAtSeconds.toString(),
    finishedAtSeconds: receipt.finishedAtSeconds.toString(),
    inputHash: receipt.inputHash,
    outputHash: receipt.outputHash,
    signature: receipt.signature,
  }
}

function bounded(text: string, bound: bigint, what: string): bigint {
  const value = BigInt(text)
  if (value >= bound)
    throw new ReceiptMalformedError(`${what}: expected less than ${bound}, found ${text}`)
  return value
}

/** A receipt does not have the documented shape. */
export class ReceiptMalformedError extends FatalError {
  constructor(detail: string) {
    super('RECEIPT_MALFORMED', `receipt ${detail}`)
  }
}
