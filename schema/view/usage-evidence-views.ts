import type { Relations } from '../table/relation.ts'
import { saturatedSum } from './exact-sum.ts'
import { usedReceipts } from './usage-views.ts'
import { type View, columns } from './view.ts'

/** How long before a usage a transfer from the asset's holder counts as funding it. Unit: seconds. */
export const FUNDING_SECONDS = 7 * 86_400
/** Receipts that are named as evidence. */
const NAMED_MAX = 4

/**
 * {@link USAGE_EVIDENCE_VIEW} of some assets, given as SQL of an array of ids: reads only receipts of
 * theirs, and those by which their holders were consumers themselves.
 */
export function usageEvidenceOf(from: Relations, assets: string): string {
  const holders = `(
    select recipient from ${from.relation('asset_transferred')} where has(${assets}, asset_id)
  )`
  return evidenceSql(from, {
    receipts: `hasAny(assets, ${assets})`,
    uses: `has(${assets}, asset_id)`,
    mutual: `consumer in ${holders}`,
    transfers: `sender in ${holders}`,
  })
}

/** {@link ASSET_USAGE_VIEW} of some assets, as {@link usageEvidenceOf}. */
export function assetUsageOf(from: Relations, assets: string): string {
  return assetUsageSql(`(${usageEvidenceOf(from, assets)})`)
}

/** Each receipt with each of its assets, and who held that when it was used. */
function heldUsage(from: Relations, condition: string): string {
  return `(
    select
      used.asset_id as asset_id, used.consumer as consumer, used.provider as provider,
      used.digest as digest, used.units as units, used.fee as fee,
      used.finished_at_seconds as finished_at_seconds, held.holder as holder
    from (
      select arrayJoin(assets) as asset_id, consumer, provider, digest, units, fee,
        finished_at_seconds
      from ${usedReceipts(from, condition)}
    ) as used
    asof left join (
      select asset_id, at_seconds, argMax(holder, (block, log_index)) as holder
      from ${from.relation('asset_holding')}
      group by asset_id, at_seconds
    ) as held
      on held.asset_id = used.asset_id and used.finished_at_seconds >= held.at_seconds
  )`
}

/**
 * Who used an asset, with signs that the use was made up. They are evidence: no reward is computed from
 * them. CONSUMER_IS_HOLDER, CONSUMER_IS_PROVIDER: somebody dealt with himself. FUNDED_BY_HOLDER: the
 * asset's holder sent the consumer tokens in the week before. MUTUAL_USE: the holder uses an asset of the
 * consumer as well.
 */
export const USAGE_EVIDENCE_VIEW: View = {
  name: 'usage_evidence',
  key: ['asset_id', 'consumer'],
  columns: columns({
    asset_id: 'FixedString(32)',
    consumer: 'FixedString(20)',
    receipt_count: 'UInt64',
    units: 'UInt256',
    fee: 'UInt256',
    flags: 'Array(String)',
    flagged_count: 'UInt64',
    flagged_fee: 'UInt256',
    flagged_receipts: 'Array(FixedString(32))',
    funding_transaction: 'FixedString(32)',
    mutual_receipt: 'FixedString(32)',
  }),
  sql: (from) => evidenceSql(from, EVERYTHING),
}

/**
 * How an asset is used in all. `effective_consumers_q16` is (Σ fee)² / Σ fee² over its consumers, in
 * units of 2^-16: how many consumers of equal weight would make the same concentration.
 */
export const ASSET_USAGE_VIEW: View = {
  name: 'asset_usage',
  key: ['asset_id'],
  columns: columns({
    asset_id: 'FixedString(32)',
    receipt_count: 'UInt64',
    consumer_count: 'UInt64',
    units: 'UInt256',
    fee: 'UInt256',
    flagged_count: 'UInt64',
    flagged_fee: 'UInt256',
    effective_consumers_q16: 'UInt256',
  }),
  sql: (from) => assetUsageSql(from.relation('usage_evidence')),
}

export const USAGE_EVIDENCE_VIEWS: readonly View[] = [USAGE_EVIDENCE_VIEW, ASSET_USAGE_VIEW]

/** Which receipts and uses the evidence is about, as SQL conditions. */
type EvidenceScope = {
  readonly receipts: string
  readonly uses: string
  readonly mutual: string
  readonly transfers: string
}

const EVERYTHING: EvidenceScope = {
  receipts: 'true',
  uses: 'true',
  mutual: 'true',
  transfers: 'true',
}

function evidenceSql(from: Relations, scope: EvidenceScope): string {
  const { receipts, uses, mutual, transfers } = scope
  return `
    select
      asset_id, consumer,
      count() as receipt_count,
      ${saturatedSum('used.units')} as units,
      sum(used.fee) as fee,
      arrayFilter(flag -> flag != '', [
        if(countIf(consumer = holder) > 0, 'CONSUMER_IS_HOLDER', ''),
        if(countIf(consumer = provider) > 0, 'CONSUMER_IS_PROVIDER', ''),
        if(countIf(funding != toFixedString('', 32)) > 0, 'FUNDED_BY_HOLDER', ''),
        if(countIf(mutual != toFixedString('', 32)) > 0, 'MUTUAL_USE', '')
      ]) as flags,
      countIf(is_flagged) as flagged_count,
      sumIf(used.fee, is_flagged) as flagged_fee,
      groupArraySortedIf(${NAMED_MAX})(used.digest, is_flagged) as flagged_receipts,
      max(used.funding) as funding_transaction,
      max(used.mutual) as mutual_receipt
    from (
      select held.*, back.named as mutual,
        if(funded.at_seconds != 0
          and held.finished_at_seconds - funded.at_seconds <= ${FUNDING_SECONDS},
          funded.transaction_hash, toFixedString('', 32)) as funding,
        consumer = holder or consumer = provider
          or funding != toFixedString('', 32) or mutual != toFixedString('', 32) as is_flagged
      from ${heldUsage(from, receipts)} as held
      left join (
        select holder as other, consumer as user, min(digest) as named
        from ${heldUsage(from, mutual)}
        where holder != consumer and holder != toFixedString('', 20)
        group by other, user
      ) as back on back.other = held.consumer and back.user = held.holder
      asof left join (
        select sender, recipient, at_seconds,
          argMax(transaction_hash, (block, log_index)) as transaction_hash
        from ${from.relation('token_transferred')}
        where sender != recipient and (${transfers})
        group by sender, recipient, at_seconds
      ) as funded
        on funded.sender = held.holder and funded.recipient = held.consumer
          and held.finished_at_seconds >= funded.at_seconds
      where ${uses}
    ) as used
    group by asset_id, consumer`
}

function assetUsageSql(evidence: string): string {
  return `
    select
      asset_id,
      sum(evidence.receipt_count) as receipt_count,
      count() as consumer_count,
      ${saturatedSum('evidence.units')} as units,
      sum(evidence.fee) as fee,
      sum(evidence.flagged_count) as flagged_count,
      sum(evidence.flagged_fee) as flagged_fee,
      if(sum(evidence.fee) = 0, toUInt256(0), intDiv(
        65536 * sum(evidence.fee) * sum(evidence.fee), sum(evidence.fee * evidence.fee)
      )) as effective_consumers_q16
    from ${evidence} as evidence
    group by asset_id`
}
