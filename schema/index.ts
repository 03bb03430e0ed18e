export { EMPTY_ACCUMULATOR, accumulate, accumulatorAbi, type Accumulator } from './accumulator.ts'
export {
  CONTRACT_ABIS,
  CONTRACT_NAMES,
  eventsOf,
  type ContractName,
  type Deployment,
} from './contracts.ts'
export {
  COVERAGE_CLASSES,
  COVERAGE_STRETCH_BLOCKS,
  UNPROVEN_CLASSES,
  type CoverageRange,
  joinRanges,
} from './coverage.ts'
export {
  DIGEST_BLOCKS_MAX,
  DIGEST_LEVELS,
  DIGEST_STEP,
  type DigestedBlock,
  type DigestedLog,
  type RangeDigest,
  blockDigest,
  digestBlocks,
  digestSql,
  rangeDigest,
} from './digest.ts'
export {
  MEASURES,
  type Allocation,
  type AllocationPart,
  type EpochIdentity,
  type EpochResult,
  type Manifest,
  type Measure,
  type PoolResult,
  type Score,
  type Withheld,
} from './epoch-result.ts'
export {
  FatalError,
  FoggaraError,
  InvariantError,
  RetryableError,
  invariant,
  type FoggaraErrorOptions,
} from './errors.ts'
export { FINDING_CODES } from './standing.ts'
export { HexError, ZERO_ADDRESS, parseAddress, parseBytes32, parseHex, type Hex } from './hex.ts'
export {
  AMOUNT_BOUND,
  AmountOutOfRangeError,
  BPS_WHOLE,
  SCORE_MASS,
  SHARE_WHOLE_E8,
  UINT256_BOUND,
  checkAmount,
  compareBigints,
  compareIds,
  divFloor,
  mulDivFloor,
  sum,
} from './numbers.ts'
export {
  RECEIPT_ASSETS_MAX,
  RECEIPT_BATCH_PARAMETERS,
  RECEIPT_TYPES,
  ReceiptMalformedError,
  parseReceiptJson,
  receiptDigest,
  receiptDomain,
  receiptMessage,
  receiptToJson,
  type Receipt,
  type SignedReceipt,
} from './receipt.ts'
export {
  NO_PREVIOUS_BATCH,
  RECEIPT_BATCH_COUNT_MAX,
  RECEIPT_BATCH_MAGIC,
  RECEIPT_BATCH_TYPES,
  RECEIPT_BATCH_VERSION,
  type ReceiptBatchHeader,
  SIGNED_BATCH_PARAMETERS,
  receiptBatchDigest,
  receiptLeaf,
  receiptProof,
  receiptRoot,
} from './receipt-batch.ts'
export { openRateLimit, type Rate, type RateLimit } from './rate-limit.ts'
export {
  RulesetMalformedError,
  epochBlocks,
  parseRuleset,
  rulesetHash,
  rulesetToJson,
  type Ruleset,
} from './ruleset.ts'
export {
  type Snapshot,
  type SnapshotAsset,
  type SnapshotBalance,
  type SnapshotContribution,
  type SnapshotEdge,
  type SnapshotHolding,
  type SnapshotReceipt,
  type SnapshotReview,
} from './snapshot.ts'
export {
  ACCESS_SCOPES,
  ASSET_KINDS,
  CONTRIBUTION_ROLES,
  EPOCH_STATUSES,
  PAYMENT_KINDS,
  POOLS,
  PROPOSAL_OUTCOMES,
  RELATIONS,
  VOTE_SUPPORTS,
  WITHHELD_REASONS,
  WORKLOADS,
  type AccessScope,
  type AssetKind,
  type ContributionRole,
  type EpochStatus,
  type PaymentKind,
  type Pool,
  type ProposalOutcome,
  type Relation,
  type VoteSupport,
  type WithheldReason,
  type Workload,
} from './words.ts'
export type { Violation } from './rules/rule.ts'
export { RULES, RULE_SENTENCES, SUPPLY_RULE } from './rules/rules.ts'
export { computeRegistryAbi } from './abi/compute-registry.ts'
export { contributionNftAbi } from './abi/contribution-nft.ts'
export { licenseNftAbi } from './abi/license-nft.ts'
export { marketplaceAbi } from './abi/marketplace.ts'
export { ownershipNftAbi } from './abi/ownership-nft.ts'
export { protocolGovernorAbi } from './abi/protocol-governor.ts'
export { protocolParametersAbi } from './abi/protocol-parameters.ts'
export { revenueVaultAbi } from './abi/revenue-vault.ts'
export { rewardDistributorAbi } from './abi/reward-distributor.ts'
export { votesTokenAbi } from './abi/votes-token.ts'
export {
  CATALOGUE_KEY,
  CATALOGUE_TABLE_PREFIX,
  catalogueRows,
  parseCatalogue,
  type CatalogueEvent,
  type ChainCatalogue,
} from './table/chain-catalogue.ts'
export {
  ACCUMULATOR_TABLE,
  ANCHORED_RECEIPT_TABLE,
  BLOCK_TABLE,
  CHAIN_TABLES,
  LOG_TABLE,
  RECEIPT_BODY_COLUMNS,
} from './table/chain-tables.ts'
export {
  EVIDENCE_COLUMNS,
  camelCase,
  clickhouseType,
  columnNames,
  hotRelation,
  hotTable,
  settledTable,
  snakeCase,
  type Column,
  type ColumnType,
  type Stream,
  type Table,
} from './table/column.ts'
export {
  COMMITS_TABLE,
  COMMIT_TABLES,
  SETTLEMENT_TABLE,
  STATUS_TABLE,
} from './table/commit-tables.ts'
export { createTable, migrations, type Migration, type StorageMode } from './table/ddl.ts'
export {
  ALLOCATION_PART_TABLE,
  ALLOCATION_TABLE,
  CLOSED_EPOCH_TABLE,
  EPOCH_POOL_TABLE,
  EPOCH_TABLES,
  SCORE_TABLE,
  SNAPSHOT_LINE_TABLE,
} from './table/epoch-tables.ts'
export { EVENT_TABLES, type EventTable } from './table/event-tables.ts'
export { EventUnsupportedError } from './table/event-unsupported.ts'
export { RECEIPT_FILE_STEP_TABLE } from './table/receipt-file-tables.ts'
export {
  RECEIPT_TABLES,
  REJECTED_RECEIPT_TABLE,
  SIGNED_BATCH_TABLE,
  SIGNED_CONFLICT_TABLE,
  SUBMITTED_RECEIPT_TABLE,
} from './table/receipt-tables.ts'
export {
  LATEST_RELATIONS,
  RelationUnknownError,
  latestRows,
  pinnedRelations,
  type Catalogue,
  type Pin,
  type Relations,
  type StreamPin,
} from './table/relation.ts'
export {
  type EventSource,
  SOURCE_COVERAGE_SQL,
  SOURCE_PART_TABLE,
  type SourceFactory,
  SourceInvalidError,
  type SourceTable,
  shownTable,
  sourceEvents,
  sourceTables,
  sourceViewSql,
  undecodedViewSql,
} from './table/source-tables.ts'
export { TABLES } from './table/tables.ts'
export { hexLiteral, selectText } from './table/text.ts'
export {
  ACCESS_GRANT_VIEW,
  ASSET_HOLDING_VIEW,
  ASSET_VERSION_VIEW,
  ASSET_VIEW,
  ASSET_VIEWS,
  CONTRIBUTION_VIEW,
  DISPUTE_VIEW,
  EDGE_VIEW,
  STORAGE_ANCHOR_VIEW,
} from './view/asset-views.ts'
export {
  BATCH_VIEW,
  COMPUTE_VIEWS,
  PROVIDER_VIEW,
  RECEIPT_VIEW,
  SLASHING_VIEW,
} from './view/compute-views.ts'
export { BLOCK_PROOF_TABLE } from './table/proof-tables.ts'
export { RULE_VIOLATION_TABLE, openViolationsSql } from './table/rule-tables.ts'
export { coverageRangesSql } from './view/coverage-views.ts'
export {
  ANCHOR_DELIVERY_VIEW,
  DELIVERED_BATCH_VIEW,
  UNANCHORED_RECEIPT_VIEW,
  UNDELIVERED_RECEIPT_VIEW,
} from './view/delivery-views.ts'
export { FINDING_EVIDENCE_VIEW, FINDING_VIEW } from './view/finding-views.ts'
export {
  ACCOUNT_VIEW,
  CLAIM_VIEW,
  EPOCH_VIEW,
  EXCLUSION_VIEW,
  FUNDING_VIEW,
  GOVERNANCE_VIEWS,
  PARAMETER_VIEW,
  PROPOSAL_VIEW,
  RULESET_VIEW,
  VOTE_VIEW,
} from './view/governance-views.ts'
export {
  ASSET_REVENUE_VIEW,
  BALANCE_VIEW,
  LICENCE_TERMS_VIEW,
  LICENCE_VIEW,
  LISTING_VIEW,
  MARKET_VIEWS,
  PAYMENT_VIEW,
  ROYALTY_VIEW,
  SALE_VIEW,
} from './view/market-views.ts'
export { EPOCH_USAGE_PAIR_VIEW, EPOCH_USAGE_VIEW } from './view/epoch-usage-views.ts'
export {
  ASSET_USAGE_VIEW,
  USAGE_EVIDENCE_VIEW,
  assetUsageOf,
  usageEvidenceOf,
} from './view/usage-evidence-views.ts'
export { USAGE_VIEW, usedReceipts } from './view/usage-views.ts'
export { sumHalves } from './view/exact-sum.ts'
export { EVIDENCE, columns, evidenceOf, wordOf, type View } from './view/view.ts'
export { QUARANTINE_VIEW, REFUSAL_VIEW } from './view/refusal-views.ts'
export { NONCE_GAP_VIEW, SIGNER_DELIVERY_VIEW, SIGNING_KEY_VIEW } from './view/signer-views.ts'
export { VIEWS } from './view/views.ts'
