import type { Relations } from '../table/relation.ts'
import { hexLiteral } from '../table/text.ts'
import { PAYMENT_KINDS } from '../words.ts'
import { type Rule, hexText } from './rule.ts'

/** What every vault took in and gave out: a sale's price goes to the seller, not to the vault. */
function vaults(from: Relations): string {
  const sale = PAYMENT_KINDS.indexOf('SALE')
  return `(
    select asset_id, sum(credit) as credits, sum(debit) as debits
    from (
      select asset_id, toInt256(amount) - toInt256(fee) as credit, toInt256(0) as debit
      from ${from.relation('payment_made')} as paid where kind != ${sale}
      union all
      select parent_id, toInt256(amount), toInt256(0) from ${from.relation('royalty_paid')} as earned
      union all
      select child_id, toInt256(0), toInt256(amount) from ${from.relation('royalty_paid')} as owed
      union all
      select asset_id, toInt256(0), toInt256(amount) from ${from.relation('revenue_claimed')} as taken
    )
    group by asset_id
  )`
}

const BALANCES: Rule = {
  name: 'stakes-within-balances',
  sentence: 'No account has less of the token than nothing, nor less than it has staked.',
  violationsSql: (from) => `
    select
      ${hexText('account')} as subject,
      concat('at least ', toString(staked)) as expected,
      toString(amount) as found
    from ${from.relation('balance')} as held
    where amount < toInt256(staked)`,
}

const TOKEN_STAKES: Rule = {
  name: 'token-stakes-add-up',
  sentence: 'The changes of an account’s stake add up to what it has staked.',
  violationsSql: (from) => stakesSql(from, 'token_staked', 'account', 'staked'),
}

const PROVIDER_STAKES: Rule = {
  name: 'provider-stakes-add-up',
  sentence: 'The changes of a provider’s stake add up to its stake.',
  violationsSql: (from) => stakesSql(from, 'stake_changed', 'provider', 'stake'),
}

const VAULTS: Rule = {
  name: 'vaults-pay-from-credits',
  sentence:
    'No vault has paid out more, in royalties and claims, than payments and royalties put in.',
  violationsSql: (from) => `
    select
      ${hexText('asset_id')} as subject,
      concat('at most ', toString(credits)) as expected,
      toString(debits) as found
    from ${vaults(from)} as sums
    where debits > credits`,
}

const VAULT_TOKENS: Rule = {
  name: 'payments-equal-credits',
  sentence: 'The vault contract holds the tokens that the vaults of all assets are owed.',
  violationsSql: (from, { RevenueVault }) => `
    select
      'RevenueVault' as subject,
      concat('at least ', toString(owed)) as expected,
      toString(held) as found
    from (
      select
        (select sum(credits - debits) from ${vaults(from)} as sums) as owed,
        (select sum(multiIf(
            sender = recipient, toInt256(0),
            recipient = ${hexLiteral(RevenueVault)}, toInt256(amount),
            -toInt256(amount)
          ))
          from ${from.relation('token_transferred')} as moved
          where recipient = ${hexLiteral(RevenueVault)} or sender = ${hexLiteral(RevenueVault)}
        ) as held
    )
    where held < owed`,
}

const FEES: Rule = {
  name: 'fees-fund-epochs',
  sentence: 'The fees of all payments are what the vault contract funded epochs with.',
  violationsSql: (from, { RevenueVault }) => `
    select 'RevenueVault' as subject, toString(fees) as expected, toString(funded) as found
    from (
      select
        (select sum(fee) from ${from.relation('payment_made')} as paid) as fees,
        (select sum(amount) from ${from.relation('epoch_funded')} as budgets
          where funder = ${hexLiteral(RevenueVault)}) as funded
    )
    where fees != funded`,
}

const HOLDERS: Rule = {
  name: 'assets-change-hands',
  sentence: 'Whoever passes an asset on is who held it before.',
  violationsSql: (from) => `
    select
      ${hexText('asset_id')} as subject,
      concat('passed on by ', ${hexText('holder')}, ' in block ', toString(block)) as expected,
      concat('by ', ${hexText('sender')}) as found
    from (
      select asset_id, sender, block, lagInFrame(recipient) over (
        partition by asset_id order by block, log_index
        rows between 1 preceding and current row
      ) as holder
      from ${from.relation('asset_transferred')} as moved
    )
    where sender != holder`,
}

/** What must hold of tokens, stakes, vaults and holders. */
export const MONEY_RULES: readonly Rule[] = [
  BALANCES,
  TOKEN_STAKES,
  PROVIDER_STAKES,
  VAULTS,
  VAULT_TOKENS,
  FEES,
  HOLDERS,
]

function stakesSql(from: Relations, table: string, owner: string, stake: string): string {
  return `
    select
      ${hexText(owner)} as subject,
      toString(argMax(${stake}, (block, log_index))) as expected,
      toString(sum(change)) as found
    from ${from.relation(table)} as changes
    group by ${owner}
    having sum(change) != toInt256(argMax(${stake}, (block, log_index)))`
}
