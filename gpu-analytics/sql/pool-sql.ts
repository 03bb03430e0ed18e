import { POOLS, type Pool, type Ruleset } from '@foggara/schema'

import { largestRemainderSql } from './largest-remainder-sql.ts'
import { type NamedRelation, withRelations } from './scalar-relation.ts'
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

/**
 * The `with` clause of one round of water-filling. It gives `pool_list` (`pool`, `bps`, `amount`,
 * `cap`), `score_part` (`pool`, `account`, `source_id`, `part`, `reason`) and `payee` (`pool`,
 * `account`, `reason`, `amount`, `is_over`). Capped payees stand at the cap, the others divide what is left; `is_over` says who got
 * more than the cap.
 */
export function withPayees(inputs: PoolInputs, capped: readonly CappedPayee[]): string {
  return withRelations([...scorePartRelations(inputs), ...payeeRelations(capped)])
}

/**
 * The same with `priced`: every part (`pool`, `account`, `source_id`, `part`, `reason`) and its
 * `amount`, a payee's amount divided over its parts.
 */
export function withPricedParts(inputs: PoolInputs, capped: readonly CappedPayee[]): string {
  const priced = largestRemainderSql({
    relation: `(
      select score_part.*, payee.amount as payee_amount
      from score_part
      inner join payee
        on payee.pool = score_part.pool and payee.account = score_part.account
        and payee.reason = score_part.reason
    )`,
    group: ['pool', 'account', 'reason'],
    total: 'payee_amount',
    weight: 'part',
    id: 'source_id',
  })
  return withRelations([
    ...scorePartRelations(inputs),
    ...payeeRelations(capped),
    {
      name: 'priced',
      columns: ['pool', 'account', 'source_id', 'part', 'reason', 'amount'],
      rows: `(select * from ${priced} where amount > 0)`,
    },
  ])
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

function scorePartRelations(inputs: PoolInputs): readonly NamedRelation[] {
  return [
    {
      name: 'pool_list',
      columns: ['pool', 'bps', 'amount', 'cap'],
      rows: poolRows(inputs),
    },
    ...fingerRelations(inputs.lines),
    {
      name: 'score_part',
      columns: ['pool', 'account', 'source_id', 'part', 'reason'],
      rows: scorePartRows(inputs),
    },
  ]
}

function poolRows({ ruleset, budget }: PoolInputs): string {
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

/**
 * Whose an asset's score is, as `finger` (`asset_id`, `kind`, `account`, `fingers`): contributors
 * have their shares, holders divide the rest by the fees used while they held it.
 */
function fingerRelations(lines: LinesRelation): readonly NamedRelation[] {
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
  return [
    { name: 'asset', columns: ['asset_id', 'kind', 'holder'], rows: assetRows(lines) },
    {
      name: 'used',
      columns: ['asset_id', 'holder', 'weight', 'total'],
      rows: `(select * from ${holdings} where total > 0)`,
    },
    {
      name: 'held',
      columns: ['asset_id', 'holder', 'weight', 'total'],
      rows: `(
        select * from used
        union all
        select asset_id, holder, toUInt256(1) as weight, toUInt256(1) as total
        from asset
        where asset_id not in (select asset_id from used)
      )`,
    },
    {
      name: 'given',
      columns: ['asset_id', 'contributor', 'share'],
      rows: `(
        select
          JSONExtractString(line, 'assetId') as asset_id,
          JSONExtractString(line, 'contributor') as contributor,
          sum(toUInt256(JSONExtractUInt(line, 'shareE8'))) as share
        from ${lines}
        where table_name = 'contributions'
        group by asset_id, contributor
      )`,
    },
    { name: 'finger', columns: ['asset_id', 'kind', 'account', 'fingers'], rows: FINGER_ROWS },
  ]
}

const FINGER_ROWS = `(
  select owned.asset_id as asset_id, asset.kind as kind, owned.account as account,
    sum(owned.fingers) as fingers
  from (
    select given.asset_id as asset_id, given.contributor as account,
      given.share * totals.total as fingers
    from given
    inner join (select asset_id, max(total) as total from held group by asset_id) as totals
      on totals.asset_id = given.asset_id
    union all
    select held.asset_id as asset_id, held.holder as account,
      held.weight * toUInt256(100000000 - least(shared.share, toUInt256(100000000))) as fingers
    from held
    left join (select asset_id, sum(share) as share from given group by asset_id) as shared
      on shared.asset_id = held.asset_id
  ) as owned
  inner join asset on asset.asset_id = owned.asset_id
  group by asset_id, kind, account
)`

function scorePartRows({ lines, scores, ruleset }: PoolInputs): string {
  const assetParts = largestRemainderSql({
    relation: `(
      select
        if(scored.measure = 'rank', 'creators', 'dataProviders') as pool,
        finger.account as account, scored.id as source_id, scored.score as source_score,
        finger.fingers as fingers
      from ${scores} as scored
      inner join finger on finger.asset_id = scored.id
      where (scored.measure = 'rank' and finger.kind not in ('DATASET', 'COMPUTE')
          or scored.measure = 'flow' and finger.kind = 'DATASET')
        and finger.fingers > 0
    )`,
    group: ['pool', 'source_id'],
    total: 'source_score',
    weight: 'fingers',
    id: 'account',
  })
  const listed = (table: string, field: string) =>
    `(select JSONExtractString(line, '${field}') from ${lines} where table_name = '${table}')`
  return `(
    select pool, account, source_id, part,
      multiIf(
        account in ${listed('exclusions', 'account')}, 'excluded',
        pool in ('creators', 'dataProviders')
          and source_id in ${listed('disputedAssets', 'assetId')}, 'disputed',
        pool = 'computeOperators'
          and source_id in ${listed('slashedProviders', 'provider')}, 'slashed',
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

function payeeRelations(capped: readonly CappedPayee[]): readonly NamedRelation[] {
  const list = capped.map(({ pool, account, reason }) => `('${pool}', '${account}', '${reason}')`)
  const isCapped =
    list.length === 0
      ? 'false'
      : `(weighed.pool, weighed.account, weighed.reason) in (${list.join(', ')})`
  const counts = POOLS.map((pool) => capped.filter((payee) => payee.pool === pool).length)
  const pools = POOLS.map((pool) => `'${pool}'`)
  const cappedCount = `toUInt256([${counts.join(', ')}][indexOf([${pools.join(', ')}], weighed.pool)])`
  const free = largestRemainderSql({
    relation: '(select * from claim where not is_capped)',
    group: ['pool'],
    total: 'left_over',
    weight: 'weight',
    id: 'payee_id',
  })
  return [
    {
      name: 'claim',
      columns: ['pool', 'account', 'reason', 'weight', 'cap', 'left_over', 'is_capped', 'payee_id'],
      rows: `(
        select
          weighed.pool as pool, weighed.account as account, weighed.reason as reason,
          weighed.weight as weight, pool_list.cap as cap,
          toUInt256(pool_list.amount - pool_list.cap * ${cappedCount}) as left_over,
          ${isCapped} as is_capped,
          concat(weighed.account, weighed.reason) as payee_id
        from (
          select pool, account, reason, sum(part) as weight
          from score_part
          group by pool, account, reason
        ) as weighed
        inner join pool_list on pool_list.pool = weighed.pool
      )`,
    },
    {
      name: 'payee',
      columns: ['pool', 'account', 'reason', 'amount', 'is_over'],
      rows: `(
        select pool, account, reason, amount, amount > cap as is_over from ${free}
        union all
        select pool, account, reason, cap as amount, false as is_over from claim where is_capped
      )`,
    },
  ]
}
