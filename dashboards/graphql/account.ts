// Generated from the document of the same name by generate.ts; edit that.
import type { AssetName, EvidenceFields } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Account` answers. */
export type AccountData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly account: {
    readonly address: string
    readonly roles: readonly string[]
    readonly firstBlock: number | null
    readonly balance: { readonly amount: string; readonly staked: string } | null
    readonly claimableAllocation: {
      readonly epochNumber: number
      readonly cumulative: string
    } | null
    readonly provider: {
      readonly name: string
      readonly endpoint: string
      readonly stake: string
      readonly slashed: string
      readonly signers: readonly string[]
      readonly receiptCount: number
      readonly feeTotal: string
    } | null
    readonly assets: {
      readonly totalCount: number
      readonly nodes: readonly (AssetName & {
        readonly isDisputed: boolean
        readonly revenue: { readonly paidIn: string; readonly royaltiesIn: string } | null
        readonly evidence: EvidenceFields
      })[]
    }
    readonly allocations: {
      readonly totalCount: number
      readonly nodes: readonly {
        readonly epochNumber: number
        readonly earned: string
        readonly carryBefore: string
        readonly carryAfter: string
        readonly paid: string
        readonly cumulative: string
      }[]
    }
    readonly claims: {
      readonly totalCount: number
      readonly nodes: readonly {
        readonly amount: string
        readonly cumulative: string
        readonly evidence: EvidenceFields
      }[]
    }
    readonly contributions: {
      readonly totalCount: number
      readonly nodes: readonly {
        readonly contributionId: string
        readonly role: 'BUSINESS' | 'DATA_PROVIDER' | 'DEVELOPER' | 'RESEARCHER' | 'REVIEWER' | null
        readonly shareE8: number
        readonly asset: AssetName | null
        readonly evidence: EvidenceFields
      }[]
    }
    readonly licences: {
      readonly totalCount: number
      readonly nodes: readonly {
        readonly licenceId: string
        readonly status: 'ACTIVE' | 'EXPIRED' | 'REVOKED' | null
        readonly price: string
        readonly expiresAtSeconds: string
        readonly asset: AssetName | null
        readonly evidence: EvidenceFields
      }[]
    }
    readonly exclusions: {
      readonly nodes: readonly {
        readonly proposalId: string
        readonly fromEpoch: number
        readonly toEpoch: number
        readonly reason: string
      }[]
    }
    readonly receipts: {
      readonly totalCount: number
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
  }
}

/** What `Account` is asked with. */
export type AccountVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly address: string
}

/** The operation `Account`. */
export const accountOperation: Operation<AccountData, AccountVariables> = {
  name: 'Account',
  text: `query Account($at: BlockInput, $address: Address!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  account(at: $at, address: $address) {
    address
    roles
    firstBlock
    balance {
      amount
      staked
    }
    claimableAllocation {
      epochNumber
      cumulative
    }
    provider {
      name
      endpoint
      stake
      slashed
      signers
      receiptCount
      feeTotal
    }
    assets(first: 50, orderBy: NAME, direction: ASC) {
      totalCount
      nodes {
        ...AssetName
        isDisputed
        revenue {
          paidIn
          royaltiesIn
        }
        evidence {
          ...EvidenceFields
        }
      }
    }
    allocations(first: 100, orderBy: EPOCH, direction: DESC) {
      totalCount
      nodes {
        epochNumber
        earned
        carryBefore
        carryAfter
        paid
        cumulative
      }
    }
    claims(first: 100) {
      totalCount
      nodes {
        amount
        cumulative
        evidence {
          ...EvidenceFields
        }
      }
    }
    contributions(first: 50, orderBy: SHARE) {
      totalCount
      nodes {
        contributionId
        role
        shareE8
        asset {
          ...AssetName
        }
        evidence {
          ...EvidenceFields
        }
      }
    }
    licences(first: 50) {
      totalCount
      nodes {
        licenceId
        status
        price
        expiresAtSeconds
        asset {
          ...AssetName
        }
        evidence {
          ...EvidenceFields
        }
      }
    }
    exclusions(first: 20) {
      nodes {
        proposalId
        fromEpoch
        toEpoch
        reason
      }
    }
    receipts(first: 20) {
      totalCount
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
