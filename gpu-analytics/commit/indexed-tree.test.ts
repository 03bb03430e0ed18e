import { invariant } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sampleAccount } from '../epoch/sample-snapshot.ts'
import { IndexedTreeError, buildIndexedTree, indexAmounts, indexedLeaf } from './indexed-tree.ts'
import {
  AllocationRepeatedError,
  LEAF_FORMATS,
  commitAllocations,
  verifyAllocationClaim,
} from './leaf-format.ts'
import { EMPTY_ROOT } from './merkle-tree.ts'

const SEED = 20_260_813
const TOKEN = sampleAccount(0x70)
const allocations = fc.uniqueArray(
  fc.record({
    account: fc.integer({ min: 1 }).map(sampleAccount),
    cumulative: fc.bigInt(0n, (1n << 96n) - 1n),
  }),
  { selector: (row) => row.account, maxLength: 25 },
)

// Published in the tests of Uniswap's merkle-distributor: 200, 300 and 250 for the first three
// accounts of Hardhat, numbered by account.
const ACCOUNTS = [
  '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc',
  '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
  '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
] as const
const LEAVES = [
  '0xf3c5acb53398e1d11dcaa74e37acc33d228f5da944fbdea9a918684074a21cdb',
  '0x0782528e118c4350a2465fbeabec5e72fff06991a29f21c08d37a0d275e38ddd',
  '0xc86fd316fa3e7b83c2665b5ccb63771e78abcc0429e0105c91dde37cb9b857a4',
] as const

test("leaves, proofs and root are those of Uniswap's merkle-distributor", () => {
  const rows = indexAmounts([
    { account: ACCOUNTS[2], amount: 200n },
    { account: ACCOUNTS[1], amount: 300n },
    { account: ACCOUNTS[0], amount: 250n },
  ])
  expect(rows.map(({ account }) => account)).toEqual(ACCOUNTS)
  expect(rows.map(indexedLeaf)).toEqual(LEAVES)
  const tree = buildIndexedTree(rows)
  expect([...tree.proofs].toSorted(([a], [b]) => Number(a - b))).toEqual([
    [0n, ['0x0c9bcaca2a1013557ef7f348b514ab8a8cd6c7051b69e46b1681a2aff22f4a88']],
    [1n, [LEAVES[2], LEAVES[0]]],
    [2n, [LEAVES[1], LEAVES[0]]],
  ])
  expect(tree.root).toBe('0xfa438d67adba59048c48cd14c4cd5ff18d99a4e4e2729b3cf81b51c46223bd22')
})

test("a single leaf is the root of Uniswap's published example", () => {
  const account = '0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f'
  const { root, proofs } = buildIndexedTree([{ index: 0n, account, amount: 100n }])
  expect(root).toBe('0xdefa96435aec82d201dbd2e5f050fb4e1fef5edac90ce1e03953f916a5e1132d')
  expect(proofs.get(0n)).toEqual([])
})

test('in every leaf format each positive allocation has a claim that its contract accepts', () => {
  fc.assert(
    fc.property(allocations, fc.constantFrom(...LEAF_FORMATS), (rows, format) => {
      const { root, claims } = commitAllocations(format, TOKEN, rows)
      const payable = rows.filter((row) => row.cumulative > 0n)
      expect(claims.size).toBe(payable.length)
      for (const row of payable) {
        const claim = claims.get(row.account)
        invariant(claim !== undefined, 'expected a claim')
        const more = { ...row, cumulative: row.cumulative + 1n }
        expect(verifyAllocationClaim(root, TOKEN, row, claim)).toBe(true)
        expect(verifyAllocationClaim(root, TOKEN, more, claim)).toBe(false)
        expect(verifyAllocationClaim(root, row.account, row, claim)).toBe(format === 'single-hash')
      }
      expect(commitAllocations(format, TOKEN, rows.toReversed()).root).toBe(root)
    }),
    { seed: SEED, numRuns: 60 },
  )
})

test('the three formats have different roots, and the same one for nobody', () => {
  const rows = [{ account: sampleAccount(1), cumulative: 5n }]
  expect(
    new Set(LEAF_FORMATS.map((format) => commitAllocations(format, TOKEN, rows).root)).size,
  ).toBe(3)
  expect(LEAF_FORMATS.map((format) => commitAllocations(format, TOKEN, []).root)).toEqual([
    EMPTY_ROOT,
    EMPTY_ROOT,
    EMPTY_ROOT,
  ])
})

test('an account or an index that comes twice is refused', () => {
  const row = { account: sampleAccount(1), cumulative: 5n }
  expect(() => commitAllocations('standard-v1', TOKEN, [row, row])).toThrow(AllocationRepeatedError)
  const leaf = { index: 3n, account: sampleAccount(1), amount: 5n }
  expect(() => buildIndexedTree([leaf, leaf])).toThrow(IndexedTreeError)
  expect(() => buildIndexedTree([])).toThrow(IndexedTreeError)
})
