import {
  type Deployment,
  type Hex,
  RECEIPT_BATCH_PARAMETERS,
  type Receipt,
  type SignedReceipt,
  compareIds,
  receiptDigest,
  receiptDomain,
  receiptLeaf,
  receiptMessage,
  receiptRoot,
} from '@foggara/schema'
import { encodeAbiParameters } from 'viem'
import { sign } from 'viem/accounts'

/** Signs a receipt with a provider's signing key. */
export async function signReceipt(
  deployment: Deployment,
  receipt: Receipt,
  signerKey: Hex,
): Promise<SignedReceipt> {
  const domain = receiptDomain(deployment.chainId, deployment.contracts.ComputeRegistry)
  const digest = receiptDigest(receipt, domain)
  const signature = await sign({ hash: digest, privateKey: signerKey, to: 'hex' })
  return { ...receipt, digest, signature }
}

/** What `anchorBatch` takes: the receipts by ascending leaf, their digests, root and encoding. */
export type ReceiptBatch = {
  readonly receipts: readonly SignedReceipt[]
  readonly digests: readonly Hex[]
  readonly root: Hex
  /** The receipts as `BatchAnchored.receipts` carries them. */
  readonly bodies: Hex
}

/** Puts receipts in the order of their leaves and builds their tree. */
export function batchOf(receipts: readonly SignedReceipt[]): ReceiptBatch {
  const leafed = receipts
    .map((receipt) => ({ receipt, leaf: receiptLeaf(receipt.digest) }))
    .toSorted((one, other) => compareIds(one.leaf, other.leaf))
  const sorted = leafed.map(({ receipt }) => receipt)
  const bodies = encodeAbiParameters(RECEIPT_BATCH_PARAMETERS, [
    {
      receipts: sorted.map((receipt) => ({
        ...receiptMessage(receipt),
        signature: receipt.signature,
      })),
    },
  ])
  return {
    receipts: sorted,
    digests: sorted.map((receipt) => receipt.digest),
    root: receiptRoot(leafed.map(({ leaf }) => leaf)),
    bodies,
  }
}
