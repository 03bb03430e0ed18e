import { defineType } from '../define-type.ts'
import { ALLOCATION_PART_SOURCE, ALLOCATION_SOURCE } from './sources.ts'

const TO_EPOCH = {
  epoch: { to: 'Epoch', by: 'epoch', description: 'The epoch.' },
}

/** What accounts get in epochs. */
export const ALLOCATION = defineType({
  name: 'Allocation',
  description: 'What an account gets in an epoch, with the proof of its Merkle leaf.',
  source: ALLOCATION_SOURCE,
  rename: { epoch: 'epochNumber' },
  links: TO_EPOCH,
  orders: { PAID: ['paid'], EARNED: ['earned'], CUMULATIVE: ['cumulative'], EPOCH: ['epoch'] },
  defaultDirection: 'DESC',
  filters: {
    epochs: { column: 'epoch', operator: 'in' },
    accounts: { column: 'account', operator: 'in' },
  },
  plural: 'allocations',
})

/** Why accounts get what they get. */
export const ALLOCATION_PART = defineType({
  name: 'AllocationPart',
  description:
    'A part of what an account earned (or would have, when withheld): one source in one pool.',
  source: ALLOCATION_PART_SOURCE,
  rename: { epoch: 'epochNumber' },
  enums: { pool: 'Pool', withheld_reason: 'WithheldReason' },
  links: {
    ...TO_EPOCH,
    asset: {
      to: 'Asset',
      by: 'source_id',
      on: 'asset_id',
      description: 'The asset; null when the source is an account.',
    },
  },
  orders: { AMOUNT: ['amount'], SOURCE: ['source_id'] },
  defaultDirection: 'DESC',
  filters: {
    accounts: { column: 'account', operator: 'in' },
    pools: { column: 'pool', operator: 'in' },
    sources: { column: 'source_id', operator: 'in' },
    withheldReasons: { column: 'withheld_reason', operator: 'in' },
  },
  plural: 'allocationParts',
})
