/** What may compute the epochs of a service: engines that need no database of their own. */
export const SERVICE_ENGINES = ['auto', 'wasm', 'webgpu', 'reference'] as const
export type ServiceEngine = (typeof SERVICE_ENGINES)[number]

/** Every engine that a command can be told to use. */
export const ENGINE_NAMES = [...SERVICE_ENGINES, 'duckdb', 'clickhouse'] as const
export type EngineSetting = (typeof ENGINE_NAMES)[number]

/** The most threads that an engine may be given. */
export const THREAD_COUNT_MAX = 256
