import type { Hex } from './hex.ts'
import type { Pool, WithheldReason } from './words.ts'

/** What an epoch's computation yields; every row can be explained from the snapshot. */
export type EpochResult = {
  readonly epoch: number
  /** Ascending by (measure, id). */
  readonly scores: readonly Score[]
  /** In the order of the pools. */
  readonly pools: readonly PoolResult[]
  /** Why each payee gets what: ascending by (account, pool, sourceId). Sums to the allocations' `earned`. */
  readonly parts: readonly AllocationPart[]
  /** Computed but not paid; ascending by (reason, account, pool, sourceId). */
  readonly withheld: readonly Withheld[]
  /** One row per account that earned, is carried or was ever paid; ascending by account. */
  readonly allocations: readonly Allocation[]
  readonly identity: EpochIdentity
  /** OpenZeppelin standard-v1 root over `[account, token, cumulative]` of accounts with cumulative > 0. */
  readonly root: Hex
  /** Sum of the leaves' cumulative amounts: what the distributor must be able to have paid in all. */
  readonly cumulativeTotal: bigint
  readonly manifest: Manifest
  readonly manifestHash: Hex
}

/** `rank` over the usage graph, `flow` along provenance, `work` of providers, `review` of reviewers. */
export const MEASURES = ['rank', 'flow', 'work', 'review'] as const
export type Measure = (typeof MEASURES)[number]

export type Score = {
  readonly measure: Measure
  /** An asset id (32 bytes) or an account (20 bytes). */
  readonly id: Hex
  readonly score: bigint
}

export type PoolResult = {
  readonly pool: Pool
  readonly bps: number
  readonly amount: bigint
  /** Paid or carried to payees. */
  readonly earned: bigint
  readonly withheld: bigint
  /** What no payee could take: nobody eligible, or everybody at the cap. */
  readonly unallocated: bigint
}

export type AllocationPart = {
  readonly account: Hex
  readonly pool: Pool
  /** The asset, provider or account the score belongs to. */
  readonly sourceId: Hex
  /** The part of the source's score that is this account's. */
  readonly score: bigint
  readonly amount: bigint
}

export type Withheld = AllocationPart & { readonly reason: WithheldReason }

export type Allocation = {
  readonly account: Hex
  /** What the pools gave in this epoch. */
  readonly earned: bigint
  readonly carryBefore: bigint
  readonly carryAfter: bigint
  /** `carryBefore + earned - carryAfter`; 0 below the payout minimum. */
  readonly paid: bigint
  readonly cumulative: bigint
}

/** `budget = paid + carryChange + withheld + unallocated`, to the last unit: `difference` is 0. */
export type EpochIdentity = {
  readonly budget: bigint
  readonly paid: bigint
  readonly carryChange: bigint
  readonly withheld: bigint
  readonly unallocated: bigint
  readonly difference: bigint
}

/** What was computed from what: hash it, and the whole calculation is pinned. */
export type Manifest = {
  readonly format: 'foggara-epoch-1'
  readonly chainId: number
  readonly distributor: Hex
  readonly epoch: number
  readonly firstBlock: number
  readonly cutoffBlock: number
  readonly cutoffHash: Hex
  readonly rulesetVersion: number
  readonly rulesetHash: Hex
  readonly budget: string
  /** sha256 of each canonical input table, by name. */
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly sha256: Hex }>>
  /** sha256 of the canonical score table. */
  readonly scoresSha256: Hex
  readonly root: Hex
  readonly cumulativeTotal: string
}
