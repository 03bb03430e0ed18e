export {
  AUTO_GPU_EDGE_COUNT_MIN,
  type AutoEngine,
  type AutoEngineOptions,
  createAutoEngine,
} from './auto-engine.ts'
export {
  allocationLeaf,
  allocationTree,
  receiptLeaf,
  receiptTree,
} from './commit/allocation-tree.ts'
export { abiEncodePacked, type AbiValue, Uint256RangeError } from './commit/abi-encode.ts'
export {
  type CumulativeEarning,
  type Earner,
  type EarnerClaim,
  type EarnerTree,
  EarnerTreeError,
  buildEarnerTree,
  earnerClaim,
  earnerLeaf,
  tokenLeaf,
  verifyEarnerClaim,
} from './commit/earner-tree.ts'
export {
  type IndexedAmount,
  type IndexedTree,
  IndexedTreeError,
  buildIndexedTree,
  indexAmounts,
  indexedLeaf,
} from './commit/indexed-tree.ts'
export {
  type AllocationClaim,
  type AllocationCommitment,
  AllocationRepeatedError,
  LEAF_FORMATS,
  type LeafFormat,
  commitAllocations,
  verifyAllocationClaim,
} from './commit/leaf-format.ts'
export {
  type MultiProof,
  MultiProofError,
  foldMultiProof,
  merkleMultiProof,
  verifyMultiProof,
} from './commit/multi-proof.ts'
export { PositionalTreeError } from './commit/positional-tree.ts'
export { CanonicalLineError } from './commit/column.ts'
export { keccak256, keccak256OfText, sha256OfLines } from './commit/hash.ts'
export {
  ManifestMismatchError,
  headerFromManifest,
  manifestHashOf,
  manifestOf,
  manifestToJson,
} from './commit/manifest.ts'
export {
  type MerkleTree,
  buildMerkleTree,
  buildUnsortedMerkleTree,
  foldMerkleProof,
  merkleProof,
  standardLeaf,
  verifyMerkleProof,
} from './commit/merkle-tree.ts'
export {
  SNAPSHOT_TABLES,
  type SnapshotHeader,
  type SnapshotTable,
  SnapshotTableUnknownError,
  scoresToLines,
  snapshotFromLines,
  snapshotToLines,
} from './commit/snapshot-tables.ts'
export type { WasmEngine, WasmEngineOptions } from './cpu/engine-on.ts'
export { EdgeSlabError } from './cpu/slab-pieces.ts'
export {
  CheckpointMismatchError,
  type RankCheckpoint,
  type StreamedRankOptions,
  type StreamedRankProblem,
} from './cpu/streamed-problem.ts'
export { WorkerLostError } from './cpu/threads/thread-team.ts'
export { createWasmEngine } from './cpu/wasm-engine.ts'
export { GraphTooLargeError } from './cpu/wasm-memory.ts'
export { WasmUnavailableError } from './cpu/wasm-unavailable.ts'
export { RankProblemError } from './check-problem.ts'
export { rankDigest } from './rank-digest.ts'
export { type Comparison, compareFlows, compareRanks } from './compare-results.ts'
export type {
  EngineName,
  Execution,
  FlowProblem,
  FlowResult,
  RankEngine,
  RankProblem,
  RankResult,
  RankStop,
  RunOptions,
  RunProgress,
} from './engine.ts'
export {
  type EngineByName,
  type EngineChoice,
  type EngineOptions,
  EngineUnavailableError,
  EngineUnknownError,
  closeEngines,
  engineOf,
} from './engines.ts'
export { SnapshotInconsistentError, checkSnapshot } from './epoch/check-snapshot.ts'
export { computeEpoch } from './epoch/compute-epoch.ts'
export { epochFlowProblem, epochRankProblem } from './epoch/epoch-graphs.ts'
export { SAMPLE_RULESET, SAMPLE_SNAPSHOT } from './epoch/sample-snapshot.ts'
export { type EpochVerification, type PublishedEpoch, verifyEpoch } from './epoch/verify-epoch.ts'
export { type Usage, usageOf } from './epoch/usage.ts'
export {
  type AllocationExplanation,
  AllocationUnknownError,
  type PoolExplanation,
  type SourceExplanation,
  explainAllocation,
} from './explain/explain-allocation.ts'
export {
  type ExplainOptions,
  type Explanation,
  explainFlow,
  explainRank,
} from './explain/explain-node.ts'
export { type Reason, type SourceExplainer, explainerOf } from './explain/explain-source.ts'
export {
  type FlowRecord,
  type RankRecord,
  type RecordOptions,
  RecordTooLargeError,
  recordFlow,
  recordRank,
} from './explain/record-run.ts'
export {
  type ContributingPath,
  type NodeExplanation,
  NodeUnknownError,
  type TopPathsOptions,
  topPaths,
} from './explain/top-paths.ts'
export { type FlowRules, type Flowed, flow, flowProblemOf } from './flow.ts'
export {
  type Graph,
  type GraphOptions,
  type GraphRow,
  NegativeWeightError,
  type ParallelEdges,
  ParallelEdgeError,
  WeightTooLargeError,
  buildGraph,
  outWeights,
} from './graph/build-graph.ts'
export { GraphTooLargeForDeviceError } from './gpu/gpu-buffers.ts'
export {
  DeviceFailedError,
  DeviceLostError,
  GpuDevice,
  KernelRefusedError,
  WebGpuUnavailableError,
} from './gpu/gpu-device.ts'
export type { GpuLike } from './gpu/gpu-like.ts'
export { NodeGpuUnavailableError, type NodeGpuOptions, openNodeGpu } from './gpu/node-gpu.ts'
export { openPageGpu } from './gpu/page-gpu.ts'
export type { WebGpuEngineOptions } from './gpu/tuning.ts'
export { type WebGpuEngine, createWebGpuEngine } from './gpu/webgpu-engine.ts'
export type { Csr } from './graph/csr.ts'
export type { EdgeColumns } from './graph/edge-columns.ts'
export { buildCsr } from './graph/build-csr.ts'
export {
  EdgeColumnsMismatchedError,
  EdgeWeightTooLargeError,
  NodeOutOfRangeError,
} from './graph/edge-rows.ts'
export type { BuildOptions, BuildProgress, EdgeTable } from './graph/edge-table.ts'
export { type ExtendOptions, extendCsr } from './graph/extend-csr.ts'
export { NodeCountMalformedError } from './graph/graph-kernel.ts'
export {
  type KroneckerOptions,
  generateDirectedRmat,
  generateDirectedRmatChunks,
  generateKronecker,
  generateKroneckerChunks,
} from './graph/generate/kronecker.ts'
export {
  type UsageGraph,
  type UsageGraphOptions,
  generateUsageGraph,
} from './graph/generate/usage-graph.ts'
export type { EdgeSlab, EdgeSlabs } from './graph/edge-slab.ts'
export {
  type FolderOptions,
  type FolderProgress,
  buildGraphFolder,
} from './graph/folder/build-graph-folder.ts'
export {
  GraphFolderDamagedError,
  GraphFolderFullError,
  GraphFolderMemoryError,
  GraphFolderMissingError,
  GraphFolderUnreadableError,
} from './graph/folder/folder-error.ts'
export {
  type GraphFolder,
  openGraphFolder,
  readGraphFolder,
} from './graph/folder/open-graph-folder.ts'
export { type NormalisedWeights, normaliseWeights } from './graph/normalise-weights.ts'
export {
  type DecodeOptions,
  type DecodeProgress,
  decodeGraph,
  decodeGraphStream,
} from './graph/packed/decode-graph.ts'
export { encodeGraph } from './graph/packed/encode-graph.ts'
export { PackedGraphError } from './graph/packed/format.ts'
export {
  type Relation,
  idEdgesSql,
  nodeIdsSql,
  numberedEdgesSql,
  provenanceEdgesSql,
  usageEdgesSql,
} from './graph/row-binary/edges-sql.ts'
export { NodeDictionary, NodeDictionaryError } from './graph/row-binary/node-dictionary.ts'
export {
  type ByteChunks,
  RowBinaryError,
  type RowCountOptions,
  readEdgeColumnChunks,
  readEdgeColumns,
  readIdEdges,
  readUint32Column,
} from './graph/row-binary/row-binary.ts'
export { type RankRules, type Ranking, rank, rankProblemOf } from './rank.ts'
export { flowReference } from './reference/flow.ts'
export { rankReference } from './reference/rank.ts'
export { referenceEngine } from './reference/reference-engine.ts'
export { type ById, RulesMalformedError } from './rules.ts'
export { RunAbortedError } from './run-aborted.ts'
export { LAP_MODES, type LapMode } from './royalty/lap-reach.ts'
export {
  type OwedAgainstPaid,
  type OwedPaid,
  type RoyaltyRow,
  RoyaltyRowError,
  dueOnReceived,
  owedAgainstPaid,
} from './royalty/owed-against-paid.ts'
export {
  type OwedRoyalties,
  type OwedRoyalty,
  type Revenue,
  owedRoyalties,
} from './royalty/owed-royalties.ts'
export {
  type RoyaltyFlow,
  RoyaltyRevenueError,
  lapRatesOf,
  royaltyFlow,
} from './royalty/royalty-flow.ts'
export {
  LAP_ANCESTOR_COUNT_MAX,
  RoyaltyAssetError,
  type RoyaltyGraph,
  type RoyaltyGraphOptions,
  buildRoyaltyGraph,
} from './royalty/royalty-graph.ts'
export {
  EventOrderError,
  LINK_REFUSALS,
  type LinkRefusal,
  ROYALTY_POLICIES,
  type RefusedLink,
  type RoyaltyAsset,
  type RoyaltyLink,
  RoyaltyLinkError,
  type RoyaltyPolicy,
  eventOrder,
} from './royalty/royalty-link.ts'
export {
  type StoryPayment,
  StoryPaymentError,
  storyLapTransfer,
  storyLrpRatesOf,
  storyLrpTransfer,
  storyPayment,
} from './royalty/story-royalties.ts'
export {
  type KeyPointReceipt,
  allOrAnyGame,
  anyOfEachGroupGame,
  keyPointGame,
  roleBlockGame,
} from './shapley/closed-form-games.ts'
export { exactGame } from './shapley/exact-game.ts'
export {
  SHAPLEY_DENOMINATOR,
  type ShapleyGame,
  ShapleyGameError,
  ShapleyReceiptError,
  type ShapleyShares,
  TooManyPlayersError,
  type UsedTogether,
  type WorthReceipt,
} from './shapley/game.ts'
export { type SampledGameOptions, exactOrSampledGame, sampledGame } from './shapley/sampled-game.ts'
export { type Sampling, SamplingError } from './shapley/sampling.ts'
export {
  NegativeShapleyError,
  type ShapleyTotals,
  addShapleyTotals,
  shapleyOfReceipts,
  shapleyStandardErrors,
  shapleyUnits,
} from './shapley/shapley-of-receipts.ts'
export { SynergyKernelsUnavailableError } from './shapley/synergy-kernels.ts'
export {
  type SynergyReceipts,
  SynergyReceiptsError,
  type SynergySampler,
  synergyWorth,
} from './shapley/synergy-receipts.ts'
export { referenceSynergySampler } from './shapley/synergy-reference.ts'
export { sampleSynergies } from './shapley/answers/sample-synergies.ts'
export { type WasmSynergies, createWasmSynergies } from './shapley/synergy-wasm.ts'
export { type WebGpuSynergyOptions, createWebGpuSynergies } from './shapley/synergy-webgpu.ts'
export {
  CapNegativeError,
  type CappedClaim,
  type CappedSplit,
  cappedSplit,
  ownCapSplit,
} from './split/capped-split.ts'
export {
  type CorrectionEntry,
  type DebtBalance,
  type DebtEntry,
  LedgerAmountError,
  bookCorrection,
  bookEarningAgainstDebt,
} from './split/debt.ts'
export {
  type EscrowDecision,
  type EscrowEntry,
  EscrowError,
  type FrozenShare,
  type ReleasedShare,
  bookEscrow,
} from './split/escrow.ts'
export {
  type BurnedFee,
  FeeBoundError,
  type FeeBoundFactor,
  type FeeBoundRow,
  assetFees,
} from './split/fee-bound.ts'
export {
  type Claim,
  SplitClaimNegativeError,
  SplitWithoutWeightError,
  largestRemainder,
  largestRemainderByKey,
} from './split/largest-remainder.ts'
export { type LedgerBalance, type LedgerEntry, bookEarning } from './split/ledger.ts'
export { type RewardIdentity, rewardIdentity } from './split/reward-identity.ts'
export { BasisPointsError, splitByBasisPoints } from './split/role-pools.ts'
export {
  type Lineage,
  type LineageRecord,
  type Reached,
  ancestorsOf,
  buildLineage,
  descendantsOf,
  unresolvedParentsOf,
} from './graph/lineage.ts'
export { type Cycles, cycleGroupsOf, cyclesOf } from './graph/cycles.ts'
export { DuckDbUnavailableError, openDuckDbSession } from './sql/duckdb-session.ts'
export { flowStatement } from './sql/flow-statement.ts'
export { rankStatement } from './sql/rank-statement.ts'
export { clickHouseSession } from './sql/row-binary-session.ts'
export { SqlStatementFailedError } from './sql/run-tables.ts'
export { type SqlForm, createSqlEngine } from './sql/sql-engine.ts'
export type { SqlSession } from './sql/sql-session.ts'
export {
  type SqlEpochHeader,
  type SqlEpochResult,
  type SqlExecutor,
  SqlRowError,
  computeRewardsSql,
  computeScoresSql,
} from './sql/compute-epoch-sql.ts'
