// What a page needs to recompute an epoch for its visitor. Nothing here may reach a Node built-in.
export { createAutoEngine } from './auto-engine.ts'
export { allocationLeaf, allocationTree } from './commit/allocation-tree.ts'
export { keccak256OfText, sha256OfLines } from './commit/hash.ts'
export {
  ManifestMismatchError,
  headerFromManifest,
  manifestHashOf,
  manifestToJson,
} from './commit/manifest.ts'
export { foldMerkleProof, verifyMerkleProof } from './commit/merkle-tree.ts'
export { snapshotFromLines } from './commit/snapshot-tables.ts'
export { createWasmEngine } from './cpu/wasm-engine.ts'
export { compareFlows, compareRanks } from './compare-results.ts'
export type {
  Execution,
  FlowResult,
  RankEngine,
  RankResult,
  RankStop,
  RunOptions,
  RunProgress,
} from './engine.ts'
export { type EngineOptions, closeEngines, engineOf } from './engines.ts'
export { computeEpoch } from './epoch/compute-epoch.ts'
export { type EpochVerification, verifyEpoch } from './epoch/verify-epoch.ts'
export { explainAllocation, type AllocationExplanation } from './explain/explain-allocation.ts'
export { openPageGpu } from './gpu/page-gpu.ts'
export { createWebGpuEngine } from './gpu/webgpu-engine.ts'
export { referenceEngine } from './reference/reference-engine.ts'
export { type Explanation, explainFlow, explainRank } from './explain/explain-node.ts'
export { type FlowRules, type Flowed, flow } from './flow.ts'
export { type Graph, type GraphRow, buildGraph } from './graph/build-graph.ts'
export type { EdgeColumns } from './graph/edge-columns.ts'
export { buildCsr } from './graph/build-csr.ts'
export { generateKronecker } from './graph/generate/kronecker.ts'
export { generateUsageGraph } from './graph/generate/usage-graph.ts'
export { decodeGraph, decodeGraphStream } from './graph/packed/decode-graph.ts'
export { encodeGraph } from './graph/packed/encode-graph.ts'
export { rankDigest } from './rank-digest.ts'
export { type RankRules, type Ranking, rank } from './rank.ts'
export { createWasmSynergies } from './shapley/synergy-wasm.ts'
export { createWebGpuSynergies } from './shapley/synergy-webgpu.ts'
