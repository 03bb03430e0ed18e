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
