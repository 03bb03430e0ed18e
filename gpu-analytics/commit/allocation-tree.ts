import type { Allocation, Hex } from '@foggara/schema'

import { type MerkleTree, buildMerkleTree, merkleProof, standardLeaf } from './merkle-tree.ts'

/** The leaf that lets an account claim: `[account, token, cumulative]`. */
export function allocationLeaf(account: Hex, token: Hex, cumulative: bigint): Hex {
  return standardLeaf([
    { type: 'address', value: account },
    { type: 'address', value: token },
    { type: 'uint256', value: cumulative },
  ])
}

/** The tree over every allocation whose cumulative amount is positive, with the proofs by account. */
export function allocationTree(
  token: Hex,
  allocations: readonly Pick<Allocation, 'account' | 'cumulative'>[],
): { readonly root: Hex; readonly proofs: ReadonlyMap<Hex, readonly Hex[]> } {
  const payable = allocations.filter((row) => row.cumulative > 0n)
  const tree = buildMerkleTree(
    payable.map((row) => allocationLeaf(row.account, token, row.cumulative)),
  )
  return {
    root: tree.root,
    proofs: new Map(payable.map((row, index) => [row.account, merkleProof(tree, index)])),
  }
}

/** The leaf of a receipt in its batch: its digest as `bytes32`. */
export function receiptLeaf(digest: Hex): Hex {
  return standardLeaf([{ type: 'bytes32', value: digest }])
}

/** The tree that a batch of receipts is anchored by. */
export function receiptTree(digests: readonly Hex[]): MerkleTree {
  return buildMerkleTree(digests.map(receiptLeaf))
}
