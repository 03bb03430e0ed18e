import { FatalError, type Hex, compareIds, parseAddress, parseBytes32 } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { abiEncodePacked, concatBytes } from './abi-encode.ts'
import { keccak256 } from './hash.ts'
import {
  type PositionalTree,
  buildPositionalTree,
  foldPositionalProof,
  positionalProof,
} from './positional-tree.ts'

/** What an account may claim of a token in all. Unit: token base units. */
export type CumulativeEarning = {
  readonly account: Hex
  readonly token: Hex
  readonly cumulative: bigint
}

/**
 * The two-level tree of EigenLayer's RewardsCoordinator: a leaf per earner over the root of a tree of
 * the earner's tokens, both ascending by address.
 */
export type EarnerTree = {
  readonly root: Hex
  readonly earners: readonly Earner[]
  readonly tree: PositionalTree
}

export type Earner = {
  readonly account: Hex
  readonly tokens: readonly Omit<CumulativeEarning, 'account'>[]
  readonly tokenTree: PositionalTree
}

/** What `processClaim` of the RewardsCoordinator takes, but for the index of the root. */
export type EarnerClaim = {
  readonly earnerIndex: number
  readonly earnerTreeProof: Hex
  readonly earnerLeaf: { readonly earner: Hex; readonly earnerTokenRoot: Hex }
  readonly tokenIndices: readonly number[]
  readonly tokenTreeProofs: readonly Hex[]
  readonly tokenLeaves: readonly { readonly token: Hex; readonly cumulativeEarnings: bigint }[]
}

const EARNER_LEAF_SALT = Uint8Array.of(0)
const TOKEN_LEAF_SALT = Uint8Array.of(1)

/** The leaf of an earner: `keccak256(0x00 ‖ earner ‖ earnerTokenRoot)`. */
export function earnerLeaf(earner: Hex, earnerTokenRoot: Hex): Hex {
  const packed = abiEncodePacked([
    { type: 'address', value: earner },
    { type: 'bytes32', value: earnerTokenRoot },
  ])
  return keccak256(concatBytes([EARNER_LEAF_SALT, packed]))
}

/** The leaf of a token: `keccak256(0x01 ‖ token ‖ uint256 cumulative)`. */
export function tokenLeaf(token: Hex, cumulative: bigint): Hex {
  const packed = abiEncodePacked([
    { type: 'address', value: token },
    { type: 'uint256', value: cumulative },
  ])
  return keccak256(concatBytes([TOKEN_LEAF_SALT, packed]))
}

/**
 * The tree over every positive earning; the order of the rows does not matter.
 *
 * @throws {EarnerTreeError} when nothing is earned, or an account has a token twice.
 */
export function buildEarnerTree(earnings: readonly CumulativeEarning[]): EarnerTree {
  const rows = earnings
    .filter((row) => row.cumulative > 0n)
    .map((row) => ({
      account: parseAddress(row.account, 'account'),
      token: parseAddress(row.token, 'token'),
      cumulative: row.cumulative,
    }))
    .toSorted((a, b) => compareIds(a.account, b.account) || compareIds(a.token, b.token))
  for (const [place, row] of rows.entries()) {
    const next = rows[place + 1]
    if (next !== undefined && next.account === row.account && next.token === row.token) {
      throw new EarnerTreeError(`expected one row per token, found two of ${row.token}`)
    }
  }
  if (rows.length === 0) throw new EarnerTreeError('expected a positive earning, found none')
  const earners = [...Map.groupBy(rows, (row) => row.account)].map(([account, ofAccount]) => ({
    account,
    tokens: ofAccount.map(({ token, cumulative }) => ({ token, cumulative })),
    tokenTree: buildPositionalTree(ofAccount.map((row) => tokenLeaf(row.token, row.cumulative))),
  }))
  const tree = buildPositionalTree(
    earners.map((earner) => earnerLeaf(earner.account, earner.tokenTree.root)),
  )
  return { root: tree.root, earners, tree }
}

/**
 * The claim of an account on some of its tokens, or on all of them.
 *
 * @throws {EarnerTreeError} when the account or one of the tokens has no leaf.
 */
export function earnerClaim(tree: EarnerTree, account: Hex, tokens?: readonly Hex[]): EarnerClaim {
  const earnerIndex = placeOf(tree.earners, (earner) => compareIds(earner.account, account))
  if (earnerIndex < 0) throw new EarnerTreeError(`expected an earner, found ${account}`)
  const earner = at(tree.earners, earnerIndex)
  const tokenIndices =
    tokens === undefined
      ? [...earner.tokens.keys()]
      : tokens.map((token) => {
          const index = placeOf(earner.tokens, (row) => compareIds(row.token, token))
          if (index >= 0) return index
          throw new EarnerTreeError(`expected a token that ${account} earned, found ${token}`)
        })
  return {
    earnerIndex,
    earnerTreeProof: positionalProof(tree.tree, earnerIndex),
    earnerLeaf: { earner: earner.account, earnerTokenRoot: earner.tokenTree.root },
    tokenIndices,
    tokenTreeProofs: tokenIndices.map((index) => positionalProof(earner.tokenTree, index)),
    tokenLeaves: tokenIndices.map((index) => {
      const { token, cumulative } = at(earner.tokens, index)
      return { token, cumulativeEarnings: cumulative }
    }),
  }
}

/** Whether the RewardsCoordinator would accept a claim against a root; a malformed one it would not. */
export function verifyEarnerClaim(root: Hex, claim: EarnerClaim): boolean {
  const { earnerTokenRoot, earner } = claim.earnerLeaf
  const tokenCount = claim.tokenLeaves.length
  if (claim.tokenIndices.length !== tokenCount || claim.tokenTreeProofs.length !== tokenCount) {
    return false
  }
  try {
    const leaf = earnerLeaf(earner, earnerTokenRoot)
    if (foldPositionalProof(leaf, claim.earnerIndex, claim.earnerTreeProof) !== root) return false
    const tokenRoot = parseBytes32(earnerTokenRoot, 'earnerTokenRoot')
    return claim.tokenLeaves.every(({ token, cumulativeEarnings }, place) => {
      const ofToken = tokenLeaf(token, cumulativeEarnings)
      const proof = at(claim.tokenTreeProofs, place)
      return foldPositionalProof(ofToken, at(claim.tokenIndices, place), proof) === tokenRoot
    })
  } catch (error) {
    if (error instanceof FatalError) return false
    throw error
  }
}

/** The place of the element that compares equal in an ascending list; -1 without one. */
function placeOf<T>(list: readonly T[], compare: (element: T) => number): number {
  let low = 0
  let high = list.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const order = compare(at(list, middle))
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle - 1
  }
  return -1
}

/** A two-level tree cannot be built from these rows, or has no such leaf. */
export class EarnerTreeError extends FatalError {
  constructor(detail: string) {
    super('EARNER_TREE_MALFORMED', detail)
  }
}
