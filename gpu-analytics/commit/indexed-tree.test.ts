import { invariant } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sampleAccount } from '../epoch/sample-snapshot.ts'
import { IndexedTreeError, buildIndexedTree } from './indexed-tree.ts'
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
