import './scalars.ts'
import './node-field.ts'
import './account/account.ts'
import './account/balance.ts'
import './activity/activity.ts'
import './asset/asset.ts'
import './asset/asset-records.ts'
import './asset/edge.ts'
import './chain/chain.ts'
import './chain/source-event.ts'
import './compute/delivery.ts'
import './compute/finding.ts'
import './compute/provider.ts'
import './compute/receipt.ts'
import './compute/receipt-proof.ts'
import './compute/signer.ts'
import './epoch/allocation.ts'
import './epoch/epoch.ts'
import './epoch/claimable.ts'
import './epoch/explanation.ts'
import './epoch/reason.ts'
import './epoch/rewards.ts'
import './governance/governance.ts'
import './lineage/lineage.ts'
import './market/licences.ts'
import './market/payments.ts'
import './market/sales.ts'
import './meta/digests.ts'
import './meta/meta.ts'
import './overview/overview.ts'
import './usage/usage.ts'
import './usage/usage-records.ts'
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'

import { builder } from './builder.ts'

/** The schema of the API; making it anew would define every type twice, so it is made once. */
export const SCHEMA: GraphQLSchema = builder.toSchema()

/** The schema as sorted SDL text: what `api/schema.graphql` holds. */
export function schemaText(): string {
  return `${printSchema(lexicographicSortSchema(SCHEMA))}\n`
}
