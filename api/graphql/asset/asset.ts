import { ASSET_VIEW } from '@foggara/schema'

import { defineType } from '../define-type.ts'

/** Assets: what the economy is about. */
export const ASSET = defineType({
  name: 'Asset',
  description: 'A registered AI asset as of the block.',
  source: ASSET_VIEW,
  enums: { kind: 'AssetKind' },
  optional: ['content_hash', 'holder'],
  links: {
    revenue: {
      to: 'AssetRevenue',
      by: 'asset_id',
      on: 'asset_id',
      description: "What the asset's vault took in and gave out; null before the first payment.",
    },
    usage: {
      to: 'AssetUsage',
      by: 'asset_id',
      on: 'asset_id',
      description: 'How it is used in all; null before the first use.',
    },
  },
  lists: {
    versions: list('AssetVersion', 'Versions published after the registration.'),
    holdings: list('Holding', 'Who held it from which block to which.'),
    storageAnchors: list('StorageAnchor', 'Where its content is stored.'),
    contributions: list('Contribution', 'Who contributed and with which share of its rewards.'),
    accessGrants: list('AccessGrant', 'Who may access it.'),
    disputes: list('Dispute', 'Disputes about it.'),
    licenceTerms: list('LicenceTerms', 'Terms on offer or withdrawn.'),
    licences: list('Licence', 'Licences granted.'),
    listings: list('Listing', 'Offers for sale.'),
    sales: list('Sale', 'Completed sales.'),
    payments: list('Payment', 'Payments into its vault.'),
    receipts: {
      of: 'Receipt',
      on: 'assets',
      by: 'asset_id',
      description: 'Receipts of work that used it.',
    },
    usedBy: list('UsageEvidence', 'Who used it, with signs that the use was made up.'),
    parents: {
      of: 'Edge',
      on: 'child_id',
      by: 'asset_id',
      description: 'Edges to the assets it was made from.',
    },
    children: {
      of: 'Edge',
      on: 'parent_id',
      by: 'asset_id',
      description: 'Edges to the assets made from it.',
    },
    royaltiesIn: {
      of: 'Royalty',
      on: 'parent_id',
      by: 'asset_id',
      description: 'Royalties received.',
    },
    royaltiesOut: {
      of: 'Royalty',
      on: 'child_id',
      by: 'asset_id',
      description: 'Royalties passed on.',
    },
  },
  orders: {
    BLOCK: ['block', 'log_index'],
    NAME: ['name'],
    VERSION_COUNT: ['version_count'],
  },
  defaultDirection: 'DESC',
  filters: {
    ids: { column: 'asset_id', operator: 'in' },
    kinds: { column: 'kind', operator: 'in' },
    creators: { column: 'creator', operator: 'in' },
    holders: { column: 'holder', operator: 'in' },
    isDisputed: { column: 'is_disputed', operator: 'equals' },
    nameContains: { column: 'name', operator: 'contains' },
    fromBlock: { column: 'block', operator: 'atLeast' },
    toBlock: { column: 'block', operator: 'atMost' },
  },
  plural: 'assets',
  single: { field: 'asset', argument: 'id', column: 'asset_id' },
})

function list(of: string, description: string) {
  return { of, on: 'asset_id', by: 'asset_id', description }
}
