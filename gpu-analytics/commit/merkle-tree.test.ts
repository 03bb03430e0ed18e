import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sampleAccount, sampleId } from '../epoch/sample-snapshot.ts'
import { Uint256RangeError, abiEncode } from './abi-encode.ts'
import { allocationLeaf, allocationTree, receiptTree } from './allocation-tree.ts'
import { keccak256 } from './hash.ts'
import { EMPTY_ROOT, buildMerkleTree, merkleProof, verifyMerkleProof } from './merkle-tree.ts'

const TOKEN = sampleAccount(0x70)
const rows = fc.uniqueArray(
  fc.record({
    account: fc.integer({ min: 1 }).map(sampleAccount),
    cumulative: fc.bigInt(1n, (1n << 256n) - 1n),
  }),
  { selector: (row) => row.account, minLength: 1, maxLength: 40 },
)

test("the root and the proofs are those of OpenZeppelin's library", () => {
  fc.assert(
    fc.property(rows, (list) => {
      const values = list.map((row): [string, string, bigint] => [
        row.account,
        TOKEN,
        row.cumulative,
      ])
      const published = StandardMerkleTree.of(values, ['address', 'address', 'uint256'])
      const { root, proofs } = allocationTree(TOKEN, list)
      expect(root).toBe(published.root)
      for (const [index, { account }] of list.entries()) {
        expect(proofs.get(account)).toEqual(published.getProof(index))
      }
    }),
    { seed: 20_260_810, numRuns: 30 },
  )
})

test("a batch of receipts has the root of OpenZeppelin's tree over bytes32", () => {
  const digests = [3, 1, 2].map(sampleId)
  const published = StandardMerkleTree.of(
    digests.map((digest) => [digest]),
    ['bytes32'],
  )
  expect(receiptTree(digests).root).toBe(published.root)
})

test('a proof holds for its own leaf only', () => {
  const leaves = [1, 2, 3, 4, 5].map((number) =>
    allocationLeaf(sampleAccount(number), TOKEN, BigInt(number)),
  )
  const tree = buildMerkleTree(leaves)
  for (const [index, leaf] of leaves.entries()) {
    const proof = merkleProof(tree, index)
    expect(leaves.filter((other) => verifyMerkleProof(tree.root, other, proof))).toEqual([leaf])
  }
})

test('a tree without leaves has the hash of nothing as its root, and accounts without anything are left out', () => {
  expect(EMPTY_ROOT).toBe(keccak256(new Uint8Array()))
  expect(buildMerkleTree([]).root).toBe(EMPTY_ROOT)
  const { root, proofs } = allocationTree(TOKEN, [{ account: sampleAccount(1), cumulative: 0n }])
  expect(root).toBe(EMPTY_ROOT)
  expect(proofs.size).toBe(0)
})

test('a number past uint256 is refused', () => {
  expect(() => abiEncode([{ type: 'uint256', value: 1n << 256n }])).toThrow(Uint256RangeError)
  expect(() => abiEncode([{ type: 'uint256', value: -1n }])).toThrow(Uint256RangeError)
})
