import { ACCESS_SCOPES, ASSET_KINDS, CONTRIBUTION_ROLES, RELATIONS } from '../words.ts'
import { EVIDENCE, type View, columns, evidenceOf, wordOf } from './view.ts'

/** Assets with their holder, newest version and dispute state. */
export const ASSET_VIEW: View = {
  name: 'asset',
  key: ['asset_id'],
  columns: columns({
    asset_id: 'FixedString(32)',
    kind: 'String',
    name: 'String',
    creator: 'FixedString(20)',
    holder: 'FixedString(20)',
    metadata_uri: 'String',
    metadata_hash: 'FixedString(32)',
    content_hash: 'FixedString(32)',
    version_count: 'UInt64',
    is_disputed: 'Bool',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      registered.asset_id as asset_id,
      ${wordOf(ASSET_KINDS, 'registered.kind')} as kind,
      registered.name as name,
      registered.creator as creator,
      moved.holder as holder,
      if(published.version_count = 0, registered.metadata_uri, published.uri) as metadata_uri,
      if(published.version_count = 0, registered.metadata_hash, published.hash) as metadata_hash,
      published.content as content_hash,
      published.version_count as version_count,
      toBool(registered.asset_id in (
        select asset_id from ${from.relation('dispute')} where status in ('OPEN', 'UPHELD')
      )) as is_disputed,
      ${evidenceOf('registered')}
    from ${from.relation('asset_registered')} as registered
    left join (
      select asset_id, argMax(recipient, (block, log_index)) as holder
      from ${from.relation('asset_transferred')}
      group by asset_id
    ) as moved on moved.asset_id = registered.asset_id
    left join (
      select
        asset_id,
        count() as version_count,
        argMax(content_hash, (block, log_index)) as content,
        argMax(metadata_uri, (block, log_index)) as uri,
        argMax(metadata_hash, (block, log_index)) as hash
      from ${from.relation('version_published')}
      group by asset_id
    ) as published on published.asset_id = registered.asset_id`,
}

/** Every published version of every asset. */
export const ASSET_VERSION_VIEW: View = {
  name: 'asset_version',
  key: ['asset_id', 'version'],
  columns: columns({
    asset_id: 'FixedString(32)',
    version: 'UInt32',
    content_hash: 'FixedString(32)',
    metadata_uri: 'String',
    metadata_hash: 'FixedString(32)',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select asset_id, version, content_hash, metadata_uri, metadata_hash,
      block, log_index, transaction_hash, at_seconds
    from ${from.relation('version_published')}`,
}

/** Who held an asset from which block, up to (not including) which. */
export const ASSET_HOLDING_VIEW: View = {
  name: 'asset_holding',
  key: ['asset_id', 'block', 'log_index'],
  columns: columns({
    asset_id: 'FixedString(32)',
    holder: 'FixedString(20)',
    from_block: 'UInt64',
    to_block: 'Nullable(UInt64)',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      asset_id,
      recipient as holder,
      block as from_block,
      if(next_block = 0, null, next_block) as to_block,
      block, log_index, transaction_hash, at_seconds
    from (
      select *, leadInFrame(block) over (
        partition by asset_id order by block, log_index
        rows between current row and unbounded following
      ) as next_block
      from ${from.relation('asset_transferred')}
    )`,
}

/** Provenance edges child → parent, valid from their link up to (not including) their end. */
export const EDGE_VIEW: View = {
  name: 'edge',
  key: ['child_id', 'parent_id', 'relation', 'block', 'log_index'],
  columns: columns({
    child_id: 'FixedString(32)',
    parent_id: 'FixedString(32)',
    relation: 'String',
    share_e8: 'UInt32',
    licence_id: 'UInt256',
    from_block: 'UInt64',
    to_block: 'Nullable(UInt64)',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      linked.child_id as child_id,
      linked.parent_id as parent_id,
      ${wordOf(RELATIONS, 'linked.relation')} as relation,
      linked.share_e8 as share_e8,
      linked.licence_id as licence_id,
      linked.block as from_block,
      if(ended.last_block >= linked.block, arrayMin(arrayFilter(
        end -> end >= linked.block, ended.blocks
      )), null) as to_block,
      ${evidenceOf('linked')}
    from ${from.relation('edge_linked')} as linked
    left join (
      select child_id, parent_id, relation, groupArray(block) as blocks, max(block) as last_block
      from ${from.relation('edge_ended')}
      group by child_id, parent_id, relation
    ) as ended
      on ended.child_id = linked.child_id
      and ended.parent_id = linked.parent_id
      and ended.relation = linked.relation`,
}

/** Contributions with the share of an asset's rewards that they carry. */
export const CONTRIBUTION_VIEW: View = {
  name: 'contribution',
  key: ['contribution_id'],
  columns: columns({
    contribution_id: 'UInt256',
    asset_id: 'FixedString(32)',
    contributor: 'FixedString(20)',
    role: 'String',
    share_e8: 'UInt32',
    evidence_hash: 'FixedString(32)',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select contribution_id, asset_id, contributor,
      ${wordOf(CONTRIBUTION_ROLES, 'recorded.role')} as role,
      share_e8, evidence_hash, block, log_index, transaction_hash, at_seconds
    from ${from.relation('contribution_recorded')} as recorded`,
}

/** Where the content of a version is stored. */
export const STORAGE_ANCHOR_VIEW: View = {
  name: 'storage_anchor',
  key: ['asset_id', 'block', 'log_index'],
  columns: columns({
    asset_id: 'FixedString(32)',
    version: 'UInt32',
    content_hash: 'FixedString(32)',
    uri: 'String',
    byte_length: 'UInt64',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select asset_id, version, content_hash, uri, byte_length,
      block, log_index, transaction_hash, at_seconds
    from ${from.relation('storage_anchored')}`,
}

/** Access grants with their state at the cut: ACTIVE, EXPIRED or REVOKED. */
export const ACCESS_GRANT_VIEW: View = {
  name: 'access_grant',
  key: ['asset_id', 'account', 'scope', 'block', 'log_index'],
  columns: columns({
    asset_id: 'FixedString(32)',
    account: 'FixedString(20)',
    scope: 'String',
    expires_at_seconds: 'UInt64',
    status: 'String',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      granted.asset_id as asset_id,
      granted.account as account,
      ${wordOf(ACCESS_SCOPES, 'granted.scope')} as scope,
      granted.expires_at_seconds as expires_at_seconds,
      multiIf(
        revoked.last > (granted.block, granted.log_index), 'REVOKED',
        granted.expires_at_seconds != 0 and granted.expires_at_seconds <= ${from.nowSeconds}, 'EXPIRED',
        'ACTIVE'
      ) as status,
      ${evidenceOf('granted')}
    from ${from.relation('access_granted')} as granted
    left join (
      select asset_id, account, scope, max((block, log_index)) as last
      from ${from.relation('access_revoked')}
      group by asset_id, account, scope
    ) as revoked
      on revoked.asset_id = granted.asset_id
      and revoked.account = granted.account
      and revoked.scope = granted.scope`,
}

/** Disputes: OPEN, UPHELD or DISMISSED. */
export const DISPUTE_VIEW: View = {
  name: 'dispute',
  key: ['dispute_id'],
  columns: columns({
    dispute_id: 'UInt256',
    asset_id: 'FixedString(32)',
    raised_by: 'FixedString(20)',
    reason: 'String',
    evidence_hash: 'FixedString(32)',
    status: 'String',
    resolved_by: 'FixedString(20)',
    resolved_block: 'Nullable(UInt64)',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      raised.dispute_id as dispute_id,
      raised.asset_id as asset_id,
      raised.raised_by as raised_by,
      raised.reason as reason,
      raised.evidence_hash as evidence_hash,
      multiIf(resolved.block = 0, 'OPEN', resolved.upheld, 'UPHELD', 'DISMISSED') as status,
      resolved.resolved_by as resolved_by,
      if(resolved.block = 0, null, resolved.block) as resolved_block,
      ${evidenceOf('raised')}
    from ${from.relation('dispute_raised')} as raised
    left join ${from.relation('dispute_resolved')} as resolved
      on resolved.dispute_id = raised.dispute_id`,
}

export const ASSET_VIEWS: readonly View[] = [
  DISPUTE_VIEW,
  ASSET_VIEW,
  ASSET_VERSION_VIEW,
  ASSET_HOLDING_VIEW,
  EDGE_VIEW,
  CONTRIBUTION_VIEW,
  STORAGE_ANCHOR_VIEW,
  ACCESS_GRANT_VIEW,
]
