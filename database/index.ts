export { type ClickHouseClient, type ClientOptions, openClient } from './client.ts'
export { databaseError } from './client-error.ts'
export {
  command,
  insertRows,
  type InsertOptions,
  type QueryOptions,
  type QueryParameters,
  queryRowBlocks,
  queryRows,
} from './statements.ts'
export { type Database, type DatabaseOptions, startDatabase } from './supervisor.ts'
