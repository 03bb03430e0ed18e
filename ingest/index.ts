export { FOLLOW_DEFAULTS, type FollowEvent, type FollowSettings } from './chain/follow.ts'
export { createIngest, type Ingest, type IngestOptions } from './ingest.ts'
export type { IngestStatus } from './progress.ts'
export {
  openReceiptIntake,
  type ReceiptIntake,
  type ReceiptIntakeOptions,
  type ReceiptOutcome,
} from './receipts/intake.ts'
export { type ClosedEpoch, type EpochStore, openEpochStore } from './store/epoch-store.ts'
export type { Surroundings } from './surroundings.ts'
