import { type Snapshot, divFloor } from '@foggara/schema'

import { at } from '../graph/at.ts'
import type { GraphRow } from '../graph/build-graph.ts'

/** lcm(1..16): one fee unit divided over up to 16 assets is a whole number of these. */
export const USAGE_WEIGHT_SCALE = 720_720

/** What the receipts of an epoch add up to; receipts without a fee count nothing. */
export type Usage = {
  /** consumer → asset, one row per receipt and asset. Unit: 1/720720 token base unit. */
  readonly edges: readonly GraphRow[]
  /** Unit: token base units. */
  readonly feeByConsumer: ReadonlyMap<string, bigint>
  readonly feeByProvider: ReadonlyMap<string, bigint>
  /** Each fee divided over its assets to the unit; sums to the fees. Unit: token base units. */
  readonly valueByAsset: ReadonlyMap<string, bigint>
}

/** Adds up the receipts of a snapshot. */
export function usageOf(snapshot: Snapshot): Usage {
  const edges: GraphRow[] = []
  const feeByConsumer = new Map<string, bigint>()
  const feeByProvider = new Map<string, bigint>()
  const valueByAsset = new Map<string, bigint>()
  for (const receipt of snapshot.receipts) {
    if (receipt.fee === 0n) continue
    addTo(feeByConsumer, receipt.consumer, receipt.fee)
    addTo(feeByProvider, receipt.provider, receipt.fee)
    const weight = receipt.fee * BigInt(USAGE_WEIGHT_SCALE / receipt.assets.length)
    const parts = equalParts(receipt.fee, receipt.assets.length)
    for (const [index, asset] of receipt.assets.entries()) {
      edges.push({ from: receipt.consumer, to: asset, weight })
      addTo(valueByAsset, asset, at(parts, index))
    }
  }
  return { edges, feeByConsumer, feeByProvider, valueByAsset }
}

/** Adds to the entry of a map that counts missing entries as 0. */
export function addTo(totals: Map<string, bigint>, key: string, amount: bigint): void {
  totals.set(key, (totals.get(key) ?? 0n) + amount)
}

/**
 * Hamilton's method for equal weights: the first `total mod count` parts get one unit more. A
 * receipt's assets ascend, so "first" is the lower id.
 */
function equalParts(total: bigint, count: number): bigint[] {
  const quota = divFloor(total, BigInt(count))
  const leftover = Number(total - quota * BigInt(count))
  return Array.from({ length: count }, (_, index) => (index < leftover ? quota + 1n : quota))
}
