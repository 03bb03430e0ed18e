import { POOLS, type Pool, type Ruleset } from '@foggara/schema'

import { largestRemainderSql } from './largest-remainder-sql.ts'
import { type LinesRelation, assetRows, paidReceiptRows } from './snapshot-relations.ts'

/** What the pools are divided by. */
export type PoolInputs = {
  readonly lines: LinesRelation
  /** `measure`, `id`, `score`: a relation in parentheses, or a name. */
  readonly scores: string
  readonly ruleset: Ruleset
  readonly budget: bigint
}

/** A payee that is fixed at its pool's cap; `reason` is empty for what is paid. */
export type CappedPayee = {
  readonly pool: Pool
  readonly account: string
  readonly reason: string
}

/** The pools: `pool`, `bps`, `amount`, `cap`. */
export function poolRows({ ruleset, budget }: PoolInputs): string {
  const list = POOLS.map((pool) => `('${pool}', toUInt32(${ruleset.pools[pool]}))`)
  const named = `(
    select item.1 as pool, item.2 as bps from (select arrayJoin([${list.join(', ')}]) as item)
  )`
  const divided = largestRemainderSql({
    relation: `(select * from ${named} where bps > 0)`,
    group: [],
    total: `'${budget}'`,
    weight: 'bps',
    id: 'pool',
  })
  return `(
    select
      listed.pool as pool,
      listed.bps as bps,
      divided.amount as amount,
      if(
        listed.pool = 'treasury', divided.amount,
        intDiv(divided.amount * toUInt256(${ruleset.payeeCapBps}), toUInt256(10000))
      ) as cap
    from ${named} as listed
    left join ${divided} as divided on divided.pool = listed.pool
  )`
}

/** The score parts of every pool: `pool`, `account`, `source_id`, `part`, `reason`. */
export function scorePartRows(inputs: PoolInputs): string {
  const { lines, scores, ruleset } = inputs
  const assetParts = largestRemainderSql({
    relation: `(
      select
        if(scored.measure = 'rank', 'creators', 'dataProviders') as pool,
        shared.account as account, scored.id as source_id, scored.score as source_score,
        shared.fingers as fingers, shared.kind as kind
      from ${scores} as scored
      inner join ${fingerRows(lines)} as shared on shared.asset_id = scored.id
      where (scored.measure = 'rank' and shared.kind not in ('DATASET', 'COMPUTE')
          or scored.measure = 'flow' and shared.kind = 'DATASET')
        and shared.fingers > 0
    )`,
    group: ['pool', 'source_id'],
    total: 'source_score',
    weight: 'fingers',
    id: 'account',
  })
  return `(
    select pool, account, source_id, part,
      multiIf(
        account in (
          select JSONExtractString(line, 'account') from ${lines} where table_name = 'exclusions'
        ), 'excluded',
        pool in ('creators', 'dataProviders') and source_id in (
          select JSONExtractString(line, 'assetId') from ${lines}
          where table_name = 'disputedAssets'
        ), 'disputed',
        pool = 'computeOperators' and source_id in (
          select JSONExtractString(line, 'provider') from ${lines}
          where table_name = 'slashedProviders'
        ), 'slashed',
        ''
      ) as reason
    from (
      select pool, account, source_id, amount as part from ${assetParts}
      union all
      select
        if(measure = 'work', 'computeOperators', 'reviewers') as pool,
        id as account, id as source_id, toUInt256(score) as part
      from ${scores}
      where measure in ('work', 'review')
      union all
      select 'treasury' as pool, '${ruleset.treasury}' as account,
        '${ruleset.treasury}' as source_id, toUInt256(1) as part
    )
    where part > 0
  )`
}

/**
 * One round of water-filling: every payee with `pool`, `account`, `reason`, `weight`, its `amount`,
 * and `is_over` when that is above the cap. Capped payees stand at the cap, the others divide what
 * is left.
 */
