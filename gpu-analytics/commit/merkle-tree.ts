import { type Hex, compareIds, parseBytes32 } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { type AbiValue, abiEncode, concatBytes } from './abi-encode.ts'
import { bytesOf, keccak256 } from './hash.ts'

/**
 * OpenZeppelin's tree: a complete binary tree in one array, the root first, the children of node i
 * at 2i + 1 and 2i + 2, the leaves in the last places from the end; a parent hashes its children in
 * ascending order, so a proof needs no directions.
 */
export type MerkleTree = {
  /** The root; {@link EMPTY_ROOT} for a tree without leaves. */
  readonly root: Hex
  readonly nodes: readonly Hex[]
  /** Where the leaf of each input stands in `nodes`. */
  readonly positions: readonly number[]
}

/**
 * The root of a tree without leaves: keccak256 of no bytes. A distributor takes it like any root, and
 * nobody can claim against it, because every leaf and every node is the hash of at least 32 bytes.
 */
export const EMPTY_ROOT: Hex = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

/** OpenZeppelin's standard-v1 leaf: `keccak256(keccak256(abi.encode(values)))`. */
export function standardLeaf(values: readonly AbiValue[]): Hex {
  return keccak256(bytesOf(keccak256(abiEncode(values))))
}

/** The tree of leaves sorted by their bytes: the order of the input does not matter. */
export function buildMerkleTree(leaves: readonly Hex[]): MerkleTree {
  const order = [...leaves.keys()].toSorted((a, b) => compareIds(at(leaves, a), at(leaves, b)))
  return treeOf(leaves, order)
}

/** The tree of leaves in the order given. */
export function buildUnsortedMerkleTree(leaves: readonly Hex[]): MerkleTree {
  return treeOf(leaves, [...leaves.keys()])
}

/** The siblings from the leaf of input `index` up to the root. */
export function merkleProof(tree: MerkleTree, index: number): Hex[] {
  const proof: Hex[] = []
  let node = at(tree.positions, index)
  while (node > 0) {
    const sibling = node % 2 === 0 ? node - 1 : node + 1
    proof.push(at(tree.nodes, sibling))
    node = Math.floor((node - 1) / 2)
  }
  return proof
}

/** The root that a leaf and its proof lead to. */
export function foldMerkleProof(leaf: Hex, proof: readonly Hex[]): Hex {
  return proof.reduce((hash, sibling) => hashPair(hash, parseBytes32(sibling, 'proof')), leaf)
}

/** Whether a proof leads from a leaf to a root. */
export function verifyMerkleProof(root: Hex, leaf: Hex, proof: readonly Hex[]): boolean {
  return foldMerkleProof(leaf, proof) === root
}

/** The parent of two nodes: the hash of both, the smaller first. */
export function hashPair(a: Hex, b: Hex): Hex {
  const [first, second] = a < b ? [a, b] : [b, a]
  return keccak256(concatBytes([bytesOf(first), bytesOf(second)]))
}

function treeOf(leaves: readonly Hex[], order: readonly number[]): MerkleTree {
  if (leaves.length === 0) return { root: EMPTY_ROOT, nodes: [], positions: [] }
  const nodeCount = 2 * leaves.length - 1
  const nodes = Array.from<Hex>({ length: nodeCount }).fill(EMPTY_ROOT)
  const positions = leaves.map(() => 0)
  for (const [place, index] of order.entries()) {
    const position = nodeCount - 1 - place
    nodes[position] = at(leaves, index)
    positions[index] = position
  }
  for (let node = leaves.length - 2; node >= 0; node--) {
    nodes[node] = hashPair(at(nodes, 2 * node + 1), at(nodes, 2 * node + 2))
  }
  return { root: at(nodes, 0), nodes, positions }
}
