import { EVIDENCE, type View, columns } from '@foggara/schema'

import { type ViewSql, domainRows, idOfAddress as id } from '../adapter.ts'

/** From when to when an IP asset was a member of a group. */
export const STORY_GROUP_MEMBER_VIEW: View = {
  name: 'story_group_member',
  key: ['group_id', 'member_id', 'block', 'log_index'],
  columns: columns({
    group_id: 'FixedString(32)',
    member_id: 'FixedString(32)',
    from_block: 'UInt64',
    to_block: 'Nullable(UInt64)',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      ${id('added.group_id')} as group_id,
      ${id('added.member')} as member_id,
      added.block as from_block,
      if(removed.last > (added.block, added.log_index), arrayMin(arrayMap(
        place -> place.1, arrayFilter(place -> place > (added.block, added.log_index), removed.places)
      )), null) as to_block,
      added.block as block,
      added.log_index as log_index,
      added.transaction_hash as transaction_hash,
      added.at_seconds as at_seconds
    from (
      select *, arrayJoin(arrayDistinct(ip_ids)) as member
      from ${from.relation('story_group_added_ip_to_group')}
    ) as added
    left join (
      select group_id, member, groupArray((block, log_index)) as places, max((block, log_index)) as last
      from (
        select group_id, block, log_index, arrayJoin(arrayDistinct(ip_ids)) as member
        from ${from.relation('story_group_removed_ip_from_group')}
      )
      group by group_id, member
    ) as removed on removed.group_id = added.group_id and removed.member = added.member`,
}

const dispute: ViewSql = (from) =>
  domainRows(
    'dispute',
    `(
      select dispute_id, target_ip_id as ip_id, dispute_initiator as raised_by, target_tag as tag,
        dispute_evidence_hash as evidence_hash, 'OPEN' as first_status,
        block, log_index, transaction_hash, at_seconds
      from ${from.relation('story_dispute_dispute_raised')}
      union all
      select dispute_id, ip_id_to_tag, toFixedString('', 20), tag, toFixedString('', 32), 'UPHELD',
        block, log_index, transaction_hash, at_seconds
      from ${from.relation('story_dispute_ip_tagged_on_related_ip_infringement')}
    )`,
    {
      dispute_id: 'source.dispute_id',
      asset_id: id('source.ip_id'),
      raised_by: 'source.raised_by',
      reason: 'toStringCutToZero(source.tag)',
      evidence_hash: 'source.evidence_hash',
      status: "if(outcome.status = '', source.first_status, outcome.status)",
      resolved_block: "if(outcome.status = '', null, outcome.last_block)",
    },
    `left join (
      select dispute_id, argMax(word, (block, log_index)) as status, max(block) as last_block
      from (
        select dispute_id, block, log_index, if(decision, 'UPHELD', 'DISMISSED') as word
        from ${from.relation('story_dispute_dispute_judgement_set')}
        union all
        select dispute_id, block, log_index, 'DISMISSED'
        from ${from.relation('story_dispute_dispute_cancelled')}
        union all
        select dispute_id, block, log_index, 'RESOLVED'
        from ${from.relation('story_dispute_dispute_resolved')}
      )
      group by dispute_id
    ) as outcome on outcome.dispute_id = source.dispute_id`,
  )

const asset: ViewSql = (from) =>
  domainRows(
    'asset',
    from.relation('story_registry_ipregistered'),
    {
      asset_id: id('source.ip_id'),
      name: 'source.name',
      metadata_uri: 'if(published.versions = 0, source.uri, published.uri)',
      metadata_hash: 'published.hash',
      version_count: 'published.versions',
      is_disputed: `${id('source.ip_id')} in (
        select toString(asset_id) from ${from.relation('dispute')} where status in ('OPEN', 'UPHELD')
      )`,
    },
    `left join (
      select
        ip_id,
        count() as versions,
        argMax(metadata_uri, (block, log_index)) as uri,
        argMax(metadata_hash, (block, log_index)) as hash
      from ${from.relation('story_metadata_metadata_uriset')}
      group by ip_id
    ) as published on published.ip_id = source.ip_id`,
  )

/** Derivatives, then groups over their members: a group gives its members what it takes in. */
const edge: ViewSql = (from) => `${domainRows(
  'edge',
  `(
    select *, arrayJoin(arrayDistinct(parent_ip_ids)) as parent
    from ${from.relation('story_licensing_derivative_registered')}
  )`,
  {
    child_id: id('source.child_ip_id'),
    parent_id: id('source.parent'),
    // Several licences of one parent add up.
    share_e8: `arraySum(
      (parent, share) -> if(parent = source.parent, share, 0),
      linked.parent_ip_ids,
      arrayResize(linked.licenses_percent, length(linked.parent_ip_ids))
    )`,
    licence_id: 'source.license_token_ids[indexOf(source.parent_ip_ids, source.parent)]',
    from_block: 'source.block',
  },
  `left any join ${from.relation('story_royalty_linked_to_parents')} as linked
    on linked.transaction_hash = source.transaction_hash and linked.ip_id = source.child_ip_id`,
)}
union all
${domainRows('edge', from.relation('story_group_member'), {
  child_id: 'source.group_id',
  parent_id: 'source.member_id',
  relation: "'COMPOSED_OF'",
  from_block: 'source.from_block',
  to_block: 'source.to_block',
})}`

/** Domain relations of assets, in an order in which each uses only those before it. */
export const STORY_ASSET_VIEWS: Readonly<Record<string, ViewSql>> = { dispute, asset, edge }
