import { FatalError, type Hex, parseBytes32, parseHex } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { concatBytes } from './abi-encode.ts'
import { bytesOf, keccak256 } from './hash.ts'

/**
 * A tree whose leaves keep their places: padded with zero hashes to a power of two, a parent hashes
 * its left child, then its right one. A proof says with the bits of the leaf's index which side it
 * is on; this is the tree of EigenLayer's `Merkle.verifyInclusionKeccak`.
 */
export type PositionalTree = {
  readonly root: Hex
  readonly leafCount: number
  /** Level by level, the padded leaves first and the root last. */
  readonly levels: readonly (readonly Hex[])[]
}

const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`
const HASH_DIGITS = 64

/**
 * The tree of leaves in the order given.
 *
 * @throws {PositionalTreeError} when there is no leaf.
 */
export function buildPositionalTree(leaves: readonly Hex[]): PositionalTree {
  if (leaves.length === 0) throw new PositionalTreeError('expected at least one leaf, found none')
  let level = leaves.map((leaf) => parseBytes32(leaf, 'leaf'))
  while ((level.length & (level.length - 1)) !== 0) level.push(ZERO_HASH)
  const levels = [level]
  while (level.length > 1) {
    const below = level
    level = Array.from({ length: below.length / 2 }, (_, place) =>
      hashOrdered(at(below, 2 * place), at(below, 2 * place + 1)),
    )
    levels.push(level)
  }
  return { root: at(level, 0), leafCount: leaves.length, levels }
}

/**
 * The siblings from a leaf up to the root, as one run of bytes.
 *
 * @throws {PositionalTreeError} when the tree has no such leaf.
 */
export function positionalProof(tree: PositionalTree, index: number): Hex {
  if (!Number.isInteger(index) || index < 0 || index >= tree.leafCount) {
    throw new PositionalTreeError(`expected an index below ${tree.leafCount}, found ${index}`)
  }
  const siblings = tree.levels.slice(0, -1).map((level, height) => {
    const place = Math.floor(index / 2 ** height)
    return at(level, place % 2 === 0 ? place + 1 : place - 1).slice(2)
  })
  return `0x${siblings.join('')}`
}

/**
 * The root that a leaf at `index` and its proof lead to.
 *
 * @throws {PositionalTreeError} when the proof is no run of hashes or too short for the index.
 */
export function foldPositionalProof(leaf: Hex, index: number, proof: Hex): Hex {
  const digits = parseHex(proof, Math.max(0, (proof.length - 2) / 2), 'proof').slice(2)
  const depth = digits.length / HASH_DIGITS
  if (!Number.isInteger(depth)) {
    throw new PositionalTreeError(`expected hashes of 32 bytes, found ${digits.length / 2} bytes`)
  }
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** depth) {
    throw new PositionalTreeError(`expected an index below 2^${depth}, found ${index}`)
  }
  let hash = parseBytes32(leaf, 'leaf')
  for (let height = 0; height < depth; height++) {
    const sibling: Hex = `0x${digits.slice(height * HASH_DIGITS, (height + 1) * HASH_DIGITS)}`
    const isLeft = Math.floor(index / 2 ** height) % 2 === 0
    hash = isLeft ? hashOrdered(hash, sibling) : hashOrdered(sibling, hash)
  }
  return hash
}

function hashOrdered(left: Hex, right: Hex): Hex {
  return keccak256(concatBytes([bytesOf(left), bytesOf(right)]))
}

/** A tree by position, or a proof in it, is malformed. */
export class PositionalTreeError extends FatalError {
  constructor(detail: string) {
    super('POSITIONAL_TREE_MALFORMED', detail)
  }
}
