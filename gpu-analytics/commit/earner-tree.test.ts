import type { Hex } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sampleAccount, sampleId } from '../epoch/sample-snapshot.ts'
import { at } from '../graph/at.ts'
import {
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

// Published in EigenLayer's test data for its RewardsCoordinator (processClaimProofs_Root1.json).
const PUBLISHED = {
  earner: '0xf2288d736d27c1584ebf7be5f52f9e4d47251aee',
  earnerIndex: 3,
  earnerTokenRoot: '0xa81e82a39e6da197c3c83b8b1343eb7e8a969db52d4bfc424fd04d60350d76e3',
  earnerTreeProof:
    '0x04da796e892869089dfdaae7269c8eb12548f6aa3774a747322b65c42d1ca0050d38d6d5e7e9e65ba24c275fcc0f0c377d8fb6ed089770d849c39a1829d1edf27e78a529aa8f867a3777f97541a23fb1844d6ae24c3b8ca1cc981510e5d08bda',
  root: '0xc5d6bb1073f9040366851b5971493165893558f1cdc0b0046b6703baa85cddfc',
  tokens: [
    ['0x1006dd1b8c3d0ef53489bed27577c75299f71473', 1000000000000000000n],
    ['0x11a4b85eab283c98d27c8ae64469224d55ed1894', 400000000000000000n],
    ['0x43afffbe0afacdabe9ce7dbc4f07407a2b788a84', 30000000000000000000n],
    ['0x748a3ed7e6b04239150d7ebe12d7aef3e3994a23', 250000000000n],
    ['0xd275b23e0a5b68ae251b0dc4c81104cba36e7cd6', 884300000000000000n],
    ['0xec562acb9e470de27dca2495950660fa9fbd85f8', 42000000000000n],
  ],
  fifthProof:
    '0x7a570fedf4656f3240f44fb4771c946ea688c554f82e204778b792013b29ded3ad3228b676f7d3cd4284a5443f17f1962b36e491b30a40b2405849e597ba5fb51ab784a49394ced1b194ec2cac2163a6a5a0108e31a2510f82162f3d41b79962',
} as const

test("the token tree, the leaves and the proofs are EigenLayer's", () => {
  const leaves = PUBLISHED.tokens.map(([token, cumulative]) => tokenLeaf(token, cumulative))
  const tokenTree = buildPositionalTree(leaves)
  expect(tokenTree.root).toBe(PUBLISHED.earnerTokenRoot)
  expect(positionalProof(tokenTree, 5)).toBe(PUBLISHED.fifthProof)
  const claim = {
    earnerIndex: PUBLISHED.earnerIndex,
    earnerTreeProof: PUBLISHED.earnerTreeProof,
    earnerLeaf: { earner: PUBLISHED.earner, earnerTokenRoot: PUBLISHED.earnerTokenRoot },
    tokenIndices: [5],
    tokenTreeProofs: [PUBLISHED.fifthProof],
    tokenLeaves: [{ token: at(PUBLISHED.tokens, 5)[0], cumulativeEarnings: 42000000000000n }],
  }
  expect(verifyEarnerClaim(PUBLISHED.root, claim)).toBe(true)
  const changes = [
    { ...claim, earnerIndex: 2 },
    { ...claim, earnerIndex: 11 },
    { ...claim, tokenIndices: [4] },
    { ...claim, tokenIndices: [] },
    { ...claim, earnerTreeProof: `${claim.earnerTreeProof}00` as const },
    { ...claim, tokenLeaves: [{ ...at(claim.tokenLeaves, 0), cumulativeEarnings: 1n }] },
  ]
  expect(changes.filter((change) => verifyEarnerClaim(PUBLISHED.root, change))).toEqual([])
})

test('a single leaf is its own root and needs no proof', () => {
  const tree = buildPositionalTree([sampleId(1)])
  expect([tree.root, positionalProof(tree, 0)]).toEqual([sampleId(1), '0x'])
  expect(foldPositionalProof(sampleId(1), 0, '0x')).toBe(sampleId(1))
})

test("EigenLayer's distribution with one earner has the earner's leaf as its root", () => {
  const earner = '0x0d6ba28b9919cfcdb6b233469cc5ce30b979e08e'
  const tokenRoot = '0x12104ce9deb6e62ef479656476be1da6d71905234252cf9a5c9733e6cb115d77'
  const root = '0xd4aa4d1bdb95eb78f061238d587609407301a05bd952334ad6b5e8ca60bb347e'
  expect(foldPositionalProof(earnerLeaf(earner, tokenRoot), 0, '0x')).toBe(root)
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
