import type { Relations } from '../table/relation.ts'
import { WORKLOADS } from '../words.ts'
import { saturatedSum } from './exact-sum.ts'
import { type View, columns, wordOf } from './view.ts'

const BODY = 'digest, provider, consumer, workload, assets, units, fee, finished_at_seconds'

/**
 * Every receipt once, delivered or anchored with its body, with the columns of its usage: SQL in
 * parentheses. The condition, on columns of a receipt's body, is met before anything else is done.
 */
export function usedReceipts(from: Relations, condition = 'true'): string {
  const delivered = from.relation('submitted_receipt')
  const anchored = from.relation('anchored_receipt')
  return `(
    select
      body.digest as digest,
      body.provider as provider,
      body.consumer as consumer,
      ${wordOf(WORKLOADS, 'body.workload')} as workload,
      body.assets as assets,
      body.units as units,
      body.fee as fee,
      body.finished_at_seconds as finished_at_seconds,
      body.late as late,
      if((body.digest, body.provider) in (
        select digest, provider from ${anchored} where verdict in ('valid', 'bodyless')
      ), 'ANCHORED', 'PENDING') as status
    from (
      select ${BODY}, late from ${delivered} where ${condition}
      union all
      select ${BODY}, false as late
      from ${anchored}
      where verdict = 'valid' and (${condition})
        and digest not in (select digest from ${delivered} where ${condition})
      order by digest, block, log_index, position
      limit 1 by digest
    ) as body
  )`
}

/**
 * What was used by whom, run by whom, minute by minute of the end of the usage. A receipt stands with
 * each of its assets, so sums are to be made of one asset at a time. Late ones stand in the minute of
 * their usage; what is quarantined or rejected is not usage.
 */
export const USAGE_VIEW: View = {
  name: 'usage',
  key: ['asset_id', 'consumer', 'provider', 'workload', 'status', 'minute_seconds'],
  columns: columns({
    asset_id: 'FixedString(32)',
    consumer: 'FixedString(20)',
    provider: 'FixedString(20)',
    workload: 'String',
    status: 'String',
    minute_seconds: 'UInt64',
    receipt_count: 'UInt64',
    late_count: 'UInt64',
    units: 'UInt256',
    fee: 'UInt256',
  }),
  sql: (from) => `
    select
      asset_id, consumer, provider, workload, status, minute_seconds,
      count() as receipt_count,
      countIf(late) as late_count,
      ${saturatedSum('used.units')} as units,
      sum(used.fee) as fee
    from (
      select arrayJoin(assets) as asset_id, consumer, provider, workload, status,
        intDiv(finished_at_seconds, 60) * 60 as minute_seconds, late, units, fee
      from ${usedReceipts(from)}
    ) as used
    group by asset_id, consumer, provider, workload, status, minute_seconds`,
}

export const USAGE_VIEWS: readonly View[] = [USAGE_VIEW]
