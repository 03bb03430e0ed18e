import {
  ACCESS_GRANT_VIEW,
  ASSET_HOLDING_VIEW,
  ASSET_VERSION_VIEW,
  CONTRIBUTION_VIEW,
  DISPUTE_VIEW,
  STORAGE_ANCHOR_VIEW,
} from '@foggara/schema'

import { defineType } from '../define-type.ts'
import { BY_BLOCK, OF_ASSET, TO_ASSET } from '../shared-shape.ts'

defineType({
  name: 'AssetVersion',
  description: 'A version of an asset.',
  source: ASSET_VERSION_VIEW,
  links: TO_ASSET,
  orders: BY_BLOCK,
  defaultDirection: 'DESC',
  filters: OF_ASSET,
  plural: 'assetVersions',
})

defineType({
  name: 'Holding',
  description: 'A time in which somebody held an asset.',
  source: ASSET_HOLDING_VIEW,
  links: TO_ASSET,
  orders: BY_BLOCK,
  defaultDirection: 'DESC',
  filters: { ...OF_ASSET, holders: { column: 'holder', operator: 'in' } },
  plural: 'holdings',
})

defineType({
  name: 'Contribution',
  description: "A contribution to an asset and the share of the asset's rewards that it carries.",
  source: CONTRIBUTION_VIEW,
  enums: { role: 'ContributionRole' },
  links: TO_ASSET,
  orders: { ...BY_BLOCK, SHARE: ['share_e8'] },
  defaultDirection: 'DESC',
  filters: {
    ...OF_ASSET,
    contributors: { column: 'contributor', operator: 'in' },
    roles: { column: 'role', operator: 'in' },
  },
  plural: 'contributions',
  single: { field: 'contribution', argument: 'id', column: 'contribution_id' },
})

defineType({
  name: 'StorageAnchor',
  description: 'Where the content of a version is stored.',
  source: STORAGE_ANCHOR_VIEW,
  links: TO_ASSET,
  orders: BY_BLOCK,
  defaultDirection: 'DESC',
  filters: OF_ASSET,
})

defineType({
  name: 'AccessGrant',
  description: 'Leave to access an asset.',
  source: ACCESS_GRANT_VIEW,
  enums: { scope: 'AccessScope', status: 'GrantStatus' },
  links: TO_ASSET,
  orders: BY_BLOCK,
  defaultDirection: 'DESC',
  filters: {
    ...OF_ASSET,
    accounts: { column: 'account', operator: 'in' },
    statuses: { column: 'status', operator: 'in' },
  },
  plural: 'accessGrants',
})

defineType({
  name: 'Dispute',
  description:
    'A dispute about an asset; while open or upheld the rewards of the asset are withheld.',
  source: DISPUTE_VIEW,
  enums: { status: 'DisputeStatus' },
  optional: ['resolved_by'],
  links: TO_ASSET,
  orders: BY_BLOCK,
  defaultDirection: 'DESC',
  filters: { ...OF_ASSET, statuses: { column: 'status', operator: 'in' } },
  plural: 'disputes',
  single: { field: 'dispute', argument: 'id', column: 'dispute_id' },
})
