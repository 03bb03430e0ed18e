import type { Hex } from './hex.ts'
import type { Ruleset } from './ruleset.ts'
import type { AssetKind, ContributionRole, Relation, Workload } from './words.ts'

/**
 * Everything an epoch's reward is computed from, and nothing else. Tables may come in any order; the
 * engine sorts them canonically before it hashes or computes.
 */
export type Snapshot = {
  readonly chainId: number
  /** The reward distributor's address. */
  readonly distributor: Hex
  readonly epoch: number
  readonly firstBlock: number
  readonly cutoffBlock: number
  readonly cutoffHash: Hex
  readonly ruleset: Ruleset
  /** What the epoch distributes. Unit: token base units. */
  readonly budget: bigint
  /** Assets registered at the cutoff. */
  readonly assets: readonly SnapshotAsset[]
  /** Provenance edges valid at the cutoff, child → parent. */
  readonly edges: readonly SnapshotEdge[]
  readonly contributions: readonly SnapshotContribution[]
  /** The receipts that count in this epoch: anchored by the cutoff and in no earlier snapshot. */
  readonly receipts: readonly SnapshotReceipt[]
  /** Who an asset's share goes to: its holders weighted by the fees used while they held it. */
  readonly holdings: readonly SnapshotHolding[]
  /** Acts of review in the epoch: votes cast and disputes resolved, per account. */
  readonly reviews: readonly SnapshotReview[]
  /** Assets with an open or upheld dispute at the cutoff: their shares are withheld. */
  readonly disputedAssets: readonly { readonly assetId: Hex; readonly disputeId: bigint }[]
  /** Providers slashed within the epoch: their compute shares are withheld. */
  readonly slashedProviders: readonly { readonly provider: Hex; readonly amount: bigint }[]
  /** Accounts excluded by a proposal in this epoch: their shares are withheld. */
  readonly exclusions: readonly { readonly account: Hex; readonly proposalId: bigint }[]
  /** The ledger left by the previous epoch, one row per account ever paid or carried. */
  readonly balances: readonly SnapshotBalance[]
}

export type SnapshotAsset = {
  readonly assetId: Hex
  readonly kind: AssetKind
  readonly holder: Hex
}

export type SnapshotEdge = {
  readonly childId: Hex
  readonly parentId: Hex
  readonly relation: Relation
  /** The parent's share of what the child receives, parts per hundred million. */
  readonly shareE8: number
}

export type SnapshotContribution = {
  readonly contributionId: bigint
  readonly assetId: Hex
  readonly contributor: Hex
  readonly role: ContributionRole
  /** The contributor's share of the asset's rewards, parts per hundred million. */
  readonly shareE8: number
}

export type SnapshotReceipt = {
  readonly digest: Hex
  readonly provider: Hex
  readonly consumer: Hex
  readonly workload: Workload
  readonly fee: bigint
  readonly units: bigint
  /** Ascending, without repeats, 1 to 16. */
  readonly assets: readonly Hex[]
}

export type SnapshotHolding = {
  readonly assetId: Hex
  readonly holder: Hex
  readonly weight: bigint
}

export type SnapshotReview = { readonly account: Hex; readonly count: number }

export type SnapshotBalance = {
  readonly account: Hex
  /** Earned but below the payout minimum so far. */
  readonly carry: bigint
  /** Everything ever made payable: the amount of the account's leaf. */
  readonly cumulative: bigint
}
