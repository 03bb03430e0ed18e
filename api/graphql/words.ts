import {
  ACCESS_SCOPES,
  ASSET_KINDS,
  CONTRIBUTION_ROLES,
  EPOCH_STATUSES,
  FINDING_CODES,
  MEASURES,
  PAYMENT_KINDS,
  POOLS,
  RELATIONS,
  VOTE_SUPPORTS,
  WITHHELD_REASONS,
  WORKLOADS,
} from '@foggara/schema'

import { builder } from './builder.ts'

/** The words of the domain as GraphQL enums; the values are the words themselves. */
export const WORDS = {
  AssetKind: words('AssetKind', 'The kinds of asset.', ASSET_KINDS),
  Relation: words('Relation', 'How a child asset came from its parent.', RELATIONS),
  ContributionRole: words(
    'ContributionRole',
    'What a contributor did for an asset.',
    CONTRIBUTION_ROLES,
  ),
  Workload: words('Workload', 'What kind of job a receipt is for.', WORKLOADS),
  PaymentKind: words('PaymentKind', 'What a payment was for.', PAYMENT_KINDS),
  AccessScope: words('AccessScope', 'What an access grant opens.', ACCESS_SCOPES),
  VoteSupport: words('VoteSupport', 'How a vote was cast.', VOTE_SUPPORTS),
  EpochStatus: words(
    'EpochStatus',
    'CLOSED: computed, not proposed. PROPOSED: may be challenged. ACTIVE: its leaves can be claimed.',
    EPOCH_STATUSES,
  ),
  Pool: words('Pool', "The pools an epoch's budget is divided into.", POOLS),
  Measure: words(
    'Measure',
    'rank: over the usage graph. flow: fees along provenance. work: of providers. review: of reviewers.',
    MEASURES,
  ),
  WithheldReason: words(
    'WithheldReason',
    'Why a share is computed but not paid.',
    WITHHELD_REASONS,
  ),
  GrantStatus: words('GrantStatus', 'The state of a licence or an access grant at the block.', [
    'ACTIVE',
    'EXPIRED',
    'REVOKED',
  ]),
  DisputeStatus: words('DisputeStatus', 'The state of a dispute at the block.', [
    'OPEN',
    'UPHELD',
    'DISMISSED',
  ]),
  ListingStatus: words('ListingStatus', 'The state of a listing at the block.', [
    'OPEN',
    'SOLD',
    'CANCELLED',
  ]),
  ReceiptStatus: words(
    'ReceiptStatus',
    'ANCHORED receipts are in a batch on chain and count; PENDING ones are not yet.',
    ['ANCHORED', 'PENDING'],
  ),
  FindingCode: words(
    'FindingCode',
    [
      'What a provider is named for. HIDES_ANCHORED: anchored receipts that it does not deliver.',
      'ALTERED_RECEIPT: it delivered something else than it anchored. REORDERED_BATCH: its signed',
      'batches contradict their own order, or are anchored in another one. NONCE_REUSED: two receipts',
      'with one nonce. NONCE_GAP: nonces that it left out. BATCH_GAP: a signed batch that it left out.',
      'UNANCHORED_LATE: delivered receipts that it does not anchor.',
    ].join(' '),
    FINDING_CODES,
  ),
  AnchorDeliveryState: words(
    'AnchorDeliveryState',
    'How much of an anchored batch was delivered. COMPLETE: every body is known.',
    ['COMPLETE', 'PARTIAL', 'NONE'],
  ),
  Anchoring: words(
    'Anchoring',
    'How a signed batch is anchored. WHOLE: by a batch of the same root. PARTS: all its receipts, by others.',
    ['WHOLE', 'PARTS', 'PARTIAL', 'NONE'],
  ),
  ProposalStatus: words('ProposalStatus', 'The state of a proposal at the block.', [
    'OPEN',
    'EXECUTED',
    'CANCELLED',
  ]),
} as const

/** The name of a word list. */
export type WordList = keyof typeof WORDS

/** Ascending or descending. */
export const DIRECTION = words('Direction', 'The direction of an order.', ['ASC', 'DESC'])

function words<const Word extends string>(
  name: string,
  description: string,
  values: readonly Word[],
) {
  return builder.enumType(name, { description, values })
}
