import { type TypedDataDomain, hashTypedData, keccak256, parseAbiParameters } from 'viem'

import type { Hex } from './hex.ts'
import { compareIds } from './numbers.ts'

/** What a provider signs once for many receipts. */
export type ReceiptBatchHeader = {
  /** The version of the format; {@link RECEIPT_BATCH_VERSION} is the only one. */
  readonly version: number
  readonly provider: Hex
  /** The signer's own counter of batches for the provider, from 1 without gaps. */
  readonly sequence: bigint
  /** The digest of the signer's batch before this one; zeros for the first. */
  readonly previous: Hex
  readonly count: number
  /** The sum of the receipts' fees. Unit: token base units. */
  readonly feeTotal: bigint
  /** The root over the receipts' digests: the very root that `anchorBatch` takes. */
  readonly root: Hex
}

/** The version of the batch format; another one is refused. */
export const RECEIPT_BATCH_VERSION = 1

/** The first four bytes of a batch: `FGRB`. Two bytes with the version follow. */
export const RECEIPT_BATCH_MAGIC: Hex = '0x46475242'

/** The most receipts of one batch. A batch that is to be anchored may hold 512. */
export const RECEIPT_BATCH_COUNT_MAX = 4096

/** The `previous` of a signer's first batch. */
export const NO_PREVIOUS_BATCH: Hex = `0x${'00'.repeat(32)}`

/** The EIP-712 type of a batch; its domain is that of receipts. */
export const RECEIPT_BATCH_TYPES = {
  ReceiptBatch: [
    { name: 'version', type: 'uint16' },
    { name: 'provider', type: 'address' },
    { name: 'sequence', type: 'uint64' },
    { name: 'previous', type: 'bytes32' },
    { name: 'count', type: 'uint32' },
    { name: 'feeTotal', type: 'uint256' },
    { name: 'root', type: 'bytes32' },
  ],
} as const

/** What follows magic and version: receipts by ascending leaf, and the signature over the header. */
export const SIGNED_BATCH_PARAMETERS = parseAbiParameters([
  'ReceiptBatch batch, Receipt[] receipts, bytes signature',
  'struct ReceiptBatch { uint16 version; address provider; uint64 sequence; bytes32 previous; uint32 count; uint256 feeTotal; bytes32 root; }',
  'struct Receipt { address provider; address consumer; uint8 workload; uint64 nonce; bytes32[] assets; uint256 units; uint256 fee; uint64 startedAtSeconds; uint64 finishedAtSeconds; bytes32 inputHash; bytes32 outputHash; }',
])

/** The batch's id: its EIP-712 digest. */
export function receiptBatchDigest(header: ReceiptBatchHeader, domain: TypedDataDomain): Hex {
  const [types, primaryType] = [RECEIPT_BATCH_TYPES, 'ReceiptBatch'] as const
  return hashTypedData({ domain, types, primaryType, message: header })
}

/** The leaf of a receipt: that of OpenZeppelin's standard tree over `[bytes32 digest]`. */
export function receiptLeaf(digest: Hex): Hex {
  return keccak256(keccak256(digest))
}

/** The root of OpenZeppelin's standard tree; `leaves` ascend and are at least one. */
export function receiptRoot(leaves: readonly Hex[]): Hex {
  return receiptTree(leaves)[0] ?? '0x'
}

/**
 * The hashes that lead from a leaf to the root, in the order in which they are folded, each with the
 * smaller of the two first; `undefined` when the leaf is none of `leaves`, which ascend.
 */
export function receiptProof(leaves: readonly Hex[], leaf: Hex): readonly Hex[] | undefined {
  const position = leaves.indexOf(leaf)
  if (position === -1) return undefined
  const tree = receiptTree(leaves)
  const path: Hex[] = []
  for (let at = tree.length - 1 - position; at > 0; at = Math.floor((at - 1) / 2)) {
    path.push(tree[at % 2 === 0 ? at - 1 : at + 1] ?? '0x')
  }
  return path
}

function receiptTree(leaves: readonly Hex[]): readonly Hex[] {
  const tree: Hex[] = Array.from({ length: 2 * leaves.length - 1 }, () => '0x')
  for (const [index, leaf] of leaves.entries()) tree[tree.length - 1 - index] = leaf
  for (let index = leaves.length - 2; index >= 0; index -= 1) {
    const pair = [tree[2 * index + 1] ?? '0x', tree[2 * index + 2] ?? '0x'].toSorted(compareIds)
    tree[index] = keccak256(`0x${pair.map((node) => node.slice(2)).join('')}`)
  }
  return tree
}
