import { FatalError, type Hex, parseBytes32 } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { type MerkleTree, hashPair } from './merkle-tree.ts'

/**
 * One proof for several leaves of a tree, in the form that OpenZeppelin's `processMultiProof` takes:
 * its `leaves`, `proof` and `proofFlags`.
 */
export type MultiProof = {
  /** The proved leaves, from the end of the tree's array to its start. */
  readonly leaves: readonly Hex[]
  /** The siblings that cannot be computed from the leaves. */
  readonly proof: readonly Hex[]
  /** Per hash to compute: whether the sibling is itself computed, or the next one of `proof`. */
  readonly proofFlags: readonly boolean[]
}

/**
 * Proves the leaves of the inputs `indexes`, in any order, with one proof. No index at all proves
 * nothing but the root.
 *
 * @throws {MultiProofError} when an index comes twice or is none of the tree's inputs.
 */
export function merkleMultiProof(tree: MerkleTree, indexes: readonly number[]): MultiProof {
  if (tree.nodes.length === 0) throw new MultiProofError('expected a tree with leaves, found none')
  const positions = indexes.map((index) => positionOf(tree, index)).toSorted((a, b) => b - a)
  const proof: Hex[] = []
  const proofFlags: boolean[] = []
  const queue = [...positions]
  let head = 0
  for (let node = queue[head]; node !== undefined && node > 0; node = queue[head]) {
    head++
    const sibling = node % 2 === 0 ? node - 1 : node + 1
    const isComputed = queue[head] === sibling
    if (isComputed) head++
    else proof.push(at(tree.nodes, sibling))
    proofFlags.push(isComputed)
    queue.push(Math.floor((node - 1) / 2))
  }
  for (const [place, position] of positions.entries()) {
    if (position === positions[place + 1]) {
      throw new MultiProofError('expected every index once, found one twice')
    }
  }
  if (positions.length === 0) proof.push(tree.root)
  return { leaves: positions.map((position) => at(tree.nodes, position)), proof, proofFlags }
}

/**
 * The root that a multiproof leads to: what OpenZeppelin's `processMultiProof` returns for it.
 *
 * @throws {MultiProofError} when its parts do not fit together, which the contract refuses as well.
 */
export function foldMultiProof(multiProof: MultiProof): Hex {
  const { proofFlags } = multiProof
  const proof = multiProof.proof.map((hash) => parseBytes32(hash, 'proof'))
  const hashes = multiProof.leaves.map((leaf) => parseBytes32(leaf, 'leaf'))
  if (hashes.length + proof.length !== proofFlags.length + 1) {
    throw new MultiProofError(
      `expected ${proofFlags.length + 1} leaves and siblings, found ${hashes.length + proof.length}`,
    )
  }
  if (proof.length === 1 && hashes.length === 0) return at(proof, 0)
  let head = 0
  let proofHead = 0
  for (const isComputed of proofFlags) {
    const first = hashes[head++]
    const second = isComputed ? hashes[head++] : proof[proofHead++]
    if (first === undefined || second === undefined) {
      throw new MultiProofError('expected flags that use every hash once, found one used up')
    }
    hashes.push(hashPair(first, second))
  }
  if (proofHead !== proof.length) {
    throw new MultiProofError(`expected ${proofHead} siblings to be used, found ${proof.length}`)
  }
  return at(hashes, head)
}

/** Whether a multiproof leads to a root; a malformed one does not. */
export function verifyMultiProof(root: Hex, multiProof: MultiProof): boolean {
  try {
    return foldMultiProof(multiProof) === root
  } catch (error) {
    if (error instanceof FatalError) return false
    throw error
  }
}

function positionOf(tree: MerkleTree, index: number): number {
  const position = tree.positions[index]
  if (position !== undefined) return position
  throw new MultiProofError(`expected an index below ${tree.positions.length}, found ${index}`)
}

/** A multiproof is malformed, or cannot be made for these leaves. */
export class MultiProofError extends FatalError {
  constructor(detail: string) {
    super('MULTI_PROOF_MALFORMED', detail)
  }
}
