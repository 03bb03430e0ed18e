export {
  allocationLeaf,
  allocationTree,
  receiptLeaf,
  receiptTree,
} from './commit/allocation-tree.ts'
export {
  abiEncode,
  abiEncodePacked,
  type AbiValue,
  Uint256RangeError,
} from './commit/abi-encode.ts'
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
export { WasmUnavailableError } from './cpu/kernel-instance.ts'
export { createWasmEngine } from './cpu/wasm-engine.ts'
export { GraphTooLargeError } from './cpu/wasm-memory.ts'
export { RankProblemError } from './check-problem.ts'
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
  engineOf,
} from './engines.ts'
export { SnapshotInconsistentError, checkSnapshot } from './epoch/check-snapshot.ts'
export { computeEpoch } from './epoch/compute-epoch.ts'
export { epochFlowProblem, epochRankProblem } from './epoch/epoch-graphs.ts'
export { SAMPLE_RULESET, SAMPLE_SNAPSHOT } from './epoch/sample-snapshot.ts'
export { type EpochVerification, type PublishedEpoch, verifyEpoch } from './epoch/verify-epoch.ts'
export { USAGE_WEIGHT_SCALE, type Usage, usageOf } from './epoch/usage.ts'
export {
  type AllocationExplanation,
  AllocationUnknownError,
  type PoolExplanation,
  type SourceExplanation,
  explainAllocation,
} from './explain/explain-allocation.ts'
export { type Reason, type SourceExplainer, explainerOf } from './explain/explain-source.ts'
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
export type { Csr } from './graph/csr.ts'
export type { EdgeColumns } from './graph/edge-columns.ts'
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
export { compareIdBytes } from './graph/id-order.ts'
export { type NormalisedWeights, normaliseWeights } from './graph/normalise-weights.ts'
export { type RankRules, type Ranking, rank, rankProblemOf } from './rank.ts'
export { flowReference } from './reference/flow.ts'
export { rankReference } from './reference/rank.ts'
export { referenceEngine } from './reference/reference-engine.ts'
export { type ById, RulesMalformedError } from './rules.ts'
export { RunAbortedError } from './run-aborted.ts'
export { type CappedSplit, cappedSplit } from './split/capped-split.ts'
export {
  type Claim,
  SplitWithoutWeightError,
  largestRemainder,
  largestRemainderByKey,
} from './split/largest-remainder.ts'
export { type LedgerBalance, type LedgerEntry, bookEarning } from './split/ledger.ts'
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
export {
  type SqlEpochHeader,
  type SqlEpochResult,
  type SqlExecutor,
  SqlRowError,
  computeRewardsSql,
  computeScoresSql,
  scoreLiteral,
} from './sql/compute-epoch-sql.ts'
