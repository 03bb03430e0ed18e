import type { Hex } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sampleAccount, sampleId } from '../epoch/sample-snapshot.ts'
import { at } from '../graph/at.ts'
import {
  type EarnerClaim,
  EarnerTreeError,
  buildEarnerTree,
  earnerClaim,
  earnerLeaf,
  tokenLeaf,
  verifyEarnerClaim,
} from './earner-tree.ts'
import {
  PositionalTreeError,
  buildPositionalTree,
  foldPositionalProof,
  positionalProof,
} from './positional-tree.ts'

const SEED = 20_260_812
const earnings = fc.uniqueArray(
  fc.record({
    account: fc.integer({ min: 1, max: 9 }).map(sampleAccount),
    token: fc.integer({ min: 1, max: 9 }).map(sampleAccount),
    cumulative: fc.bigInt(1n, (1n << 256n) - 1n),
  }),
  { selector: (row) => row.account + row.token, minLength: 1, maxLength: 30 },
)

test('every claim of every earner is accepted, and the order of the rows does not matter', () => {
  fc.assert(
    fc.property(earnings, (rows) => {
      const tree = buildEarnerTree(rows)
      expect(buildEarnerTree(rows.toReversed()).root).toBe(tree.root)
      for (const { account, token } of rows) {
        expect(verifyEarnerClaim(tree.root, earnerClaim(tree, account))).toBe(true)
        expect(verifyEarnerClaim(tree.root, earnerClaim(tree, account, [token]))).toBe(true)
      }
    }),
    { seed: SEED, numRuns: 30 },
  )
})

test('a claim that was changed anywhere is not accepted', () => {
  const accounts = [1, 2, 3, 4, 5].map(sampleAccount)
  const rows = accounts.flatMap((account) =>
    accounts.map((token, index) => ({ account, token, cumulative: BigInt(index + 1) })),
  )
  const { root } = buildEarnerTree(rows)
  const claim = earnerClaim(buildEarnerTree(rows), sampleAccount(3), [sampleAccount(5)])
  expect(verifyEarnerClaim(root, claim)).toBe(true)
  const changes: EarnerClaim[] = [
    { ...claim, earnerIndex: 3 },
    { ...claim, earnerIndex: 10 },
    { ...claim, tokenIndices: [3] },
    { ...claim, tokenIndices: [] },
    { ...claim, earnerTreeProof: `${claim.earnerTreeProof}00` },
    { ...claim, earnerLeaf: { ...claim.earnerLeaf, earner: sampleAccount(4) } },
    { ...claim, tokenLeaves: [{ ...at(claim.tokenLeaves, 0), cumulativeEarnings: 6n }] },
    { ...claim, tokenTreeProofs: ['0x'] },
  ]
  expect(changes.filter((change) => verifyEarnerClaim(root, change))).toEqual([])
})

test('a single leaf is its own root and needs no proof', () => {
  const tree = buildPositionalTree([sampleId(1)])
  expect([tree.root, positionalProof(tree, 0)]).toEqual([sampleId(1), '0x'])
  expect(foldPositionalProof(sampleId(1), 0, '0x')).toBe(sampleId(1))
})

test('an earner and a token with the same bytes have different leaves', () => {
  const [account, hash]: [Hex, Hex] = [sampleAccount(5), sampleId(9)]
  expect(earnerLeaf(account, hash)).not.toBe(tokenLeaf(account, 9n))
})

test('a tree without anything, a row twice and an unknown leaf are refused', () => {
  const row = { account: sampleAccount(1), token: sampleAccount(2), cumulative: 1n }
  expect(() => buildEarnerTree([{ ...row, cumulative: 0n }])).toThrow(EarnerTreeError)
  expect(() => buildEarnerTree([row, { ...row, cumulative: 5n }])).toThrow(/one row per token/)
  const tree = buildEarnerTree([row])
  expect(() => earnerClaim(tree, sampleAccount(2))).toThrow(EarnerTreeError)
  expect(() => earnerClaim(tree, row.account, [sampleAccount(3)])).toThrow(EarnerTreeError)
  expect(() => buildPositionalTree([])).toThrow(PositionalTreeError)
  expect(() => positionalProof(buildPositionalTree([sampleId(1)]), 1)).toThrow(PositionalTreeError)
})
