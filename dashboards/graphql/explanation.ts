// Generated from the document of the same name by generate.ts; edit that.
import type { AssetName, EvidenceFields } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Explanation` answers. */
export type ExplanationData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly rewardExplanation: {
    readonly allocation: {
      readonly earned: string
      readonly carryBefore: string
      readonly carryAfter: string
      readonly paid: string
      readonly cumulative: string
      readonly token: string
      readonly proof: readonly string[]
    } | null
    readonly previousCumulative: string
    readonly partsTotal: string
    readonly withheldTotal: string
    readonly partsDifference: string
    readonly paidDifference: string
    readonly cumulativeDifference: string
    readonly pools: readonly {
      readonly pool: 'computeOperators' | 'creators' | 'dataProviders' | 'reviewers' | 'treasury'
      readonly poolAmount: string
      readonly poolBps: number
      readonly earned: string
      readonly withheld: string
      readonly parts: readonly {
        readonly sourceId: string
        readonly asset: AssetName | null
        readonly score: string
        readonly amount: string
        readonly withheldReason: 'disputed' | 'excluded' | 'slashed' | null
      }[]
    }[]
  } | null
}

/** What `Explanation` is asked with. */
export type ExplanationVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly number: number
  readonly account: string
}

/** The operation `Explanation`. */
export const explanationOperation: Operation<ExplanationData, ExplanationVariables> = {
  name: 'Explanation',
  text: `query Explanation($at: BlockInput, $number: SafeInt!, $account: Address!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  rewardExplanation(at: $at, epoch: $number, account: $account) {
    allocation {
      earned
      carryBefore
      carryAfter
      paid
      cumulative
      token
      proof
    }
    previousCumulative
    partsTotal
    withheldTotal
    partsDifference
    paidDifference
    cumulativeDifference
    pools {
      pool
      poolAmount
      poolBps
      earned
      withheld
      parts {
        sourceId
        asset {
          ...AssetName
        }
        score
        amount
        withheldReason
      }
    }
  }
}

fragment AssetName on Asset {
  assetId
  kind
  name
}`,
}

/** What `SourceReceipts` answers. */
export type SourceReceiptsData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly receipts: {
    readonly totalCount: number
    readonly nodes: readonly {
      readonly digest: string
      readonly workload: 'AGENT_RUN' | 'EVALUATION' | 'INFERENCE' | 'TRAINING' | null
      readonly fee: string
      readonly units: string
      readonly consumer: { readonly address: string }
      readonly provider: { readonly address: string }
      readonly evidence: EvidenceFields | null
    }[]
  }
}

/** What `SourceReceipts` is asked with. */
export type SourceReceiptsVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly filter: {
    readonly assets?: readonly string[] | undefined
    readonly batches?: readonly string[] | undefined
    readonly consumers?: readonly string[] | undefined
    readonly fromBlock?: number | undefined
    readonly providers?: readonly string[] | undefined
    readonly statuses?: readonly ('ANCHORED' | 'PENDING')[] | undefined
    readonly toBlock?: number | undefined
    readonly workloads?:
      | readonly ('AGENT_RUN' | 'EVALUATION' | 'INFERENCE' | 'TRAINING')[]
      | undefined
  }
}

/** The operation `SourceReceipts`. */
export const sourceReceiptsOperation: Operation<SourceReceiptsData, SourceReceiptsVariables> = {
  name: 'SourceReceipts',
  text: `query SourceReceipts($at: BlockInput, $filter: ReceiptFilter!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  receipts(at: $at, first: 20, filter: $filter, orderBy: FEE, direction: DESC) {
    totalCount
    nodes {
      digest
      workload
      fee
      units
      consumer {
        address
      }
      provider {
        address
      }
      evidence {
        ...EvidenceFields
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
