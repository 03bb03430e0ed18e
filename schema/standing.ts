/**
 * What a provider is named for. Each is a fact that anybody can check from its evidence; none changes
 * a reward by itself.
 */
export const FINDING_CODES = [
  /** It anchored receipts without their bodies and has not delivered them. */
  'HIDES_ANCHORED',
  /** What it delivered is not what it anchored. */
  'ALTERED_RECEIPT',
  /** Its signed batches contradict their own order, or are anchored in another one. */
  'REORDERED_BATCH',
  /** It signed two receipts with one nonce, and neither is anchored. */
  'NONCE_REUSED',
  /** Nonces between those of its receipts are missing. */
  'NONCE_GAP',
  /** A signed batch waits for an earlier one that has not come, or waited in vain. */
  'BATCH_GAP',
  /** It delivered receipts and has not anchored them. */
  'UNANCHORED_LATE',
] as const

/** How long an anchored receipt without a body may be undelivered before it counts as hidden. Unit: seconds. */
export const HIDDEN_AFTER_SECONDS = 3_600

/** How long a delivered receipt may wait for its anchor. Unit: seconds. */
export const UNANCHORED_AFTER_SECONDS = 86_400

/** How long a nonce, or a batch that a later one names, may be missing. Unit: seconds. */
export const GAP_AFTER_SECONDS = 3_600

/** A receipt that arrives longer than this after its end is back-dated. Unit: seconds. */
export const BACK_DATED_SECONDS = 86_400

/**
 * A wall clock further ahead of the chain than this speaks another time than the chain, as on a
 * development chain: what it says of an arrival cannot be compared with blocks. Unit: seconds.
 */
export const CLOCKS_APART_SECONDS = 3_600
