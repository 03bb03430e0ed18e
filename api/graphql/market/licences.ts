import { LICENCE_TERMS_VIEW, LICENCE_VIEW } from '@foggara/schema'

import { defineType } from '../define-type.ts'
import { BY_BLOCK, OF_ASSET, TO_ASSET } from '../shared-shape.ts'

defineType({
  name: 'LicenceTerms',
  description: 'Terms under which an asset is licensed.',
  source: LICENCE_TERMS_VIEW,
  links: TO_ASSET,
  lists: {
    licences: {
      of: 'Licence',
      on: 'terms_id',
      by: 'terms_id',
      description: 'Licences granted under the terms.',
    },
  },
  orders: { ...BY_BLOCK, PRICE: ['price'], LICENCE_COUNT: ['licence_count'] },
  defaultDirection: 'DESC',
  filters: { ...OF_ASSET, isWithdrawn: { column: 'is_withdrawn', operator: 'equals' } },
  plural: 'licenceTermsList',
  single: { field: 'licenceTerms', argument: 'id', column: 'terms_id' },
})

defineType({
  name: 'Licence',
  description: 'A licence to use an asset.',
  source: LICENCE_VIEW,
  enums: { status: 'GrantStatus' },
  links: {
    ...TO_ASSET,
    terms: { to: 'LicenceTerms', by: 'terms_id', description: 'The terms it was granted under.' },
  },
  orders: { ...BY_BLOCK, PRICE: ['price'] },
  defaultDirection: 'DESC',
  filters: {
    ...OF_ASSET,
    holders: { column: 'holder', operator: 'in' },
    statuses: { column: 'status', operator: 'in' },
  },
  plural: 'licences',
  single: { field: 'licence', argument: 'id', column: 'licence_id' },
})
