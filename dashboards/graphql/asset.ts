// Generated from the document of the same name by generate.ts; edit that.
import type { AssetName, EvidenceFields } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Asset` answers. */
export type AssetData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly asset:
    | (AssetName & {
        readonly isDisputed: boolean
        readonly contentHash: string | null
        readonly metadataUri: string
        readonly metadataHash: string
        readonly versionCount: number
        readonly creator: { readonly address: string }
        readonly holder: { readonly address: string } | null
        readonly evidence: EvidenceFields
        readonly revenue: {
          readonly paidIn: string
          readonly fees: string
          readonly royaltiesIn: string
          readonly royaltiesOut: string
          readonly claimed: string
          readonly paymentCount: number
        } | null
        readonly versions: {
          readonly nodes: readonly {
            readonly version: number
            readonly contentHash: string
            readonly metadataUri: string
            readonly evidence: EvidenceFields
          }[]
        }
        readonly contributions: {
          readonly nodes: readonly {
            readonly contributionId: string
            readonly contributor: { readonly address: string }
            readonly role:
              | 'BUSINESS'
              | 'DATA_PROVIDER'
              | 'DEVELOPER'
              | 'RESEARCHER'
              | 'REVIEWER'
              | null
            readonly shareE8: number
            readonly evidence: EvidenceFields
          }[]
        }
        readonly licenceTerms: {
          readonly nodes: readonly {
            readonly termsId: string
            readonly price: string
            readonly royaltyShareE8: number
            readonly commercialUse: boolean
            readonly derivativesAllowed: boolean
            readonly durationSeconds: string
            readonly isWithdrawn: boolean
            readonly licenceCount: number
            readonly evidence: EvidenceFields
          }[]
        }
        readonly disputes: {
          readonly nodes: readonly {
            readonly disputeId: string
            readonly reason: string
            readonly status: 'DISMISSED' | 'OPEN' | 'UPHELD' | null
            readonly raisedBy: { readonly address: string }
            readonly resolvedBlock: number | null
            readonly evidence: EvidenceFields
          }[]
        }
        readonly holdings: {
          readonly nodes: readonly {
            readonly holder: { readonly address: string }
            readonly fromBlock: number
            readonly toBlock: number | null
            readonly evidence: EvidenceFields
          }[]
        }
      })
    | null
}

/** What `Asset` is asked with. */
export type AssetVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly id: string
}

/** The operation `Asset`. */
export const assetOperation: Operation<AssetData, AssetVariables> = {
  name: 'Asset',
  text: `query Asset($at: BlockInput, $id: Bytes32!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  asset(at: $at, id: $id) {
    ...AssetName
    isDisputed
    contentHash
    metadataUri
    metadataHash
    versionCount
    creator {
      address
    }
    holder {
      address
    }
    evidence {
      ...EvidenceFields
    }
    revenue {
      paidIn
      fees
      royaltiesIn
      royaltiesOut
      claimed
      paymentCount
    }
    versions(first: 50) {
      nodes {
        version
        contentHash
        metadataUri
        evidence {
          ...EvidenceFields
        }
      }
    }
    contributions(first: 100, orderBy: SHARE) {
      nodes {
        contributionId
        contributor {
          address
        }
        role
        shareE8
        evidence {
          ...EvidenceFields
        }
      }
    }
    licenceTerms(first: 50) {
      nodes {
        termsId
        price
        royaltyShareE8
        commercialUse
        derivativesAllowed
        durationSeconds
        isWithdrawn
        licenceCount
        evidence {
          ...EvidenceFields
        }
      }
    }
    disputes(first: 50) {
      nodes {
        disputeId
        reason
        status
        raisedBy {
          address
        }
        resolvedBlock
        evidence {
          ...EvidenceFields
        }
      }
    }
    holdings(first: 50) {
      nodes {
        holder {
          address
        }
        fromBlock
        toBlock
        evidence {
          ...EvidenceFields
        }
      }
    }
  }
}

fragment AssetName on Asset {
  assetId
  kind
  name
}

fragment EvidenceFields on Evidence {
  block
  transactionHash
  logIndex
  timestamp
}`,
}

/** What `AssetReceipts` answers. */
export type AssetReceiptsData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly asset: {
    readonly receipts: {
      readonly totalCount: number
      readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean }
      readonly nodes: readonly {
        readonly digest: string
        readonly status: 'ANCHORED' | 'PENDING' | null
        readonly workload: 'AGENT_RUN' | 'EVALUATION' | 'INFERENCE' | 'TRAINING' | null
        readonly units: string
        readonly fee: string
        readonly provider: { readonly address: string }
        readonly consumer: { readonly address: string }
        readonly evidence: EvidenceFields | null
      }[]
    }
  } | null
}

/** What `AssetReceipts` is asked with. */
export type AssetReceiptsVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly id: string
  readonly first: number
  readonly after?: string | undefined
}

/** The operation `AssetReceipts`. */
export const assetReceiptsOperation: Operation<AssetReceiptsData, AssetReceiptsVariables> = {
  name: 'AssetReceipts',
  text: `query AssetReceipts($at: BlockInput, $id: Bytes32!, $first: Int!, $after: String) {
  _meta(at: $at) {
    block {
      number
    }
  }
  asset(at: $at, id: $id) {
    receipts(first: $first, after: $after) {
      totalCount
      pageInfo {
        endCursor
        hasNextPage
      }
      nodes {
        digest
        status
        workload
        units
        fee
        provider {
          address
        }
        consumer {
          address
        }
        evidence {
          ...EvidenceFields
        }
      }
    }
  }
}

fragment EvidenceFields on Evidence {
  block
  transactionHash
  logIndex
  timestamp
}`,
}
