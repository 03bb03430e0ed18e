import { ACCESS_SCOPES, RELATIONS } from '@foggara/schema'

import { type Fact, eventId, hexed, keyed, plain, struct, text, texts } from './fact.ts'

const ASSETS: Fact = {
  name: 'assets and their owners',
  ofEntities: (live) =>
    keyed(live('Asset'), [
      'kind',
      'name',
      'creator',
      'holder',
      'metadataUri',
      'metadataHash',
      'contentHash',
      'versionCount',
      'transferCount',
      'isDisputed',
      'registeredBlock',
      'registeredAtSeconds',
    ]),
  ofViews: (from) => `
    select ${hexed('asset.asset_id')} as id, ${texts({
      kind: 'kind',
      name: 'name',
      creator: hexed('creator'),
      holder: hexed('asset.holder'),
      metadataUri: 'metadata_uri',
      metadataHash: hexed('metadata_hash'),
      contentHash: `if(version_count = 0, '', ${hexed('content_hash')})`,
      versionCount: text('version_count'),
      transferCount: text('moved.transfer_count'),
      isDisputed: text('is_disputed'),
      registeredBlock: text('block'),
      registeredAtSeconds: text('at_seconds'),
    })}
    from ${from.relation('asset')} as asset
    left join (
      select asset_id, count() - 1 as transfer_count
      from ${from.relation('asset_holding')}
      group by asset_id
    ) as moved on moved.asset_id = asset.asset_id`,
  ofContracts: async (call, id) => ({
    holder: plain(await call('OwnershipNFT', 'ownerOf', [BigInt(id)])),
    metadataUri: String(await call('OwnershipNFT', 'tokenURI', [BigInt(id)])),
    versionCount: plain(await call('OwnershipNFT', 'versionCountOf', [id])),
    transferCount: plain(await call('OwnershipNFT', 'transferCountOf', [id])),
  }),
  countOfContracts: (call) => call('OwnershipNFT', 'assetCount'),
}

const VERSIONS: Fact = {
  name: 'versions of assets',
  ofEntities: (live) =>
    keyed(live('AssetVersion'), [
      'asset',
      'version',
      'contentHash',
      'metadataUri',
      'metadataHash',
      'block',
      'atSeconds',
    ]),
  ofViews: (from) => `
    select ${eventId('published')} as id, ${texts({
      asset: hexed('asset_id'),
      version: text('version'),
      contentHash: hexed('content_hash'),
      metadataUri: 'metadata_uri',
      metadataHash: hexed('metadata_hash'),
      block: text('block'),
      atSeconds: text('at_seconds'),
    })}
    from ${from.relation('asset_version')} as published`,
}

const EDGES: Fact = {
  name: 'provenance edges, those that ended too',
  ofEntities: (live) =>
    keyed(
      live('ProvenanceEdge').map((edge) => ({
        ...edge,
        licence: edge['licence'] === '' ? '0' : (edge['licence'] ?? ''),
      })),
      ['child', 'parent', 'relation', 'shareE8', 'licence', 'block', 'endedBlock'],
    ),
  ofViews: (from) => `
    select ${eventId('edge')} as id, ${texts({
      child: hexed('child_id'),
      parent: hexed('parent_id'),
      relation: 'relation',
      shareE8: text('share_e8'),
      licence: text('licence_id'),
      block: text('from_block'),
      endedBlock: text('to_block'),
    })}
    from ${from.relation('edge')} as edge`,
  ofContracts: async (call, _id, said) => {
    const parents = await call('OwnershipNFT', 'parentsOf', [said['child']])
    const links = (Array.isArray(parents) ? parents : []).map((link) =>
      struct(link, {
        parent: 'parentId',
        relation: 'relation',
        shareE8: 'shareE8',
        licence: 'licenceId',
      }),
    )
    const link = links.find(
      ({ parent, relation }) =>
        parent === said['parent'] && RELATIONS[Number(relation)] === said['relation'],
    )
    if (said['endedBlock'] !== '') return {}
    return { ...link, relation: RELATIONS[Number(link?.['relation'])] ?? 'none' }
  },
}

/** An edge that ended is not among the parents, one that holds is: the numbers agree too. */
const PARENT_COUNTS: Fact = {
  name: 'how many parents an asset has',
  ofEntities: (live) => {
    const open = live('ProvenanceEdge').filter(({ endedBlock }) => endedBlock === '')
    const children = Map.groupBy(open, ({ child }) => child ?? '')
    return new Map(
      live('Asset').map(({ id = '' }) => [id, { parentCount: `${children.get(id)?.length ?? 0}` }]),
    )
  },
  ofViews: (from) => `
    select ${hexed('asset_id')} as id, ${texts({ parentCount: text('parent_count') })}
    from ${from.relation('asset')} as asset
    left join (
      select child_id, count() as parent_count
      from ${from.relation('edge')}
      where to_block is null
      group by child_id
    ) as open on open.child_id = asset.asset_id`,
  ofContracts: async (call, id) => {
    const parents = await call('OwnershipNFT', 'parentsOf', [id])
    return { parentCount: `${Array.isArray(parents) ? parents.length : 'no list'}` }
  },
}

