import { BATCH_VIEW, PROVIDER_VIEW, SLASHING_VIEW } from '@foggara/schema'

import { defineType } from '../define-type.ts'
import { BY_BLOCK } from '../shared-shape.ts'

defineType({
  name: 'Provider',
  description: 'A compute provider with its stake, signing keys and work done.',
  source: PROVIDER_VIEW,
  rename: { provider: 'account' },
  lists: {
    receipts: list('Receipt', 'Receipts of its work.'),
    batches: list('Batch', 'Batches it anchored.'),
    slashings: list('Slashing', 'Slashings of its stake.'),
    findings: list(
      'ProviderFinding',
      'What it is named for; empty when its receipts are in order.',
    ),
    findingEvidence: list('FindingEvidence', 'The facts for which it is named.'),
    signingKeys: list('SigningKey', 'Its keys, each with the blocks that it is valid for.'),
    signerDeliveries: list('SignerDelivery', 'What each key delivered, and how timely.'),
    signedBatches: list('SignedBatch', 'Signed batches that it delivered.'),
    anchorDeliveries: list('AnchorDelivery', 'Its anchored batches against what it delivered.'),
    unanchoredReceipts: list('UnanchoredReceipt', 'Delivered receipts that wait for their anchor.'),
    nonceGaps: list('NonceGap', 'Nonces that it left out.'),
    signedConflicts: list('SignedConflict', 'What its keys signed against something else.'),
    quarantined: list('QuarantinedSubmission', 'What waits or waited in its name.'),
    refused: list('RefusedSubmission', 'What was refused in its name.'),
  },
  orders: {
    ...BY_BLOCK,
    STAKE: ['stake'],
    RECEIPT_COUNT: ['receipt_count'],
    FEE_TOTAL: ['fee_total'],
  },
  defaultDirection: 'DESC',
  filters: { accounts: { column: 'provider', operator: 'in' } },
  plural: 'providers',
  single: { field: 'provider', argument: 'address', column: 'provider' },
})

defineType({
  name: 'Batch',
  description: 'A batch of receipts anchored on chain.',
  source: BATCH_VIEW,
  links: {
    delivery: {
      to: 'AnchorDelivery',
      by: 'batch_id',
      description: 'What of it was delivered.',
    },
  },
  lists: {
    receipts: {
      of: 'Receipt',
      on: 'batch_id',
      by: 'batch_id',
      description: 'The receipts it anchors whose bodies are known.',
    },
  },
  orders: { ...BY_BLOCK, FEE_TOTAL: ['fee_total'], RECEIPT_COUNT: ['receipt_count'] },
  defaultDirection: 'DESC',
  filters: { providers: { column: 'provider', operator: 'in' } },
  plural: 'batches',
  single: { field: 'batch', argument: 'id', column: 'batch_id' },
})

defineType({
  name: 'Slashing',
  description: "A slashing of a provider's stake.",
  source: SLASHING_VIEW,
  orders: { ...BY_BLOCK, AMOUNT: ['amount'] },
  defaultDirection: 'DESC',
  filters: { providers: { column: 'provider', operator: 'in' } },
  plural: 'slashings',
})

function list(of: string, description: string) {
  return { of, on: 'provider', by: 'provider', description }
}
