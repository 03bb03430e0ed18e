import { ASSET_VIEWS } from './asset-views.ts'
import { COMPUTE_VIEWS } from './compute-views.ts'
import { COVERAGE_VIEWS } from './coverage-views.ts'
import { DELIVERY_VIEWS } from './delivery-views.ts'
import { EPOCH_USAGE_VIEWS } from './epoch-usage-views.ts'
import { FINDING_VIEWS } from './finding-views.ts'
import { GOVERNANCE_VIEWS } from './governance-views.ts'
import { MARKET_VIEWS } from './market-views.ts'
import { REFUSAL_VIEWS } from './refusal-views.ts'
import { SIGNER_VIEWS } from './signer-views.ts'
import { USAGE_EVIDENCE_VIEWS } from './usage-evidence-views.ts'
import { USAGE_VIEWS } from './usage-views.ts'
import type { View } from './view.ts'

/** Every domain view, in an order in which each uses only tables and earlier views. */
export const VIEWS: readonly View[] = [
  ...ASSET_VIEWS,
  ...MARKET_VIEWS,
  ...COMPUTE_VIEWS,
  ...COVERAGE_VIEWS,
  ...DELIVERY_VIEWS,
  ...SIGNER_VIEWS,
  ...REFUSAL_VIEWS,
  ...FINDING_VIEWS,
  ...GOVERNANCE_VIEWS,
  ...USAGE_VIEWS,
  ...USAGE_EVIDENCE_VIEWS,
  ...EPOCH_USAGE_VIEWS,
]
