import { type Hex, type Ruleset, type Snapshot, ZERO_ADDRESS } from '@foggara/schema'

/** A 32-byte id for examples and tests: the number, left padded. */
export function sampleId(number: number): Hex {
  return `0x${number.toString(16).padStart(64, '0')}`
}

/** A 20-byte account for examples and tests: the number, left padded. */
export function sampleAccount(number: number): Hex {
  return `0x${number.toString(16).padStart(40, '0')}`
}

/** A ruleset for examples and tests. */
export const SAMPLE_RULESET: Ruleset = {
  version: 1,
  firstBlock: 0,
  epochBlockCount: 100,
  rank: {
    iterationCount: 40,
    consumerPassThroughQ32: 0xd999_9999,
    assetPassThroughMaxQ32: 0xd999_9999,
  },
  flow: { stepCountMax: 1000 },
  pools: {
    creators: 4000,
    dataProviders: 2500,
    computeOperators: 2000,
    reviewers: 500,
    treasury: 1000,
  },
  payeeCapBps: 5000,
  payoutMin: 1000n,
  token: sampleAccount(0x70),
  treasury: sampleAccount(0x7e),
}

/**
 * A small economy for examples and tests: two models, a dataset they were trained on, a second
 * dataset it derives from, two consumers, two providers, a reviewer, a dispute, a slashing and an
 * exclusion.
 */
export const SAMPLE_SNAPSHOT: Snapshot = {
  chainId: 31337,
  distributor: sampleAccount(0xd1),
  epoch: 1,
  firstBlock: 0,
  cutoffBlock: 99,
  cutoffHash: sampleId(0xc0ff),
  ruleset: SAMPLE_RULESET,
  budget: 1_000_000_000_000_000_000_007n,
  assets: [
    { assetId: sampleId(1), kind: 'MODEL', holder: sampleAccount(0xa1) },
    { assetId: sampleId(2), kind: 'MODEL', holder: sampleAccount(0xa2) },
    { assetId: sampleId(3), kind: 'DATASET', holder: sampleAccount(0xa3) },
    { assetId: sampleId(4), kind: 'DATASET', holder: sampleAccount(0xa4) },
    { assetId: sampleId(5), kind: 'AGENT', holder: sampleAccount(0xa5) },
  ],
  edges: [
    { childId: sampleId(1), parentId: sampleId(3), relation: 'TRAINED_ON', shareE8: 20_000_000 },
    {
      childId: sampleId(2),
      parentId: sampleId(1),
      relation: 'FINETUNED_FROM',
      shareE8: 10_000_000,
    },
    { childId: sampleId(2), parentId: sampleId(3), relation: 'TRAINED_ON', shareE8: 5_000_000 },
    { childId: sampleId(2), parentId: sampleId(3), relation: 'EVALUATED_ON', shareE8: 1_000_000 },
    {
      childId: sampleId(3),
      parentId: sampleId(4),
      relation: 'DATASET_DERIVED_FROM',
      shareE8: 33_333_333,
    },
    { childId: sampleId(5), parentId: sampleId(2), relation: 'COMPOSED_OF', shareE8: 0 },
  ],
  contributions: [
    {
      contributionId: 1n,
      assetId: sampleId(1),
      contributor: sampleAccount(0xb1),
      role: 'DEVELOPER',
      shareE8: 30_000_000,
    },
    {
      contributionId: 2n,
      assetId: sampleId(3),
      contributor: sampleAccount(0xb2),
      role: 'DATA_PROVIDER',
      shareE8: 70_000_000,
    },
    {
      contributionId: 3n,
      assetId: sampleId(3),
      contributor: sampleAccount(0xb3),
      role: 'DATA_PROVIDER',
      shareE8: 70_000_000,
    },
  ],
  receipts: [
    sampleReceipt(1, { consumer: 0xc1, provider: 0xe1, fee: 1_000_003n, assets: [1, 3] }),
    sampleReceipt(2, { consumer: 0xc2, provider: 0xe2, fee: 2_500_000n, assets: [2] }),
    sampleReceipt(3, { consumer: 0xc1, provider: 0xe1, fee: 777n, assets: [1, 2, 5] }),
    sampleReceipt(4, { consumer: 0xc2, provider: 0xe1, fee: 0n, assets: [4] }),
  ],
  holdings: [
    { assetId: sampleId(1), holder: sampleAccount(0xa1), weight: 600_000n },
    { assetId: sampleId(1), holder: sampleAccount(0xa9), weight: 400_000n },
  ],
  reviews: [
    { account: sampleAccount(0xf1), count: 3 },
    { account: sampleAccount(0xf2), count: 1 },
  ],
  disputedAssets: [{ assetId: sampleId(2), disputeId: 1n }],
  slashedProviders: [{ provider: sampleAccount(0xe2), amount: 5n }],
  exclusions: [{ account: sampleAccount(0xf2), proposalId: 9n }],
  balances: [
    { account: sampleAccount(0xa1), carry: 999n, cumulative: 5_000n },
    { account: sampleAccount(0xaa), carry: 10n, cumulative: 0n },
  ],
}

/** A receipt for examples and tests, from the numbers of its parties and assets. */
export function sampleReceipt(
  number: number,
  of: { consumer: number; provider: number; fee: bigint; assets: readonly number[] },
): Snapshot['receipts'][number] {
  return {
    digest: sampleId(0xd000 + number),
    provider: of.provider === 0 ? ZERO_ADDRESS : sampleAccount(of.provider),
    consumer: sampleAccount(of.consumer),
    workload: 'INFERENCE',
    fee: of.fee,
    units: 1n,
    assets: of.assets.map(sampleId),
  }
}
