import { type EpochResult, type Hex, type Snapshot, sum } from '@foggara/schema'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'

import { allocationLeaf, allocationTree } from '../commit/allocation-tree.ts'
import { verifyMerkleProof } from '../commit/merkle-tree.ts'
import { createWasmEngine } from '../cpu/wasm-engine.ts'
import type { RankEngine } from '../engine.ts'
import { explainAllocation } from '../explain/explain-allocation.ts'
import { referenceEngine } from '../reference/reference-engine.ts'
import { arbitrarySnapshot } from './arbitrary-snapshot.ts'
import { SnapshotInconsistentError } from './check-snapshot.ts'
import { computeEpoch } from './compute-epoch.ts'
import { SAMPLE_SNAPSHOT, sampleAccount, sampleId, sampleReceipt } from './sample-snapshot.ts'

const SEED = 20_260_803
const RUNS = { seed: SEED, numRuns: 150 }
let engine: RankEngine
beforeAll(async () => {
  engine = await createWasmEngine()
})

test('an epoch sums to its budget, and every pool, allocation and explanation to its own total', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySnapshot(), async (snapshot) => {
      const result = await computeEpoch(snapshot, engine)
      expect(result.identity.difference).toBe(0n)
      expect(sum(result.pools.map((pool) => pool.amount))).toBe(snapshot.budget)
      expect(sum(result.pools.map((pool) => pool.earned))).toBe(
        sum(result.allocations.map((row) => row.earned)),
      )
      expect(sum(result.withheld.map((row) => row.amount))).toBe(result.identity.withheld)
      for (const { account, earned } of result.allocations) {
        const explained = explainAllocation(result, snapshot, account)
        const reasons = explained.pools.flatMap((pool) =>
          pool.sources.flatMap((source) => source.reasons),
        )
        expect(sum(reasons.map((reason) => reason.amount))).toBe(earned)
      }
    }),
    RUNS,
  )
})

test('an epoch does not depend on the order of any row nor on the engine', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySnapshot(), async (snapshot) => {
      const reversed: Snapshot = {
        ...snapshot,
        assets: snapshot.assets.toReversed(),
        edges: snapshot.edges.toReversed(),
        contributions: snapshot.contributions.toReversed(),
        receipts: snapshot.receipts.toReversed(),
        holdings: snapshot.holdings.toReversed(),
        reviews: snapshot.reviews.toReversed(),
        balances: snapshot.balances.toReversed(),
      }
      expect(await computeEpoch(reversed, referenceEngine)).toEqual(
        await computeEpoch(snapshot, engine),
      )
    }),
    RUNS,
  )
})

test('withholding a share moves nobody else', async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitrarySnapshot(),
      fc.integer({ min: 1, max: 12 }),
      async (drawn, number) => {
        const account = sampleAccount(number)
        const before = { ...drawn, exclusions: [], disputedAssets: [], slashedProviders: [] }
        const after = { ...before, exclusions: [{ account, proposalId: 1n }] }
        const others = (result: EpochResult) =>
          result.parts.filter((part) => part.account !== account)
        const full = await computeEpoch(before, engine)
        const withholding = await computeEpoch(after, engine)
        const own = full.parts.filter((part) => part.account === account)
        expect(others(withholding)).toEqual(others(full))
        expect(withholding.withheld).toEqual(own.map((part) => ({ ...part, reason: 'excluded' })))
      },
    ),
    RUNS,
  )
})

test('cumulative amounts never fall, and what is below the minimum is carried', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySnapshot(), async (snapshot) => {
      const balances = new Map(snapshot.balances.map((row) => [row.account, row]))
      for (const row of (await computeEpoch(snapshot, engine)).allocations) {
        const before = balances.get(row.account) ?? { carry: 0n, cumulative: 0n }
        expect(row.cumulative).toBe(before.cumulative + row.paid)
        expect(row.paid + row.carryAfter).toBe(before.carry + row.earned)
        expect(row.carryAfter === 0n || row.carryAfter < snapshot.ruleset.payoutMin).toBe(true)
      }
    }),
    RUNS,
  )
})

