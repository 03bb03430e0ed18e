import { FINDING_EVIDENCE_VIEW, FINDING_VIEW } from '@foggara/schema'

import { defineType } from '../define-type.ts'
import type { Filter, Link } from '../entity.ts'

const FILTERS = {
  providers: { column: 'provider', operator: 'in' },
  codes: { column: 'code', operator: 'in' },
} as const satisfies Readonly<Record<string, Filter>>

const TO_PROVIDER: Readonly<Record<string, Link>> = {
  providerRecord: {
    to: 'Provider',
    by: 'provider',
    description: 'The provider; null when it is not registered.',
  },
}

defineType({
  name: 'ProviderFinding',
  description:
    'What a provider is named for, as of the block. It changes no reward, and goes when its evidence does.',
  source: { ...FINDING_VIEW, limits: 'export' },
  enums: { code: 'FindingCode' },
  links: TO_PROVIDER,
  orders: { FIRST_SEEN: ['first_seconds'], EVIDENCE_COUNT: ['evidence_count'] },
  defaultDirection: 'DESC',
  filters: FILTERS,
  plural: 'providerFindings',
})

defineType({
  name: 'FindingEvidence',
  description: 'One fact for which a provider is named; what it names can be looked up.',
  source: { ...FINDING_EVIDENCE_VIEW, limits: 'export' },
  enums: { code: 'FindingCode' },
  rename: {
    batch_id: 'batchId',
    signed_batch: 'signedBatchDigest',
    other_signed_batch: 'otherSignedBatchDigest',
  },
  optional: [
    'digest',
    'other_digest',
    'batch_id',
    'signed_batch',
    'other_signed_batch',
    'signer',
    'first_nonce',
    'last_nonce',
    'sequence',
    'anchor_block',
    'anchor_transaction',
  ],
  links: {
    ...TO_PROVIDER,
    receipt: {
      to: 'Receipt',
      by: 'digest',
      description: 'The receipt of `digest`; null when its body is unknown or refused.',
    },
    otherReceipt: {
      to: 'Receipt',
      by: 'other_digest',
      on: 'digest',
      description: 'The receipt of `otherDigest`; null when its body is unknown.',
    },
    batch: { to: 'Batch', by: 'batch_id', description: 'The anchored batch.' },
    signedBatch: {
      to: 'SignedBatch',
      by: 'signed_batch',
      on: 'digest',
      description: 'The batch of `signedBatchDigest`; null when it was not taken.',
    },
  },
  orders: { SINCE: ['since_seconds'] },
  defaultDirection: 'ASC',
  filters: FILTERS,
  plural: 'findingEvidence',
})
