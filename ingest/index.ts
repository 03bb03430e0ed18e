export { FOLLOW_DEFAULTS, type FollowEvent, type FollowSettings } from './chain/follow.ts'
export { createIngest, type Ingest, type IngestOptions } from './ingest.ts'
export type { IngestStatus } from './progress.ts'
export type { Surroundings } from './surroundings.ts'
