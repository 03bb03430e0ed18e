import { FatalError, type Hex, compareBigints, compareIds, parseAddress } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { abiEncodePacked } from './abi-encode.ts'
import { keccak256 } from './hash.ts'
import { hashPair } from './merkle-tree.ts'

/** One leaf of Uniswap's MerkleDistributor. Unit of the amount: token base units. */
export type IndexedAmount = {
  /** The claim's place in the contract's bitmap of claims, each once. */
  readonly index: bigint
  readonly account: Hex
  readonly amount: bigint
}

/**
 * The tree of Uniswap's MerkleDistributor: leaves hashed once and sorted, a parent hashes its children
 * in ascending order, and a node without a sibling moves up a level as it is.
 */
export type IndexedTree = {
  readonly root: Hex
  /** By index, the siblings from the row's leaf up to the root. */
  readonly proofs: ReadonlyMap<bigint, readonly Hex[]>
}

/** The leaf of a claim, hashed once: `keccak256(abi.encodePacked(uint256 index, account, amount))`. */
export function indexedLeaf(row: IndexedAmount): Hex {
  return keccak256(
    abiEncodePacked([
      { type: 'uint256', value: row.index },
      { type: 'address', value: row.account },
      { type: 'uint256', value: row.amount },
    ]),
  )
}

/**
 * The tree over rows in any order.
 *
 * @throws {IndexedTreeError} when there is no row, or an index comes twice.
 */
export function buildIndexedTree(rows: readonly IndexedAmount[]): IndexedTree {
  if (rows.length === 0) throw new IndexedTreeError('expected at least one row, found none')
  const indexes = new Set(rows.map((row) => row.index))
  if (indexes.size !== rows.length) {
    throw new IndexedTreeError(
      `expected every index once, found ${rows.length - indexes.size} twice`,
    )
  }
  const leaves = rows.map((row) => ({ index: row.index, hash: indexedLeaf(row) }))
  leaves.sort((a, b) => compareIds(a.hash, b.hash))
  const levels = [leaves.map((leaf) => leaf.hash)]
  for (let level = at(levels, 0); level.length > 1; level = at(levels, levels.length - 1)) {
    const above: Hex[] = []
    for (let place = 0; place < level.length; place += 2) {
      const right = level[place + 1]
      above.push(right === undefined ? at(level, place) : hashPair(at(level, place), right))
    }
    levels.push(above)
  }
  return {
    root: at(at(levels, levels.length - 1), 0),
    proofs: new Map(leaves.map(({ index }, place) => [index, siblingsOf(levels, place)])),
  }
}

/** The rows of accounts, numbered from 0 by ascending account; amounts of 0 get no row. */
export function indexAmounts(
  amounts: readonly { readonly account: Hex; readonly amount: bigint }[],
): IndexedAmount[] {
  return amounts
    .filter((row) => row.amount > 0n)
    .map((row) => ({ account: parseAddress(row.account, 'account'), amount: row.amount }))
    .toSorted((a, b) => compareIds(a.account, b.account) || compareBigints(a.amount, b.amount))
    .map((row, index) => ({ index: BigInt(index), ...row }))
}

function siblingsOf(levels: readonly (readonly Hex[])[], leaf: number): Hex[] {
  return levels.flatMap((level, height) => {
    const place = Math.floor(leaf / 2 ** height)
    const sibling = level[place % 2 === 0 ? place + 1 : place - 1]
    return sibling === undefined ? [] : [sibling]
  })
}

/** A single-hash tree cannot be built from these rows. */
export class IndexedTreeError extends FatalError {
  constructor(detail: string) {
    super('INDEXED_TREE_MALFORMED', detail)
  }
}
