/** The kinds of asset, in the order of their on-chain numbers. */
export const ASSET_KINDS = ['MODEL', 'DATASET', 'AGENT', 'TOOL', 'COMPUTE'] as const
export type AssetKind = (typeof ASSET_KINDS)[number]

/** The relations of a provenance edge child → parent, in the order of their on-chain numbers. */
export const RELATIONS = [
  'FINETUNED_FROM',
  'ADAPTER_OF',
  'QUANTIZED_FROM',
  'MERGED_FROM',
  'DISTILLED_FROM',
  'TRAINED_ON',
  'EVALUATED_ON',
  'DATASET_DERIVED_FROM',
  'COMPOSED_OF',
] as const
export type Relation = (typeof RELATIONS)[number]

/** What a contributor did for an asset, in the order of their on-chain numbers. */
export const CONTRIBUTION_ROLES = [
  'DEVELOPER',
  'DATA_PROVIDER',
  'RESEARCHER',
  'REVIEWER',
  'BUSINESS',
] as const
export type ContributionRole = (typeof CONTRIBUTION_ROLES)[number]

/** What a compute receipt's job was, in the order of their on-chain numbers. */
export const WORKLOADS = ['INFERENCE', 'TRAINING', 'AGENT_RUN', 'EVALUATION'] as const
export type Workload = (typeof WORKLOADS)[number]

/** What a payment was for, in the order of their on-chain numbers. */
export const PAYMENT_KINDS = ['USAGE', 'LICENCE', 'SALE', 'TIP'] as const
export type PaymentKind = (typeof PAYMENT_KINDS)[number]

/** What an access grant opens, in the order of their on-chain numbers. */
export const ACCESS_SCOPES = ['READ', 'INFER', 'TRAIN'] as const
export type AccessScope = (typeof ACCESS_SCOPES)[number]

/** How a vote was cast, in OpenZeppelin Governor's order. */
export const VOTE_SUPPORTS = ['AGAINST', 'FOR', 'ABSTAIN'] as const
export type VoteSupport = (typeof VOTE_SUPPORTS)[number]

/** How a proposal ended, in the order of their on-chain numbers. */
export const PROPOSAL_OUTCOMES = ['EXECUTED', 'CANCELLED'] as const
export type ProposalOutcome = (typeof PROPOSAL_OUTCOMES)[number]

/** The life of an epoch's root on chain. */
export const EPOCH_STATUSES = ['CLOSED', 'PROPOSED', 'CHALLENGED', 'ACTIVE', 'REJECTED'] as const
export type EpochStatus = (typeof EPOCH_STATUSES)[number]

/** The pools an epoch's budget is divided into, in canonical order. */
export const POOLS = [
  'creators',
  'dataProviders',
  'computeOperators',
  'reviewers',
  'treasury',
] as const
export type Pool = (typeof POOLS)[number]

/** Why a share is computed but not paid. */
export const WITHHELD_REASONS = ['disputed', 'slashed', 'excluded'] as const
export type WithheldReason = (typeof WITHHELD_REASONS)[number]
