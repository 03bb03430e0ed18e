import {
  ASSET_KINDS,
  CONTRIBUTION_ROLES,
  type Hex,
  POOLS,
  type Pool,
  RELATIONS,
  type Snapshot,
  WORKLOADS,
} from '@foggara/schema'
import fc from 'fast-check'

import { SAMPLE_SNAPSHOT, sampleAccount, sampleId } from './sample-snapshot.ts'

/** Any pools whose basis points sum to 10 000. */
const pools = fc
  .tuple(fc.nat(2500), fc.nat(2500), fc.nat(2500), fc.nat(2500))
  .map(([creators, dataProviders, computeOperators, reviewers]): Record<Pool, number> => {
    const given = creators + dataProviders + computeOperators + reviewers
    const treasury = 10_000 - given
    return { creators, dataProviders, computeOperators, reviewers, treasury }
  })

const u32 = fc.nat(0xffff_ffff)
const share = fc.oneof(fc.constant(0), fc.nat(30_000_000), fc.nat(100_000_000))
const fee = fc.oneof(fc.constant(0n), fc.bigInt(1n, 1000n), fc.bigInt(1n, (1n << 96n) - 1n))
const account = fc.integer({ min: 1, max: 12 }).map(sampleAccount)

/** Small economies with every feature of a snapshot, for laws about epochs. Cycles are included. */
export function arbitrarySnapshot(): fc.Arbitrary<Snapshot> {
  return fc.integer({ min: 0, max: 9 }).chain((assetCount) => {
    const ids = Array.from({ length: assetCount }, (_, index) => sampleId(index + 1))
    return fc
      .record({
        ruleset: arbitraryRuleset(),
        budget: fc.oneof(fc.bigInt(0n, 50n), fc.bigInt(0n, (1n << 96n) - 1n)),
        assets: fc.tuple(
          ...ids.map((assetId) =>
            fc.record({
              assetId: fc.constant(assetId),
              kind: fc.constantFrom(...ASSET_KINDS),
              holder: account,
            }),
          ),
        ),
        reviews: unique(fc.record({ account, count: fc.nat(3) }), (row) => row.account),
        slashedProviders: fc.array(fc.record({ provider: account, amount: fee }), { maxLength: 2 }),
        exclusions: fc.array(fc.record({ account, proposalId: fee }), { maxLength: 2 }),
        balances: unique(fc.record({ account, carry: fee, cumulative: fee }), (row) => row.account),
        ...arbitraryAssetRows(ids),
      })
      .map((drawn): Snapshot => ({ ...SAMPLE_SNAPSHOT, ...drawn }))
  })
}

function arbitraryRuleset() {
  return fc
    .record({
      pools,
      consumerPassThroughQ32: u32,
      assetPassThroughMaxQ32: u32,
      iterationCount: fc.integer({ min: 1, max: 12 }),
      stepCountMax: fc.integer({ min: 1, max: 12 }),
      payeeCapBps: fc.oneof(fc.constant(10_000), fc.integer({ min: 1, max: 10_000 })),
      payoutMin: fc.oneof(fc.constant(0n), fee),
    })
    .map((drawn) => ({
      ...SAMPLE_SNAPSHOT.ruleset,
      rank: {
        iterationCount: drawn.iterationCount,
        consumerPassThroughQ32: drawn.consumerPassThroughQ32,
        assetPassThroughMaxQ32: drawn.assetPassThroughMaxQ32,
      },
      flow: { stepCountMax: drawn.stepCountMax },
      pools: Object.fromEntries(
        POOLS.map((pool) => [pool, drawn.pools[pool]]),
      ) as typeof drawn.pools,
      payeeCapBps: drawn.payeeCapBps,
      payoutMin: drawn.payoutMin,
    }))
}

type AssetTable = 'edges' | 'contributions' | 'receipts' | 'holdings' | 'disputedAssets'
type AssetRows = { readonly [Name in AssetTable]: fc.Arbitrary<Snapshot[Name]> }

function arbitraryAssetRows(ids: readonly Hex[]): AssetRows {
  if (ids.length === 0) {
    const none = fc.constant([])
    return {
      edges: none,
      contributions: none,
      receipts: none,
      holdings: none,
      disputedAssets: none,
    }
  }
  const assetId = fc.constantFrom(...ids)
  const sets = fc.uniqueArray(assetId, { minLength: 1, maxLength: Math.min(ids.length, 5) })
  return {
    edges: unique(
      fc.record({
        childId: assetId,
        parentId: assetId,
        relation: fc.constantFrom(...RELATIONS),
        shareE8: share,
      }),
      (row) => row.childId + row.parentId + row.relation,
    ),
    contributions: unique(
      fc.record({
        contributionId: fc.bigInt(0n, 99n),
        assetId,
        contributor: account,
        role: fc.constantFrom(...CONTRIBUTION_ROLES),
        shareE8: share,
      }),
      (row) => row.contributionId.toString(),
    ),
    receipts: unique(
      fc.record({
        digest: fc.nat(0xffff).map((number) => sampleId(0x1_0000 + number)),
        provider: account,
        consumer: account,
        workload: fc.constantFrom(...WORKLOADS),
        fee,
        units: fc.bigInt(0n, 9n),
        assets: sets.map((assets) => assets.toSorted()),
      }),
      (row) => row.digest,
    ),
    holdings: unique(
      fc.record({ assetId, holder: account, weight: fee }),
      (row) => row.assetId + row.holder,
    ),
    disputedAssets: fc.array(fc.record({ assetId, disputeId: fc.bigInt(0n, 9n) }), {
      maxLength: 2,
    }),
  }
}

function unique<Row>(row: fc.Arbitrary<Row>, key: (row: Row) => string): fc.Arbitrary<Row[]> {
  return fc.uniqueArray(row, { selector: key, maxLength: 12 })
}
