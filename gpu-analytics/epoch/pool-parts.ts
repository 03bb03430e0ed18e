import {
  type AssetKind,
  type Hex,
  type Pool,
  SHARE_WHOLE_E8,
  type Snapshot,
  type WithheldReason,
  sum,
} from '@foggara/schema'

import { largestRemainderByKey } from '../split/largest-remainder.ts'
import type { EpochScores } from './scores.ts'
import { addTo } from './usage.ts'

/** A part of a source's score that belongs to an account, before any amount is computed. */
export type ScorePart = {
  readonly account: Hex
  readonly sourceId: Hex
  readonly score: bigint
  /** Set when the part is computed like any other but not paid. */
  readonly reason: WithheldReason | undefined
}

/** The score parts of every pool; parts of score 0 are left out. */
export function poolParts(
  snapshot: Snapshot,
  scores: EpochScores,
): Readonly<Record<Pool, readonly ScorePart[]>> {
  const excluded = new Set(snapshot.exclusions.map((exclusion) => exclusion.account))
  const disputed = new Set(snapshot.disputedAssets.map((dispute) => dispute.assetId))
  const slashed = new Set(snapshot.slashedProviders.map((slashing) => slashing.provider))
  const reasonOf = (account: Hex, otherwise: WithheldReason | undefined) =>
    excluded.has(account) ? 'excluded' : otherwise

  const fingersOf = assetFingers(snapshot)
  const assetParts = (measure: 'rank' | 'flow', isKind: (kind: AssetKind) => boolean) =>
    snapshot.assets
      .filter((asset) => isKind(asset.kind))
      .flatMap(({ assetId }) => {
        const score = scores[measure].get(assetId) ?? 0n
        const reason: WithheldReason | undefined = disputed.has(assetId) ? 'disputed' : undefined
        return [...largestRemainderByKey(score, fingersOf(assetId))]
          .map(([id, part]) => ({ account: id as Hex, sourceId: assetId, score: part }))
          .map((part) => ({ ...part, reason: reasonOf(part.account, reason) }))
      })
  const ownParts = (measure: 'work' | 'review'): ScorePart[] =>
    [...scores[measure]].map(([account, score]) => {
      const reason = measure === 'work' && slashed.has(account) ? 'slashed' : undefined
      return { account, sourceId: account, score, reason: reasonOf(account, reason) }
    })

  const { treasury } = snapshot.ruleset
  const treasuryPart = { account: treasury, sourceId: treasury, score: 1n }
  return {
    creators: positive(assetParts('rank', (kind) => kind !== 'DATASET' && kind !== 'COMPUTE')),
    dataProviders: positive(assetParts('flow', (kind) => kind === 'DATASET')),
    computeOperators: positive(ownParts('work')),
    reviewers: positive(ownParts('review')),
    treasury: [{ ...treasuryPart, reason: reasonOf(treasury, undefined) }],
  }
}

function positive(parts: readonly ScorePart[]): ScorePart[] {
  return parts.filter((part) => part.score > 0n)
}

/**
 * Whose an asset's score is, as whole fingers per account: contributors have their shares, holders
 * divide the rest by the fees used while they held it, all scaled by the holders' total so that no
 * division is needed.
 */
function assetFingers(snapshot: Snapshot): (assetId: Hex) => Map<string, bigint> {
  const contributions = Map.groupBy(snapshot.contributions, (row) => row.assetId)
  const holdings = Map.groupBy(snapshot.holdings, (row) => row.assetId)
  const holderByAsset = new Map(snapshot.assets.map((asset) => [asset.assetId, asset.holder]))
  return (assetId) => {
    const holders = new Map<string, bigint>()
    for (const row of holdings.get(assetId) ?? []) addTo(holders, row.holder, row.weight)
    let holderTotal = sum(holders.values())
    if (holderTotal === 0n) {
      const holder = holderByAsset.get(assetId)
      holders.clear()
      if (holder !== undefined) holders.set(holder, 1n)
      holderTotal = 1n
    }
    const fingers = new Map<string, bigint>()
    let contributed = 0n
    for (const row of contributions.get(assetId) ?? []) {
      contributed += BigInt(row.shareE8)
      addTo(fingers, row.contributor, BigInt(row.shareE8) * holderTotal)
    }
    const rest = contributed < SHARE_WHOLE_E8 ? SHARE_WHOLE_E8 - contributed : 0n
    for (const [holder, weight] of holders) addTo(fingers, holder, rest * weight)
    return fingers
  }
}
