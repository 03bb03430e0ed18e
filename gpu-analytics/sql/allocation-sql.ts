import type { LinesRelation } from './snapshot-relations.ts'

/**
 * The ledger after the epoch, ascending by account: `account`, `earned`, `carryBefore`, `carryAfter`,
 * `paid`, `cumulative`. `earnings` has `account` and `amount`.
 */
export function allocationsSql(lines: LinesRelation, earnings: string, payoutMin: bigint): string {
  const minimum = `toUInt256('${payoutMin}')`
  return `
    select account as "account", earned as "earned", carry as "carryBefore",
      if(carry + earned < ${minimum}, carry + earned, toUInt256(0)) as "carryAfter",
      if(carry + earned < ${minimum}, toUInt256(0), carry + earned) as "paid",
      cumulative_before + if(carry + earned < ${minimum}, toUInt256(0), carry + earned)
        as "cumulative"
    from (
      select account, sum(amount) as earned, sum(carried) as carry, sum(before) as cumulative_before
      from (
        select account, amount, toUInt256(0) as carried, toUInt256(0) as before from ${earnings}
        union all
        select
          JSONExtractString(line, 'account') as account, toUInt256(0) as amount,
          toUInt256(JSONExtractString(line, 'carry')) as carried,
          toUInt256(JSONExtractString(line, 'cumulative')) as before
        from ${lines}
        where table_name = 'balances'
      )
      group by account
    )
    order by account`
}
