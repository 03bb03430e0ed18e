import { EVIDENCE, type View, columns } from '@foggara/schema'

import { type ViewSql, domainRows, idOfAddress } from '../adapter.ts'

/**
 * Everything that the royalty module logged as paid to an asset, with its token. `is_redistribution` marks
 * what a group's reward pool passes on to a member: it was revenue of the group before.
 */
export const STORY_PAYMENT_VIEW: View = {
  name: 'story_payment',
  key: ['block', 'log_index'],
  columns: columns({
    asset_id: 'FixedString(32)',
    payer_id: 'FixedString(32)',
    payer: 'FixedString(20)',
    kind: 'String',
    token: 'FixedString(20)',
    amount: 'UInt256',
    fee: 'UInt256',
    is_redistribution: 'Bool',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      cast(${idOfAddress('receiver_ip_id')}, 'FixedString(32)') as asset_id,
      cast(${idOfAddress('payer_ip_id')}, 'FixedString(32)') as payer_id,
      sender as payer,
      if(payer_ip_id = toFixedString('', 20), 'TIP', 'USAGE') as kind,
      token,
      amount,
      if(amount_after_fee > amount, toUInt256(0), amount - amount_after_fee) as fee,
      toBool(sender in (
        select group_pool from ${from.relation('story_group_ipgroup_registered')}
        union all
        select pool from ${from.relation('story_group_collected_royalties_to_group_pool')}
      )) as is_redistribution,
      block, log_index, transaction_hash, at_seconds
    from ${from.relation('story_royalty_royalty_paid')}
    union all
    select
      cast(${idOfAddress('receiver_ip_id')}, 'FixedString(32)'),
      toFixedString('', 32),
      payer_address,
      'LICENCE',
      token,
      amount,
      if(amount_after_fee > amount, toUInt256(0), amount - amount_after_fee),
      toBool(false),
      block, log_index, transaction_hash, at_seconds
    from ${from.relation('story_royalty_license_minting_fee_paid')}`,
}

const payment: ViewSql = (from) =>
  domainRows(
    'payment',
    from.relation('story_payment'),
    {
      asset_id: 'source.asset_id',
      payer: 'source.payer',
      kind: 'source.kind',
      amount: 'source.amount',
      fee: 'source.fee',
      subject: idOfAddress('source.token'),
    },
    'where not source.is_redistribution',
  )

/** What an ancestor pulled of a derivative's revenue, and what a group passed on to its members. */
const royalty: ViewSql = (from) => `${domainRows(
  'royalty',
  from.relation('story_policy_revenue_transferred_to_vault'),
  {
    child_id: idOfAddress('source.ip_id'),
    parent_id: idOfAddress('source.ancestor_ip_id'),
    amount: 'source.amount',
  },
)}
union all
${domainRows(
  'royalty',
  from.relation('story_payment'),
  { child_id: 'source.payer_id', parent_id: 'source.asset_id', amount: 'source.amount' },
  'where source.is_redistribution',
)}`

/** Domain relations of payments. */
export const STORY_PAYMENT_VIEWS: Readonly<Record<string, ViewSql>> = { payment, royalty }
