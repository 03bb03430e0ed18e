import {
  type Deployment,
  type Hex,
  RECEIPT_BATCH_PARAMETERS,
  type Receipt,
  type SignedReceipt,
  compareIds,
  receiptDigest,
  receiptDomain,
  receiptMessage,
} from '@foggara/schema'
import { encodeAbiParameters, keccak256 } from 'viem'
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
    .map((receipt) => ({ receipt, leaf: leafOf(receipt.digest) }))
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
    root: rootOf(leafed.map(({ leaf }) => leaf)),
    bodies,
  }
}

/** The leaf of OpenZeppelin's standard tree over `[bytes32 digest]`. */
function leafOf(digest: Hex): Hex {
  return keccak256(keccak256(digest))
}

/** The root over ascending leaves: node i hashes the nodes 2i + 1 and 2i + 2. */
function rootOf(leaves: readonly Hex[]): Hex {
  const tree: Hex[] = Array.from({ length: 2 * leaves.length - 1 }, () => '0x')
  for (const [index, leaf] of leaves.entries()) tree[tree.length - 1 - index] = leaf
  for (let index = leaves.length - 2; index >= 0; index -= 1) {
    const pair = [tree[2 * index + 1] ?? '0x', tree[2 * index + 2] ?? '0x'].toSorted(compareIds)
    tree[index] = keccak256(`0x${pair.map((node) => node.slice(2)).join('')}`)
  }
  return tree[0] ?? '0x'
}