const CONTRIBUTIONS: Fact = {
  name: 'contributions',
  ofEntities: (live) =>
    keyed(live('Contribution'), [
      'asset',
      'contributor',
      'role',
      'shareE8',
      'evidenceHash',
      'block',
    ]),
  ofViews: (from) => `
    select toString(contribution_id) as id, ${texts({
      asset: hexed('asset_id'),
      contributor: hexed('contributor'),
      role: 'role',
      shareE8: text('share_e8'),
      evidenceHash: hexed('evidence_hash'),
      block: text('block'),
    })}
    from ${from.relation('contribution')}`,
  ofContracts: async (call, id) => ({
    contributor: plain(await call('ContributionNFT', 'ownerOf', [BigInt(id)])),
  }),
  countOfContracts: (call) => call('ContributionNFT', 'contributionCount'),
}

const CONTRIBUTED_SHARES: Fact = {
  name: 'the shares that contributions carry',
  ofEntities: (live) => {
    const sums = new Map<string, bigint>()
    for (const { asset = '', shareE8 = '' } of live('Contribution')) {
      sums.set(asset, (sums.get(asset) ?? 0n) + BigInt(shareE8))
    }
    return new Map([...sums].map(([id, sum]) => [id, { shareTotal: `${sum}` }]))
  },
  ofViews: (from) => `
    select ${hexed('asset_id')} as id, ${texts({ shareTotal: text('sum(share_e8)') })}
    from ${from.relation('contribution')}
    group by asset_id`,
  ofContracts: async (call, id) => ({
    shareTotal: plain(await call('ContributionNFT', 'shareTotalOf', [id])),
  }),
}

const STORAGE_ANCHORS: Fact = {
  name: 'storage anchors',
  ofEntities: (live) =>
    keyed(live('StorageAnchor'), ['asset', 'version', 'contentHash', 'uri', 'byteLength']),
  ofViews: (from) => `
    select ${eventId('anchored')} as id, ${texts({
      asset: hexed('asset_id'),
      version: text('version'),
      contentHash: hexed('content_hash'),
      uri: 'uri',
      byteLength: text('byte_length'),
    })}
    from ${from.relation('storage_anchor')} as anchored`,
}

/** The subgraph keeps the newest grant, the view all of them; who owns an asset has access. */
const ACCESS: Fact = {
  name: 'access to assets',
  ofEntities: (live) =>
    keyed(live('AccessGrant'), ['expiresAtSeconds', 'isRevoked', 'grantedBlock']),
  ofViews: (from) => {
    const scope = ACCESS_SCOPES.map((word) => `'${word}'`).join(', ')
    const place = `reinterpretAsFixedString(toUInt32(indexOf([${scope}], scope) - 1))`
    return `
    select
      concat(${hexed('asset_id')}, lower(hex(account)), lower(hex(${place}))) as id,
      ${texts({
        expiresAtSeconds: text('expires_at_seconds'),
        isRevoked: text(`toBool(status = 'REVOKED')`),
        grantedBlock: text('block'),
      })}
    from ${from.relation('access_grant')}
    order by block desc, log_index desc
    limit 1 by asset_id, account, scope`
  },
  ofContracts: async (call, id, said) => {
    const [asset, account] = [id.slice(0, 66), `0x${id.slice(66, 106)}`]
    const scope = Number.parseInt(id.slice(106, 108), 16)
    const owner = plain(await call('OwnershipNFT', 'ownerOf', [BigInt(asset)]))
    if (owner === account || said['expiresAtSeconds'] !== '0') return {}
    const has = await call('OwnershipNFT', 'hasAccess', [asset, account, scope])
    return { isRevoked: `${has !== true}` }
  },
}

const DISPUTES: Fact = {
  name: 'disputes',
  ofEntities: (live) =>
    keyed(live('Dispute'), [
      'asset',
      'raisedBy',
      'evidenceHash',
      'reason',
      'status',
      'resolvedBy',
      'raisedBlock',
      'resolvedBlock',
    ]),
  ofViews: (from) => `
    select toString(dispute_id) as id, ${texts({
      asset: hexed('asset_id'),
      raisedBy: hexed('raised_by'),
      evidenceHash: hexed('evidence_hash'),
      reason: 'reason',
      status: 'status',
      resolvedBy: `if(resolved_block is null, '', ${hexed('resolved_by')})`,
      raisedBlock: text('block'),
      resolvedBlock: text('resolved_block'),
    })}
    from ${from.relation('dispute')}`,
  ofContracts: async (call, id, said) => {
    const dispute = await call('OwnershipNFT', 'disputeOf', [BigInt(id)])
    const { isOpen, ...rest } = struct(dispute, {
      asset: 'assetId',
      raisedBy: 'raisedBy',
      isOpen: 'open',
    })
    const status = said['status'] ?? ''
    return { ...rest, status: (isOpen === 'true') === (status === 'OPEN') ? status : 'the other' }
  },
  countOfContracts: (call) => call('OwnershipNFT', 'disputeCount'),
}

/** Facts about assets and where they come from. */
export const ASSET_FACTS: readonly Fact[] = [
  ASSETS,
  VERSIONS,
  EDGES,
  PARENT_COUNTS,
  CONTRIBUTIONS,
  CONTRIBUTED_SHARES,
  STORAGE_ANCHORS,
  ACCESS,
  DISPUTES,
]