export function payeeRows(inputs: PoolInputs, capped: readonly CappedPayee[]): string {
  const list = capped.map(({ pool, account, reason }) => `('${pool}', '${account}', '${reason}')`)
  const isCapped =
    list.length === 0
      ? 'false'
      : `(paid_by.pool, paid_by.account, paid_by.reason) in (${list.join(', ')})`
  const counts = POOLS.map((pool) => capped.filter((payee) => payee.pool === pool).length)
  const cappedCount = `toUInt256([${counts.join(', ')}][indexOf(${words(POOLS)}, pool.pool)])`
  const payees = `(
    select
      paid_by.pool as pool, paid_by.account as account, paid_by.reason as reason,
      paid_by.weight as weight, pool.cap as cap,
      toUInt256(pool.amount - pool.cap * ${cappedCount}) as left_over,
      ${isCapped} as is_capped,
      concat(paid_by.account, paid_by.reason) as payee_id
    from (
      select pool, account, reason, sum(part) as weight
      from ${scorePartRows(inputs)}
      group by pool, account, reason
    ) as paid_by
    inner join ${poolRows(inputs)} as pool on pool.pool = paid_by.pool
  )`
  const free = largestRemainderSql({
    relation: `(select * from ${payees} where not is_capped)`,
    group: ['pool'],
    total: 'left_over',
    weight: 'weight',
    id: 'payee_id',
  })
  return `(
    select pool, account, reason, weight, amount, amount > cap as is_over from ${free}
    union all
    select pool, account, reason, weight, cap as amount, false as is_over
    from ${payees}
    where is_capped
  )`
}

/** Every part with its `amount`: a payee's amount divided over its parts. */
export function pricedPartRows(inputs: PoolInputs, capped: readonly CappedPayee[]): string {
  return largestRemainderSql({
    relation: `(
      select
        part.pool as pool, part.account as account, part.source_id as source_id,
        part.part as part, part.reason as reason, payee.amount as payee_amount
      from ${scorePartRows(inputs)} as part
      inner join ${payeeRows(inputs, capped)} as payee
        on payee.pool = part.pool and payee.account = part.account and payee.reason = part.reason
    )`,
    group: ['pool', 'account', 'reason'],
    total: 'payee_amount',
    weight: 'part',
    id: 'source_id',
  })
}

/**
 * Whose an asset's score is: `asset_id`, `kind`, `account`, `fingers`. Contributors have their
 * shares, holders divide the rest by the fees used while they held it.
 */
function fingerRows(lines: LinesRelation): string {
  const holdings = `(
    select asset_id, holder, sum(used) as weight, sum(sum(used)) over (partition by asset_id) as total
    from (
      select
        JSONExtractString(line, 'assetId') as asset_id,
        JSONExtractString(line, 'holder') as holder,
        toUInt256(JSONExtractString(line, 'weight')) as used
      from ${lines}
      where table_name = 'holdings'
    )
    group by asset_id, holder
  )`
  const holders = `(
    select asset_id, holder, weight, total from ${holdings} where total > 0
    union all
    select asset_id, holder, toUInt256(1) as weight, toUInt256(1) as total
    from ${assetRows(lines)}
    where asset_id not in (select asset_id from ${holdings} where total > 0)
  )`
  const contributions = `(
    select
      JSONExtractString(line, 'assetId') as asset_id,
      JSONExtractString(line, 'contributor') as contributor,
      sum(toUInt256(JSONExtractUInt(line, 'shareE8'))) as share
    from ${lines}
    where table_name = 'contributions'
    group by asset_id, contributor
  )`
  return `(
    select owned.asset_id as asset_id, asset.kind as kind, owned.account as account,
      sum(owned.fingers) as fingers
    from (
      select given.asset_id as asset_id, given.contributor as account,
        given.share * held.total as fingers
      from ${contributions} as given
      inner join (select asset_id, max(total) as total from ${holders} group by asset_id) as held
        on held.asset_id = given.asset_id
      union all
      select held.asset_id as asset_id, held.holder as account,
        held.weight * toUInt256(100000000 - least(given.share, toUInt256(100000000))) as fingers
      from ${holders} as held
      left join (select asset_id, sum(share) as share from ${contributions} group by asset_id) as given
        on given.asset_id = held.asset_id
    ) as owned
    inner join ${assetRows(lines)} as asset on asset.asset_id = owned.asset_id
    group by asset_id, kind, account
  )`
}

/** The scores of providers and reviewers: `measure`, `id`, `score`. */
export function workAndReviewRows(lines: LinesRelation): string {
  return `(
    select 'work' as measure, provider as id, sum(fee) as score
    from ${paidReceiptRows(lines)}
    group by provider
    union all
    select 'review' as measure, account as id, toUInt256(sum(acts)) as score
    from (
      select
        JSONExtractString(line, 'account') as account, JSONExtractUInt(line, 'count') as acts
      from ${lines}
      where table_name = 'reviews'
    )
    where acts > 0
    group by account
  )`
}

function words(list: readonly string[]): string {
  return `[${list.map((word) => `'${word}'`).join(', ')}]`
}
