// Generated from the document of the same name by generate.ts; edit that.
import type { FindingEvidenceFields } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Standing` answers. */
export type StandingData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly findingEvidence: {
    readonly pageInfo: { readonly hasNextPage: boolean }
    readonly nodes: readonly FindingEvidenceFields[]
  }
}

/** What `Standing` is asked with. */
export type StandingVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
}

/** The operation `Standing`. */
export const standingOperation: Operation<StandingData, StandingVariables> = {
  name: 'Standing',
  text: `query Standing($at: BlockInput) {
  _meta(at: $at) {
    block {
      number
    }
  }
  findingEvidence(at: $at, first: 100) {
    pageInfo {
      hasNextPage
    }
    nodes {
      ...FindingEvidenceFields
    }
  }
}

fragment FindingEvidenceFields on FindingEvidence {
  provider {
    address
  }
  code
  item
  reason
  receiptCount
  sinceSeconds
  digest
  otherDigest
  batchId
  signedBatchDigest
  otherSignedBatchDigest
  firstNonce
  lastNonce
  sequence
  anchorBlock
  anchorTransaction
}`,
}