test('the sample epoch keeps its root and its manifest hash', async () => {
  const result = await computeEpoch(SAMPLE_SNAPSHOT, engine)
  expect(result.root).toMatchInlineSnapshot(
    `"0x4758bae2939c82fc2864cfd9b7d28aba53209b24c591e018f32259ee529fe72b"`,
  )
  expect(result.manifestHash).toMatchInlineSnapshot(
    `"0x612d5cb6558fa20ae9a4c1fa7609707aba2e63ac30036ff3b0d8e9059130b152"`,
  )
  expect(result.withheld.map((row) => [row.reason, row.account, row.pool])).toEqual([
    ['disputed', sampleAccount(0xa2), 'creators'],
    ['excluded', sampleAccount(0xf2), 'reviewers'],
    ['slashed', sampleAccount(0xe2), 'computeOperators'],
  ])
})

test('every account with a cumulative amount can prove it against the root', async () => {
  const { allocations, root } = await computeEpoch(SAMPLE_SNAPSHOT, engine)
  const { token } = SAMPLE_SNAPSHOT.ruleset
  const { proofs } = allocationTree(token, allocations)
  const payable = allocations.filter((row) => row.cumulative > 0n)
  expect([...proofs.keys()]).toEqual(payable.map((row) => row.account))
  for (const { account, cumulative } of payable) {
    const proof = proofs.get(account) ?? []
    expect(verifyMerkleProof(root, allocationLeaf(account, token, cumulative), proof)).toBe(true)
    expect(verifyMerkleProof(root, allocationLeaf(account, token, cumulative + 1n), proof)).toBe(
      false,
    )
  }
})

test('an epoch that nobody used pays the treasury and leaves the rest unallocated', async () => {
  const { pools, identity } = await computeEpoch(
    { ...SAMPLE_SNAPSHOT, receipts: [], reviews: [] },
    engine,
  )
  expect(
    pools.map(({ pool, earned, unallocated, amount }) => [pool, earned, unallocated === amount]),
  ).toEqual([
    ['creators', 0n, true],
    ['dataProviders', 0n, true],
    ['computeOperators', 0n, true],
    ['reviewers', 0n, true],
    ['treasury', 100_000_000_000_000_000_001n, false],
  ])
  expect(identity.unallocated).toBe(SAMPLE_SNAPSHOT.budget - 100_000_000_000_000_000_001n)
})

const unlisted: Hex = sampleId(99)
test.each<[string, Partial<Snapshot>, string]>([
  ['a budget of 2^96', { budget: 1n << 96n }, 'AMOUNT_OUT_OF_RANGE'],
  [
    'a fee of 2^96',
    { receipts: [sampleReceipt(1, { consumer: 1, provider: 1, fee: 1n << 96n, assets: [1] })] },
    'AMOUNT_OUT_OF_RANGE',
  ],
  [
    'a receipt on an unlisted asset',
    { receipts: [sampleReceipt(1, { consumer: 1, provider: 1, fee: 1n, assets: [99] })] },
    'SNAPSHOT_INCONSISTENT',
  ],
  [
    'an asset twice',
    { assets: [...SAMPLE_SNAPSHOT.assets, ...SAMPLE_SNAPSHOT.assets] },
    'SNAPSHOT_INCONSISTENT',
  ],
  [
    'a holding of an unlisted asset',
    { holdings: [{ assetId: unlisted, holder: sampleAccount(1), weight: 1n }] },
    'SNAPSHOT_INCONSISTENT',
  ],
  [
    'an exclusion in mixed case, which would match nobody',
    { exclusions: [{ account: `0x${'A'.repeat(40)}`, proposalId: 1n }] },
    'SNAPSHOT_INCONSISTENT',
  ],
  [
    'a negative carry',
    { balances: [{ account: sampleAccount(1), carry: -1n, cumulative: 0n }] },
    'SNAPSHOT_INCONSISTENT',
  ],
])('%s is refused as a whole', async (_, change, code) => {
  const computed = computeEpoch({ ...SAMPLE_SNAPSHOT, ...change }, engine)
  await expect(computed).rejects.toThrow(expect.objectContaining({ code }))
})

test('an inconsistent snapshot says what was expected and what was found', async () => {
  const [asset] = SAMPLE_SNAPSHOT.assets
  const snapshot = { ...SAMPLE_SNAPSHOT, assets: asset === undefined ? [] : [asset, asset] }
  await expect(computeEpoch(snapshot, engine)).rejects.toThrow(SnapshotInconsistentError)
  await expect(computeEpoch(snapshot, engine)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[SnapshotInconsistentError: snapshot assets: expected one row per key, found 0x0000000000000000000000000000000000000000000000000000000000000001 twice]`,
  )
})
