export {
  type Adapter,
  domainRows,
  idOfAddress,
  type PlacedAdapter,
  placeAdapter,
} from './adapters/adapter.ts'
export { loadAdapter } from './adapters/load-adapter.ts'
export { FOLLOW_DEFAULTS, type FollowEvent, type FollowSettings } from './chain/follow.ts'
export { openRpcPool } from './chain/rpc-pool.ts'
export type { ProviderReport } from './chain/rpc-provider.ts'
export { openRpc, type Rpc, type RpcOptions } from './chain/rpc.ts'
export { type ChainStatus, createChainIngest } from './chains/chain-ingest.ts'
export { type ChainPlan, checkChainPlan } from './chains/chain-plan.ts'
export { createIngest, type Ingest, type IngestOptions } from './ingest.ts'
export type { IngestStatus } from './progress.ts'
export { type RuleReport, checkRules } from './rules/check-rules.ts'
export { watchRules } from './rules/watch-rules.ts'
export { proveBlocks } from './proof/prove-blocks.ts'
export { openHttpGate } from './receipts/files/http-gate.ts'
export type { FileReport } from './receipts/files/import-file.ts'
export { importFiles, watchFiles } from './receipts/files/import-files.ts'
export type { ReceiptGate } from './receipts/files/receipt-gate.ts'
export {
  openReceiptIntake,
  type ReceiptIntake,
  type ReceiptIntakeOptions,
  type ReceiptOutcome,
} from './receipts/intake.ts'
export { receiveStream } from './receipts/stream/receive-stream.ts'
export { parseStreamAddress } from './receipts/stream/stream-address.ts'
export {
  openSourceIndex,
  type SourceEvent,
  type SourceIndex,
  type SourceOptions,
  type SourceSettings,
} from './scan/index-sources.ts'
export { type CorpusError, ERROR_CORPUS } from './simulation/error-corpus.ts'
export { type Fault, FAULTS } from './simulation/faults.ts'
export { openRandom, type Random } from './simulation/random.ts'
export type { NodeLimits } from './simulation/simulated-answers.ts'
export { createSimulatedChain, type SimulatedChain } from './simulation/simulated-chain.ts'
export { type SimulatedNode, startSimulatedNode } from './simulation/simulated-node.ts'
export { readArchivedLogs } from './store/archived-logs.ts'
export { type ClosedEpoch, type EpochStore, openEpochStore } from './store/epoch-store.ts'
export type { Surroundings } from './surroundings.ts'
export type { BridgeSettings, BridgeStep } from './subgraphs/bridge/bridge.ts'
export { openSubgraphBridge, type SubgraphBridge } from './subgraphs/bridge/open-subgraph-bridge.ts'
export type { ChainBlock } from './subgraphs/chain-source.ts'
export type { SubgraphFailure } from './subgraphs/entity-cache/entity-store.ts'
export { type MemoryStore, openMemoryStore } from './subgraphs/entity-cache/memory-store.ts'
export type { SubgraphEvent } from './subgraphs/follow/follow-events.ts'
export type { SubgraphStatus } from './subgraphs/follow/follow-progress.ts'
export { readStoredProofs, type StoredProof } from './subgraphs/follow/stored-proofs.ts'
export {
  type NamedSubgraph,
  openSubgraphIngest,
  type SubgraphIngest,
  SUBGRAPH_STATUS_PREFIX,
} from './subgraphs/follow/subgraph-ingest.ts'
export { HandlerError } from './subgraphs/handler-error.ts'
export { HANDLER_LIMITS, type HandlerLimits } from './subgraphs/heap/mapping-instance.ts'
export {
  type CompatibilityReport,
  compatibilityReport,
  type SourceUse,
} from './subgraphs/manifest/compatibility.ts'
export { deploymentId } from './subgraphs/manifest/deployment-id.ts'
export { loadSubgraph } from './subgraphs/manifest/load-subgraph.ts'
export type { Subgraph } from './subgraphs/manifest/manifest.ts'
export { plainLogs } from './subgraphs/plain-logs.ts'
export { finishProof, type ProofRequest } from './subgraphs/poi/proof-of-indexing.ts'
export { openRpcChain, type RpcChain } from './subgraphs/rpc-chain.ts'
export {
  type ClickHouseStore,
  type ClickHouseStoreOptions,
  openClickHouseStore,
} from './subgraphs/store/clickhouse-store.ts'
export { type PruneReport, pruneSubgraph } from './subgraphs/store/prune.ts'
export {
  type BlockReport,
  type MappingLog,
  openSubgraphRunner,
  type SubgraphRunner,
} from './subgraphs/subgraph-runner.ts'
