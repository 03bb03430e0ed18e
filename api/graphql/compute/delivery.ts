import {
  ANCHOR_DELIVERY_VIEW,
  DELIVERED_BATCH_VIEW,
  UNANCHORED_RECEIPT_VIEW,
  UNDELIVERED_RECEIPT_VIEW,
} from '@foggara/schema'

import { defineType } from '../define-type.ts'
import { BY_BLOCK } from '../shared-shape.ts'

defineType({
  name: 'AnchorDelivery',
  description: 'An anchored batch against what was delivered of it.',
  source: { ...ANCHOR_DELIVERY_VIEW, limits: 'summary' },
  enums: { delivery: 'AnchorDeliveryState' },
  optional: ['missing_digest', 'signed_batch'],
  rename: { delivery: 'state', signed_batch: 'signedBatchDigest' },
  links: {
    batch: { to: 'Batch', by: 'batch_id', description: 'The anchored batch.' },
    signedBatch: {
      to: 'SignedBatch',
      by: 'signed_batch',
      description: 'The delivered batch of the same root; null when there is none.',
    },
  },
  lists: {
    undelivered: {
      of: 'UndeliveredReceipt',
      on: 'batch_id',
      by: 'batch_id',
      description: 'The receipts that are missing.',
    },
  },
  orders: { ...BY_BLOCK, MISSING_COUNT: ['missing_count'] },
  defaultDirection: 'DESC',
  filters: {
    providers: { column: 'provider', operator: 'in' },
    states: { column: 'delivery', operator: 'in' },
  },
  plural: 'anchorDeliveries',
})

defineType({
  name: 'UndeliveredReceipt',
  description: 'A receipt that a batch anchors by its digest alone and that nobody has delivered.',
  source: { ...UNDELIVERED_RECEIPT_VIEW, limits: 'summary' },
  links: { batch: { to: 'Batch', by: 'batch_id', description: 'The batch that anchors it.' } },
  orders: { BLOCK: ['block', 'log_index', 'position'] },
  defaultDirection: 'ASC',
  filters: {
    providers: { column: 'provider', operator: 'in' },
    batches: { column: 'batch_id', operator: 'in' },
  },
})

defineType({
  name: 'SignedBatch',
  description: 'A batch that a provider signed as a whole and delivered, against the chain.',
  source: { ...DELIVERED_BATCH_VIEW, limits: 'summary' },
  enums: { anchoring: 'Anchoring' },
  optional: ['batch_id', 'block', 'unanchored_digest', 'since_seconds'],
  rename: { previous: 'previousDigest', since_seconds: 'unanchoredSinceSeconds' },
  links: {
    anchor: {
      to: 'Batch',
      by: 'batch_id',
      description: 'The anchored batch of the same root; null when there is none.',
    },
    previous: {
      to: 'SignedBatch',
      by: 'previous',
      on: 'digest',
      description: "The signer's batch before it; null for the first.",
    },
  },
  lists: {
    unanchored: {
      of: 'UnanchoredReceipt',
      on: 'signed_batch',
      by: 'digest',
      description: 'Its receipts that no batch on chain anchors.',
    },
  },
  orders: { RECEIVED: ['received_at_seconds'], SEQUENCE: ['sequence'] },
  defaultDirection: 'DESC',
  filters: {
    providers: { column: 'provider', operator: 'in' },
    signers: { column: 'signer', operator: 'in' },
    anchorings: { column: 'anchoring', operator: 'in' },
  },
  plural: 'signedBatches',
  single: { field: 'signedBatch', argument: 'digest', column: 'digest' },
})

defineType({
  name: 'UnanchoredReceipt',
  description: 'A receipt that was delivered and that no batch on chain anchors.',
  source: { ...UNANCHORED_RECEIPT_VIEW, limits: 'summary' },
  rename: { signed_batch: 'signedBatchDigest' },
  optional: ['signed_batch'],
  links: {
    receipt: { to: 'Receipt', by: 'digest', description: 'The receipt.' },
    signedBatch: {
      to: 'SignedBatch',
      by: 'signed_batch',
      description: 'The batch that it came with; null when it came alone.',
    },
  },
  orders: { SINCE: ['since_seconds'] },
  defaultDirection: 'ASC',
  filters: {
    providers: { column: 'provider', operator: 'in' },
    signers: { column: 'signer', operator: 'in' },
  },
})
