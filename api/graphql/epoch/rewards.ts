import { CLAIM_VIEW, FUNDING_VIEW } from '@foggara/schema'

import { defineType } from '../define-type.ts'
import { BY_BLOCK } from '../shared-shape.ts'
import { SCORE_SOURCE } from './sources.ts'

defineType({
  name: 'Claim',
  description: 'A claim of rewards.',
  source: CLAIM_VIEW,
  orders: { ...BY_BLOCK, AMOUNT: ['amount'] },
  defaultDirection: 'DESC',
  filters: { accounts: { column: 'account', operator: 'in' } },
  plural: 'claims',
})

defineType({
  name: 'Funding',
  description: "A payment into an epoch's budget.",
  source: FUNDING_VIEW,
  orders: { ...BY_BLOCK, AMOUNT: ['amount'] },
  defaultDirection: 'DESC',
  filters: { epochs: { column: 'epoch', operator: 'in' } },
  plural: 'fundings',
})

defineType({
  name: 'Score',
  description: 'The score of an asset or account by one measure in one epoch.',
  source: SCORE_SOURCE,
  enums: { measure: 'Measure' },
  rename: { id: 'subject' },
  links: {
    asset: {
      to: 'Asset',
      by: 'id',
      on: 'asset_id',
      description: 'The asset; null when the subject is an account.',
    },
  },
  orders: { SCORE: ['score'], SUBJECT: ['id'] },
  defaultDirection: 'DESC',
  filters: {
    epochs: { column: 'epoch', operator: 'in' },
    measures: { column: 'measure', operator: 'in' },
    subjects: { column: 'id', operator: 'in' },
  },
  plural: 'scores',
})
