import { RECEIPT_VIEW } from '@foggara/schema'

import { defineType } from '../define-type.ts'
import { BY_BLOCK } from '../shared-shape.ts'

/** Signed receipts. */
export const RECEIPT = defineType({
  name: 'Receipt',
  description: 'A signed receipt of compute work: who ran what for whom, with which assets.',
  source: RECEIPT_VIEW,
  enums: { status: 'ReceiptStatus', workload: 'Workload' },
  rename: { assets: 'assetIds' },
  optional: ['block', 'batch_id'],
  links: {
    assets: { to: 'Asset', by: 'assets', on: 'asset_id', description: 'The assets used together.' },
    batch: {
      to: 'Batch',
      by: 'batch_id',
      description: 'The batch that anchors it; null while pending.',
    },
    delivery: {
      to: 'ReceiptDelivery',
      by: 'digest',
      on: 'digest',
      description: 'How it arrived; null when it is known from the chain alone.',
    },
    providerRecord: {
      to: 'Provider',
      by: 'provider',
      description: 'The provider; null when it is not registered.',
    },
  },
  orders: { ...BY_BLOCK, FEE: ['fee'], UNITS: ['units'], FINISHED_AT: ['finished_at_seconds'] },
  defaultDirection: 'DESC',
  filters: {
    assets: { column: 'assets', operator: 'hasAny' },
    providers: { column: 'provider', operator: 'in' },
    consumers: { column: 'consumer', operator: 'in' },
    workloads: { column: 'workload', operator: 'in' },
    statuses: { column: 'status', operator: 'in' },
    batches: { column: 'batch_id', operator: 'in' },
    fromBlock: { column: 'block', operator: 'atLeast' },
    toBlock: { column: 'block', operator: 'atMost' },
  },
  plural: 'receipts',
  single: { field: 'receipt', argument: 'digest', column: 'digest' },
})
