import { PAYMENT_KINDS } from '../words.ts'
import { EVIDENCE, type View, columns, evidenceOf, wordOf } from './view.ts'

/** Licence terms on offer or withdrawn. */
export const LICENCE_TERMS_VIEW: View = {
  name: 'licence_terms',
  key: ['terms_id'],
  columns: columns({
    terms_id: 'UInt256',
    asset_id: 'FixedString(32)',
    licensor: 'FixedString(20)',
    price: 'UInt256',
    royalty_share_e8: 'UInt32',
    commercial_use: 'Bool',
    derivatives_allowed: 'Bool',
    duration_seconds: 'UInt64',
    uri: 'String',
    is_withdrawn: 'Bool',
    licence_count: 'UInt64',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      offered.terms_id as terms_id,
      offered.asset_id as asset_id,
      offered.licensor as licensor,
      offered.price as price,
      offered.royalty_share_e8 as royalty_share_e8,
      offered.commercial_use as commercial_use,
      offered.derivatives_allowed as derivatives_allowed,
      offered.duration_seconds as duration_seconds,
      offered.uri as uri,
      toBool(offered.terms_id in (
        select terms_id from ${from.relation('licence_terms_withdrawn')}
      )) as is_withdrawn,
      granted.licence_count as licence_count,
      ${evidenceOf('offered')}
    from ${from.relation('licence_terms_offered')} as offered
    left join (
      select terms_id, count() as licence_count
      from ${from.relation('licence_granted')}
      group by terms_id
    ) as granted on granted.terms_id = offered.terms_id`,
}

/** Licences with holder and state at the cut: ACTIVE, EXPIRED or REVOKED. */
export const LICENCE_VIEW: View = {
  name: 'licence',
  key: ['licence_id'],
  columns: columns({
    licence_id: 'UInt256',
    terms_id: 'UInt256',
    asset_id: 'FixedString(32)',
    licensee: 'FixedString(20)',
    holder: 'FixedString(20)',
    price: 'UInt256',
    expires_at_seconds: 'UInt64',
    status: 'String',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      granted.licence_id as licence_id,
      granted.terms_id as terms_id,
      granted.asset_id as asset_id,
      granted.licensee as licensee,
      if(moved.moves = 0, granted.licensee, moved.holder) as holder,
      granted.price as price,
      granted.expires_at_seconds as expires_at_seconds,
      multiIf(
        granted.licence_id in (select licence_id from ${from.relation('licence_revoked')}), 'REVOKED',
        granted.expires_at_seconds != 0 and granted.expires_at_seconds <= ${from.nowSeconds}, 'EXPIRED',
        'ACTIVE'
      ) as status,
      ${evidenceOf('granted')}
    from ${from.relation('licence_granted')} as granted
    left join (
      select licence_id, count() as moves, argMax(recipient, (block, log_index)) as holder
      from ${from.relation('licence_transferred')}
      group by licence_id
    ) as moved on moved.licence_id = granted.licence_id`,
}

/** Listings: OPEN, SOLD or CANCELLED. */
export const LISTING_VIEW: View = {
  name: 'listing',
  key: ['listing_id'],
  columns: columns({
    listing_id: 'UInt256',
    asset_id: 'FixedString(32)',
    seller: 'FixedString(20)',
    price: 'UInt256',
    status: 'String',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      created.listing_id as listing_id,
      created.asset_id as asset_id,
      created.seller as seller,
      created.price as price,
      multiIf(
        created.listing_id in (select listing_id from ${from.relation('sale_completed')}), 'SOLD',
        created.listing_id in (select listing_id from ${from.relation('listing_cancelled')}), 'CANCELLED',
        'OPEN'
      ) as status,
      ${evidenceOf('created')}
    from ${from.relation('listing_created')} as created`,
}

/** Completed sales. */
export const SALE_VIEW: View = {
  name: 'sale',
  key: ['block', 'log_index'],
  columns: columns({
    listing_id: 'UInt256',
    asset_id: 'FixedString(32)',
    buyer: 'FixedString(20)',
    seller: 'FixedString(20)',
    price: 'UInt256',
    fee: 'UInt256',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select listing_id, asset_id, buyer, seller, price, fee,
      block, log_index, transaction_hash, at_seconds
    from ${from.relation('sale_completed')}`,
}

/** Payments into assets' vaults. */
export const PAYMENT_VIEW: View = {
  name: 'payment',
  key: ['block', 'log_index'],
  columns: columns({
    asset_id: 'FixedString(32)',
    payer: 'FixedString(20)',
    kind: 'String',
    amount: 'UInt256',
    fee: 'UInt256',
    subject: 'FixedString(32)',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select asset_id, payer, ${wordOf(PAYMENT_KINDS, 'made.kind')} as kind, amount, fee, subject,
      block, log_index, transaction_hash, at_seconds
    from ${from.relation('payment_made')} as made`,
}

/** Royalties passed from a child's vault to a parent's. */
export const ROYALTY_VIEW: View = {
  name: 'royalty',
  key: ['block', 'log_index'],
  columns: columns({
    child_id: 'FixedString(32)',
    parent_id: 'FixedString(32)',
    amount: 'UInt256',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select child_id, parent_id, amount, block, log_index, transaction_hash, at_seconds
    from ${from.relation('royalty_paid')}`,
}

/** What an asset's vault took in and gave out. */
export const ASSET_REVENUE_VIEW: View = {
  name: 'asset_revenue',
  key: ['asset_id'],
  columns: columns({
    asset_id: 'FixedString(32)',
    paid_in: 'UInt256',
    fees: 'UInt256',
    royalties_in: 'UInt256',
    royalties_out: 'UInt256',
    claimed: 'UInt256',
    payment_count: 'UInt64',
  }),
  sql: (from) => `
    select
      asset_id,
      sum(paid_in) as paid_in,
      sum(fees) as fees,
      sum(royalties_in) as royalties_in,
      sum(royalties_out) as royalties_out,
      sum(claimed) as claimed,
      sum(payment_count) as payment_count
    from (
      select asset_id, amount as paid_in, fee as fees, toUInt256(0) as royalties_in,
        toUInt256(0) as royalties_out, toUInt256(0) as claimed, toUInt64(1) as payment_count
      from ${from.relation('payment_made')}
      union all
      select parent_id, toUInt256(0), toUInt256(0), amount, toUInt256(0), toUInt256(0), toUInt64(0)
      from ${from.relation('royalty_paid')}
      union all
      select child_id, toUInt256(0), toUInt256(0), toUInt256(0), amount, toUInt256(0), toUInt64(0)
      from ${from.relation('royalty_paid')}
      union all
      select asset_id, toUInt256(0), toUInt256(0), toUInt256(0), toUInt256(0), amount, toUInt64(0)
      from ${from.relation('revenue_claimed')}
    )
    group by asset_id`,
}

/** Token balances and stakes by account. */
export const BALANCE_VIEW: View = {
  name: 'balance',
  key: ['account'],
  columns: columns({ account: 'FixedString(20)', amount: 'Int256', staked: 'UInt256' }),
  sql: (from) => `
    select account, sum(change) as amount, max(stake) as staked
    from (
      select recipient as account, toInt256(amount) as change, toUInt256(0) as stake
      from ${from.relation('token_transferred')}
      union all
      select sender, -toInt256(amount), toUInt256(0)
      from ${from.relation('token_transferred')}
      union all
      select account, toInt256(0), argMax(staked, (block, log_index))
      from ${from.relation('token_staked')}
      group by account
    )
    where account != toFixedString('', 20)
    group by account`,
}

export const MARKET_VIEWS: readonly View[] = [
  LICENCE_TERMS_VIEW,
  LICENCE_VIEW,
  LISTING_VIEW,
  SALE_VIEW,
  PAYMENT_VIEW,
  ROYALTY_VIEW,
  ASSET_REVENUE_VIEW,
  BALANCE_VIEW,
]
