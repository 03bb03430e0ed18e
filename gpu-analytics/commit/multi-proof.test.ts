import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import { processMultiProof } from '@openzeppelin/merkle-tree/dist/core.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sampleAccount, sampleId } from '../epoch/sample-snapshot.ts'
import { at } from '../graph/at.ts'
import { allocationLeaf } from './allocation-tree.ts'
import { buildMerkleTree, merkleProof } from './merkle-tree.ts'
import {
  MultiProofError,
  foldMultiProof,
  merkleMultiProof,
  verifyMultiProof,
} from './multi-proof.ts'

const SEED = 20_260_811
const TOKEN = sampleAccount(0x70)

const chosen = fc
  .integer({ min: 1, max: 40 })
  .chain((count) => fc.tuple(fc.constant(count), fc.subarray([...Array(count).keys()])))

function treeOf(count: number) {
  const accounts = Array.from({ length: count }, (_, index) => sampleAccount(index + 1))
  return buildMerkleTree(accounts.map((account) => allocationLeaf(account, TOKEN, 7n)))
}

test("multiproofs are those of OpenZeppelin's library, and each accepts the other's", () => {
  fc.assert(
    fc.property(chosen, ([count, indexes]) => {
      const values = Array.from({ length: count }, (_, index): [string, string, bigint] => [
        sampleAccount(index + 1),
        TOKEN,
        7n,
      ])
      const published = StandardMerkleTree.of(values, ['address', 'address', 'uint256'])
      const theirs = published.getMultiProof(indexes)
      const ours = merkleMultiProof(treeOf(count), indexes)
      expect(ours.proof).toEqual(theirs.proof)
      expect(ours.proofFlags).toEqual(theirs.proofFlags)
      expect(ours.leaves).toEqual(theirs.leaves.map((leaf) => published.leafHash(leaf)))
      expect(verifyMultiProof(published.root as `0x${string}`, ours)).toBe(true)
      expect(published.verifyMultiProof(theirs)).toBe(true)
      expect(foldMultiProof(ours)).toBe(
        processMultiProof({
          leaves: [...ours.leaves],
          proof: [...ours.proof],
          proofFlags: [...ours.proofFlags],
        }),
      )
    }),
    { seed: SEED, numRuns: 60 },
  )
})

test('one multiproof never needs more siblings than the single proofs together', () => {
  fc.assert(
    fc.property(chosen, ([count, indexes]) => {
      fc.pre(indexes.length > 0)
      const tree = treeOf(count)
      const single = indexes.reduce((sum, index) => sum + merkleProof(tree, index).length, 0)
      expect(merkleMultiProof(tree, indexes).proof.length).toBeLessThanOrEqual(single)
    }),
    { seed: SEED, numRuns: 40 },
  )
})

test('a multiproof that was changed anywhere is not accepted', () => {
  const tree = treeOf(9)
  const proved = merkleMultiProof(tree, [1, 4, 8])
  expect(verifyMultiProof(tree.root, proved)).toBe(true)
  const changes = [
    { ...proved, leaves: proved.leaves.with(0, sampleId(1)) },
    { ...proved, proof: proved.proof.with(0, sampleId(1)) },
    { ...proved, proof: proved.proof.slice(1) },
    { ...proved, leaves: [...proved.leaves, at(proved.leaves, 0)] },
    { ...proved, proofFlags: proved.proofFlags.map((flag) => !flag) },
    { ...proved, proofFlags: [] },
    { ...proved, proof: proved.proof.with(0, '0x12') },
  ]
  expect(changes.filter((change) => verifyMultiProof(tree.root, change))).toEqual([])
})

test('a forged multiproof whose flags skip a sibling is refused', () => {
  const tree = treeOf(2)
  const forged = { leaves: [tree.root], proof: [tree.root, sampleId(9)], proofFlags: [true, true] }
  expect(() => foldMultiProof(forged)).toThrow(MultiProofError)
})

test('an index that repeats or has no leaf is refused', () => {
  expect(() => merkleMultiProof(treeOf(3), [1, 1])).toThrow(/expected every index once/)
  expect(() => merkleMultiProof(treeOf(3), [3])).toThrow('expected an index below 3, found 3')
  expect(() => merkleMultiProof(buildMerkleTree([]), [])).toThrow(MultiProofError)
})
