import {
  ASSET_USAGE_VIEW,
  EPOCH_USAGE_PAIR_VIEW,
  EPOCH_USAGE_VIEW,
  USAGE_EVIDENCE_VIEW,
  assetUsageOf,
  usageEvidenceOf,
} from '@foggara/schema'

import { defineType } from '../define-type.ts'
import type { Link } from '../entity.ts'

const TO_ASSET: Readonly<Record<string, Link>> = {
  asset: { to: 'Asset', by: 'asset_id', description: 'The asset; null when it is not registered.' },
}

defineType({
  name: 'AssetUsage',
  description: 'How an asset is used in all, and how much of it shows signs of being made up.',
  source: { ...ASSET_USAGE_VIEW, limits: 'export', narrowed: assetUsageOf },
  links: TO_ASSET,
  orders: { FEE: ['fee'], RECEIPT_COUNT: ['receipt_count'], FLAGGED_FEE: ['flagged_fee'] },
  defaultDirection: 'DESC',
  filters: { assets: { column: 'asset_id', operator: 'in' } },
  plural: 'assetUsages',
})

defineType({
  name: 'UsageEvidence',
  description: [
    'Who used an asset, with signs that the use was made up; no reward is computed from them.',
    'CONSUMER_IS_HOLDER, CONSUMER_IS_PROVIDER: somebody dealt with himself. FUNDED_BY_HOLDER: the holder',
    'sent the consumer tokens in the week before. MUTUAL_USE: the holder uses what the consumer holds.',
  ].join(' '),
  source: { ...USAGE_EVIDENCE_VIEW, limits: 'export', narrowed: usageEvidenceOf },
  optional: ['funding_transaction', 'mutual_receipt'],
  links: TO_ASSET,
  orders: { FEE: ['fee'], RECEIPT_COUNT: ['receipt_count'], FLAGGED_FEE: ['flagged_fee'] },
  defaultDirection: 'DESC',
  filters: {
    assets: { column: 'asset_id', operator: 'in' },
    consumers: { column: 'consumer', operator: 'in' },
    flags: { column: 'flags', operator: 'hasAny' },
  },
  plural: 'usageEvidence',
})

defineType({
  name: 'EpochUsage',
  description: 'An edge of the usage graph of a closed epoch: who used which asset how much.',
  source: { ...EPOCH_USAGE_VIEW, limits: 'export' },
  links: TO_ASSET,
  orders: { FEE: ['fee'], RECEIPT_COUNT: ['receipt_count'] },
  defaultDirection: 'DESC',
  filters: {
    epochs: { column: 'epoch', operator: 'in' },
    assets: { column: 'asset_id', operator: 'in' },
    consumers: { column: 'consumer', operator: 'in' },
  },
  plural: 'epochUsages',
})

defineType({
  name: 'EpochUsagePair',
  description: 'Two assets that were used together in a closed epoch; the lower id comes first.',
  source: { ...EPOCH_USAGE_PAIR_VIEW, limits: 'export' },
  links: TO_ASSET,
  orders: { RECEIPT_COUNT: ['receipt_count'], FEE: ['fee'] },
  defaultDirection: 'DESC',
  filters: {
    epochs: { column: 'epoch', operator: 'in' },
    assets: { column: 'asset_id', operator: 'in' },
    otherAssets: { column: 'other_asset_id', operator: 'in' },
  },
  plural: 'epochUsagePairs',
})
