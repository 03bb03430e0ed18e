export { auditStorage, type StorageFinding } from './audit.ts'
export { readChainCatalogue } from './chain-catalogue.ts'
export {
  CHAIN_STATUS_PREFIX,
  type ChainCut,
  chainCut,
  DEPLOYMENT_CHAIN,
  type StoredChain,
  storedChains,
} from './chain-cut.ts'
export { type ClickHouseClient, type ClientOptions, openClient } from './client.ts'
export { databaseError } from './client-error.ts'
export { QUERY_LIMITS, type QueryLimits } from './limits.ts'
export {
  DatabaseNewerError,
  MigrationChangedError,
  migrate,
  statementsHash,
  type MigrationReport,
} from './migrations.ts'
export { BlockNotIndexedError, currentPin, pinAt, pinAtHash } from './pin.ts'
export { startScratchDatabase, type ScratchDatabase } from './scratch-database.ts'
export {
  command,
  insertNative,
  insertRowBinary,
  insertRows,
  type InsertOptions,
  type QueryOptions,
  type QueryParameters,
  queryRowBlocks,
  queryRows,
} from './statements.ts'
export { type Database, type DatabaseOptions, startDatabase } from './supervisor.ts'
