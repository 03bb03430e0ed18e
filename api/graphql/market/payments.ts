import { ASSET_REVENUE_VIEW, PAYMENT_VIEW, ROYALTY_VIEW } from '@foggara/schema'

import { defineType } from '../define-type.ts'
import { BY_BLOCK, OF_ASSET, TO_ASSET, TO_BOTH_ASSETS } from '../shared-shape.ts'

defineType({
  name: 'Payment',
  description: "A payment into an asset's vault.",
  source: PAYMENT_VIEW,
  enums: { kind: 'PaymentKind' },
  links: TO_ASSET,
  orders: { ...BY_BLOCK, AMOUNT: ['amount'] },
  defaultDirection: 'DESC',
  filters: {
    ...OF_ASSET,
    payers: { column: 'payer', operator: 'in' },
    kinds: { column: 'kind', operator: 'in' },
    fromBlock: { column: 'block', operator: 'atLeast' },
    toBlock: { column: 'block', operator: 'atMost' },
  },
  plural: 'payments',
})

defineType({
  name: 'Royalty',
  description: "A royalty passed from a child's vault to a parent's.",
  source: ROYALTY_VIEW,
  links: TO_BOTH_ASSETS,
  orders: { ...BY_BLOCK, AMOUNT: ['amount'] },
  defaultDirection: 'DESC',
  filters: {
    children: { column: 'child_id', operator: 'in' },
    parents: { column: 'parent_id', operator: 'in' },
  },
  plural: 'royalties',
})

defineType({
  name: 'AssetRevenue',
  description: "What an asset's vault took in and gave out.",
  source: ASSET_REVENUE_VIEW,
  links: TO_ASSET,
  orders: { PAID_IN: ['paid_in'], ROYALTIES_IN: ['royalties_in'], CLAIMED: ['claimed'] },
  defaultDirection: 'DESC',
  filters: OF_ASSET,
  plural: 'assetRevenues',
})
