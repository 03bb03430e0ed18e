import { type Allocation, FatalError, type Hex, compareIds, parseAddress } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { allocationLeaf } from './allocation-tree.ts'
import { type EarnerClaim, buildEarnerTree, earnerClaim, verifyEarnerClaim } from './earner-tree.ts'
import { type IndexedAmount, buildIndexedTree, indexAmounts, indexedLeaf } from './indexed-tree.ts'
import { EMPTY_ROOT, buildMerkleTree, merkleProof, verifyMerkleProof } from './merkle-tree.ts'

/** How allocations become leaves: each is what a widely used contract verifies. */
export const LEAF_FORMATS = ['standard-v1', 'earner-token', 'single-hash'] as const
export type LeafFormat = (typeof LEAF_FORMATS)[number]

/** What an account hands to the contract of its format. */
export type AllocationClaim =
  | { readonly format: 'standard-v1'; readonly leaf: Hex; readonly proof: readonly Hex[] }
  | { readonly format: 'earner-token'; readonly claim: EarnerClaim }
  | { readonly format: 'single-hash'; readonly row: IndexedAmount; readonly proof: readonly Hex[] }

/** A root over allocations, with the claims by account. */
export type AllocationCommitment = {
  readonly format: LeafFormat
  readonly root: Hex
  readonly claims: ReadonlyMap<Hex, AllocationClaim>
}

/**
 * Commits to every allocation whose cumulative amount is positive, in one of the leaf formats; without
 * any, the root is the hash of nothing in each of them.
 *
 * @throws {AllocationRepeatedError} when an account has two rows.
 */
export function commitAllocations(
  format: LeafFormat,
  token: Hex,
  allocations: readonly Pick<Allocation, 'account' | 'cumulative'>[],
): AllocationCommitment {
  const rows = allocations
    .filter((row) => row.cumulative > 0n)
    .map((row) => ({
      account: parseAddress(row.account, 'account'),
      cumulative: row.cumulative,
    }))
    .toSorted((a, b) => compareIds(a.account, b.account))
  for (const [place, row] of rows.entries()) {
    if (row.account === rows[place + 1]?.account) throw new AllocationRepeatedError(row.account)
  }
  if (rows.length === 0) return { format, root: EMPTY_ROOT, claims: new Map() }
  switch (format) {
    case 'standard-v1': {
      const leaves = rows.map((row) => allocationLeaf(row.account, token, row.cumulative))
      const tree = buildMerkleTree(leaves)
      const claims = rows.map(({ account }, index) => {
        const claim = { format, leaf: at(leaves, index), proof: merkleProof(tree, index) }
        return [account, claim] as const
      })
      return { format, root: tree.root, claims: new Map(claims) }
    }
    case 'earner-token': {
      const tree = buildEarnerTree(rows.map((row) => ({ ...row, token: parseAddress(token) })))
      const claims = rows.map(
        ({ account }) => [account, { format, claim: earnerClaim(tree, account) }] as const,
      )
      return { format, root: tree.root, claims: new Map(claims) }
    }
    case 'single-hash': {
      const indexed = indexAmounts(
        rows.map(({ account, cumulative }) => ({ account, amount: cumulative })),
      )
      const { root, proofs } = buildIndexedTree(indexed)
      const claims = indexed.map(
        (row) => [row.account, { format, row, proof: proofs.get(row.index) ?? [] }] as const,
      )
      return { format, root, claims: new Map(claims) }
    }
  }
}

/** Whether a claim proves to its contract that an account may take this much in all. */
export function verifyAllocationClaim(
  root: Hex,
  token: Hex,
  { account, cumulative }: Pick<Allocation, 'account' | 'cumulative'>,
  claim: AllocationClaim,
): boolean {
  switch (claim.format) {
    case 'standard-v1':
      return verifyMerkleProof(root, allocationLeaf(account, token, cumulative), claim.proof)
    case 'earner-token': {
      const { earnerLeaf, tokenLeaves } = claim.claim
      const isNamed = tokenLeaves.some(
        (leaf) => leaf.token === token && leaf.cumulativeEarnings === cumulative,
      )
      return earnerLeaf.earner === account && isNamed && verifyEarnerClaim(root, claim.claim)
    }
    case 'single-hash': {
      const { index } = claim.row
      return verifyMerkleProof(
        root,
        indexedLeaf({ index, account, amount: cumulative }),
        claim.proof,
      )
    }
  }
}

/** An account has more than one allocation in a commitment. */
export class AllocationRepeatedError extends FatalError {
  constructor(account: Hex) {
    super('ALLOCATION_REPEATED', `expected one allocation per account, found two of ${account}`)
  }
}
