import type { Relations } from '../table/relation.ts'
import { saturatedSum } from './exact-sum.ts'
import { type View, columns } from './view.ts'

/** What no consumer exceeds in `capped_fee`, of all fees of the epoch. Unit: basis points. */
export const CONSUMER_CAP_BPS = 1_000

/** The receipts that count in each closed epoch, as its snapshot has them. */
function countedReceipts(from: Relations): string {
  const hex = (value: string, length: number): string =>
    `toFixedString(unhex(substring(${value}, 3)), ${length})`
  const text = (name: string): string => `JSONExtractString(line, '${name}')`
  return `(
    select
      epoch,
      ${hex(text('digest'), 32)} as digest,
      ${hex(text('consumer'), 20)} as consumer,
      arrayMap(
        item -> ${hex('item', 32)}, JSONExtract(line, 'assets', 'Array(String)')
      ) as assets,
      toUInt256(${text('units')}) as units,
      toUInt256(${text('fee')}) as fee
    from ${from.relation('snapshot_line')}
    where table_name = 'receipts'
  )`
}

/**
 * Each receipt's fee, and what it would be if no consumer counted for more than its cap: the cap of a
 * consumer above it is divided over its receipts by the largest remainders, ties by digest.
 */
function cappedReceipts(from: Relations): string {
  return `(
    select epoch, consumer, assets, units, fee,
      if(consumer_fee <= cap, fee, quota + toUInt256(
        row_number() over (
          partition by epoch, consumer order by cap * fee - quota * consumer_fee desc, digest
        ) <= cap - sum(quota) over (partition by epoch, consumer)
      )) as capped_fee
    from (
      select *,
        intDiv(sum(fee) over (partition by epoch) * ${CONSUMER_CAP_BPS}, 10000) as cap,
        sum(fee) over (partition by epoch, consumer) as consumer_fee,
        if(consumer_fee = 0, toUInt256(0), intDiv(cap * fee, consumer_fee)) as quota
      from ${countedReceipts(from)}
    )
  )`
}

/**
 * The usage graph of closed epochs: who used which asset how much. A receipt stands with each of its
 * assets. `capped_fee` is evidence beside the fee; no reward is computed from it.
 */
export const EPOCH_USAGE_VIEW: View = {
  name: 'epoch_usage',
  key: ['epoch', 'consumer', 'asset_id'],
  columns: columns({
    epoch: 'UInt32',
    consumer: 'FixedString(20)',
    asset_id: 'FixedString(32)',
    receipt_count: 'UInt64',
    units: 'UInt256',
    fee: 'UInt256',
    capped_fee: 'UInt256',
  }),
  sql: (from) => `
    select epoch, consumer, asset_id,
      count() as receipt_count,
      ${saturatedSum('used.units')} as units,
      sum(used.fee) as fee,
      sum(used.capped_fee) as capped_fee
    from (
      select epoch, consumer, arrayJoin(assets) as asset_id, units, fee, capped_fee
      from ${cappedReceipts(from)}
    ) as used
    group by epoch, consumer, asset_id`,
}

/**
 * Assets that were used together in closed epochs: a pair per two assets of a receipt, the lower id
 * first. A receipt has at most 16 assets and so at most 120 pairs.
 */
export const EPOCH_USAGE_PAIR_VIEW: View = {
  name: 'epoch_usage_pair',
  key: ['epoch', 'asset_id', 'other_asset_id'],
  columns: columns({
    epoch: 'UInt32',
    asset_id: 'FixedString(32)',
    other_asset_id: 'FixedString(32)',
    receipt_count: 'UInt64',
    fee: 'UInt256',
  }),
  sql: (from) => `
    select epoch, pair.1 as asset_id, pair.2 as other_asset_id,
      count() as receipt_count, sum(used.fee) as fee
    from (
      select epoch, fee, arrayJoin(arrayFlatten(arrayMap(
        (first, place) -> arrayMap(second -> (first, second), arraySlice(assets, place + 1)),
        assets, arrayEnumerate(assets)
      ))) as pair
      from ${countedReceipts(from)}
    ) as used
    group by epoch, asset_id, other_asset_id`,
}

export const EPOCH_USAGE_VIEWS: readonly View[] = [EPOCH_USAGE_VIEW, EPOCH_USAGE_PAIR_VIEW]
