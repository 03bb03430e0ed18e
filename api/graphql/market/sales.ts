import { LISTING_VIEW, SALE_VIEW } from '@foggara/schema'

import { defineType } from '../define-type.ts'
import { BY_BLOCK, OF_ASSET, TO_ASSET } from '../shared-shape.ts'

defineType({
  name: 'Listing',
  description: 'An offer to sell an asset.',
  source: LISTING_VIEW,
  enums: { status: 'ListingStatus' },
  links: TO_ASSET,
  orders: { ...BY_BLOCK, PRICE: ['price'] },
  defaultDirection: 'DESC',
  filters: {
    ...OF_ASSET,
    sellers: { column: 'seller', operator: 'in' },
    statuses: { column: 'status', operator: 'in' },
  },
  plural: 'listings',
  single: { field: 'listing', argument: 'id', column: 'listing_id' },
})

defineType({
  name: 'Sale',
  description: 'A completed sale of an asset.',
  source: SALE_VIEW,
  links: {
    ...TO_ASSET,
    listing: { to: 'Listing', by: 'listing_id', description: 'The offer that was taken.' },
  },
  orders: { ...BY_BLOCK, PRICE: ['price'] },
  defaultDirection: 'DESC',
  filters: {
    ...OF_ASSET,
    buyers: { column: 'buyer', operator: 'in' },
    sellers: { column: 'seller', operator: 'in' },
  },
  plural: 'sales',
})
