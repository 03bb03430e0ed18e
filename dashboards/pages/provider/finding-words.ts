/** The words for each finding, by the index's own name for it. */
export const FINDINGS: Readonly<Record<string, string>> = {
  HIDES_ANCHORED: 'Hides receipts',
  ALTERED_RECEIPT: 'Altered receipts',
  REORDERED_BATCH: 'Re-ordered batches',
  NONCE_REUSED: 'Nonce used twice',
  NONCE_GAP: 'Nonces left out',
  BATCH_GAP: 'Batch left out',
  UNANCHORED_LATE: 'Not anchored',
}

/** What a piece of evidence shows of its first and second, by the index's own name for it. */
export const REASONS: Readonly<Record<string, string>> = {
  NOT_DELIVERED: 'Never delivered',
  DELIVERED_OTHERS: 'Delivered the second instead',
  NONCE_ANCHORED: 'Delivered the second instead',
  NONCE_REUSED: 'Same nonce as the second',
  SEQUENCE_REUSED: 'Same place as the second',
  PREVIOUS_MISMATCH: 'Does not follow the second',
  ANCHORED_LATER: 'Anchored after the second',
  NONCES_MISSING: 'Nonces missing before it',
  GAP_BEFORE: 'The second has not come',
  CAME_ALONE: 'Came alone, not anchored',
  CAME_IN_BATCH: 'In a batch, not anchored',
}
