import {
  NONCE_GAP_VIEW,
  QUARANTINE_VIEW,
  REFUSAL_VIEW,
  SIGNED_CONFLICT_TABLE,
  SIGNER_DELIVERY_VIEW,
  SIGNING_KEY_VIEW,
} from '@foggara/schema'

import { defineType } from '../define-type.ts'
import { BY_BLOCK } from '../shared-shape.ts'

const OF_PROVIDER = { providers: { column: 'provider', operator: 'in' } } as const

defineType({
  name: 'SigningKey',
  description: 'A key that signs for a provider, from the block of its evidence on.',
  source: SIGNING_KEY_VIEW,
  orders: BY_BLOCK,
  defaultDirection: 'ASC',
  filters: OF_PROVIDER,
})

defineType({
  name: 'SignerDelivery',
  description: 'What a signing key delivered, and how timely.',
  source: { ...SIGNER_DELIVERY_VIEW, limits: 'summary' },
  orders: { RECEIPT_COUNT: ['receipt_count'] },
  defaultDirection: 'DESC',
  filters: OF_PROVIDER,
})

defineType({
  name: 'NonceGap',
  description: 'Nonces that a provider left out between those of its receipts.',
  source: { ...NONCE_GAP_VIEW, limits: 'summary' },
  rename: { digest: 'nextDigest', signer: 'nextSigner' },
  orders: { NONCE: ['first_nonce'] },
  defaultDirection: 'ASC',
  filters: OF_PROVIDER,
})

defineType({
  name: 'QuarantinedSubmission',
  description:
    'A receipt or batch that waits for a fact, or did. It names the provider; nothing proves yet that the provider sent it.',
  source: { ...QUARANTINE_VIEW, limits: 'summary' },
  optional: ['outcome', 'outcome_code'],
  orders: { RECEIVED: ['received_at_seconds'] },
  defaultDirection: 'DESC',
  filters: {
    ...OF_PROVIDER,
    codes: { column: 'code', operator: 'in' },
    isWaiting: { column: 'is_waiting', operator: 'equals' },
  },
  plural: 'quarantinedSubmissions',
})

defineType({
  name: 'RefusedSubmission',
  description:
    'What was refused. It names the provider, which proves nothing: anybody can send it; see SignedConflict for what is proven.',
  source: { ...REFUSAL_VIEW, limits: 'summary' },
  optional: ['provider'],
  orders: { RECEIVED: ['received_at_seconds'] },
  defaultDirection: 'DESC',
  filters: { ...OF_PROVIDER, codes: { column: 'code', operator: 'in' } },
  plural: 'refusedSubmissions',
})

defineType({
  name: 'SignedConflict',
  description:
    'Two things that a valid key of a provider signed and of which one can be true: what was refused, with its bytes, and what is stored.',
  source: { ...SIGNED_CONFLICT_TABLE, key: ['provider', 'code', 'digest', 'stored_digest'] },
  optional: ['stored_digest', 'nonce', 'sequence'],
  orders: { RECEIVED: ['received_at_seconds'] },
  defaultDirection: 'DESC',
  filters: { ...OF_PROVIDER, digests: { column: 'digest', operator: 'in' } },
  plural: 'signedConflicts',
})
