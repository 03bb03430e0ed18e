import { EDGE_VIEW } from '@foggara/schema'

import { defineType } from '../define-type.ts'
import { BY_BLOCK, TO_BOTH_ASSETS } from '../shared-shape.ts'

/** Provenance edges. */
export const EDGE = defineType({
  name: 'Edge',
  description: 'A provenance edge from a child asset to the parent it was made from.',
  source: EDGE_VIEW,
  enums: { relation: 'Relation' },
  links: {
    ...TO_BOTH_ASSETS,
    licence: {
      to: 'Licence',
      by: 'licence_id',
      on: 'licence_id',
      description: 'The licence under which the child was made; null when none was needed.',
    },
  },
  orders: { ...BY_BLOCK, SHARE: ['share_e8'] },
  defaultDirection: 'DESC',
  filters: {
    children: { column: 'child_id', operator: 'in' },
    parents: { column: 'parent_id', operator: 'in' },
    relations: { column: 'relation', operator: 'in' },
  },
  plural: 'edges',
})
