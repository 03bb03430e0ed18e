// Generated from the document of the same name by generate.ts; edit that.
import type { EvidenceFields, FindingEvidenceFields } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Provider` answers. */
export type ProviderData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly provider: {
    readonly account: { readonly address: string }
    readonly name: string
    readonly endpoint: string
    readonly stake: string
    readonly slashed: string
    readonly receiptCount: number
    readonly feeTotal: string
    readonly evidence: EvidenceFields
    readonly findingEvidence: { readonly nodes: readonly FindingEvidenceFields[] }
    readonly signingKeys: {
      readonly nodes: readonly {
        readonly signer: { readonly address: string }
        readonly isValid: boolean
        readonly untilBlock: number | null
        readonly evidence: EvidenceFields
      }[]
    }
    readonly signerDeliveries: {
      readonly nodes: readonly {
        readonly signer: { readonly address: string }
        readonly receiptCount: number
        readonly batchedCount: number
        readonly lateCount: number
        readonly backDatedCount: number
        readonly disorderedCount: number
        readonly firstNonce: string
        readonly lastNonce: string
      }[]
    }
    readonly signedBatches: {
      readonly nodes: readonly {
        readonly digest: string
        readonly sequence: string
        readonly receiptCount: number
        readonly anchoring: 'NONE' | 'PARTIAL' | 'PARTS' | 'WHOLE' | null
        readonly unanchoredCount: number
        readonly waitingBlocks: number
        readonly receivedAtSeconds: number
        readonly signer: { readonly address: string }
        readonly evidence: EvidenceFields | null
      }[]
    }
    readonly anchorDeliveries: {
      readonly nodes: readonly {
        readonly batchId: string
        readonly state: 'COMPLETE' | 'NONE' | 'PARTIAL' | null
        readonly receiptCount: number
        readonly calldataCount: number
        readonly missingCount: string
        readonly refusedCount: number
        readonly missingDigest: string | null
        readonly signedBatchDigest: string | null
        readonly evidence: EvidenceFields
      }[]
    }
    readonly quarantined: {
      readonly nodes: readonly {
        readonly hash: string
        readonly kind: string
        readonly code: string
        readonly reason: string
        readonly isWaiting: boolean
        readonly outcomeCode: string | null
        readonly receivedAtSeconds: number
      }[]
    }
    readonly refused: {
      readonly nodes: readonly {
        readonly hash: string
        readonly kind: string
        readonly code: string
        readonly reason: string
        readonly times: number
        readonly receivedAtSeconds: number
      }[]
    }
  } | null
}

/** What `Provider` is asked with. */
export type ProviderVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly address: string
}

/** The operation `Provider`. */
export const providerOperation: Operation<ProviderData, ProviderVariables> = {
  name: 'Provider',
  text: `query Provider($at: BlockInput, $address: Address!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  provider(at: $at, address: $address) {
    account {
      address
    }
    name
    endpoint
    stake
    slashed
    receiptCount
    feeTotal
    evidence {
      ...EvidenceFields
    }
    findingEvidence(first: 100) {
      nodes {
        ...FindingEvidenceFields
      }
    }
    signingKeys(first: 50) {
      nodes {
        signer {
          address
        }
        isValid
        untilBlock
        evidence {
          ...EvidenceFields
        }
      }
    }
    signerDeliveries(first: 50) {
      nodes {
        signer {
          address
        }
        receiptCount
        batchedCount
        lateCount
        backDatedCount
        disorderedCount
        firstNonce
        lastNonce
      }
    }
    signedBatches(first: 50) {
      nodes {
        digest
        sequence
        receiptCount
        anchoring
        unanchoredCount
        waitingBlocks
        receivedAtSeconds
        signer {
          address
        }
        evidence {
          ...EvidenceFields
        }
      }
    }
    anchorDeliveries(first: 50) {
      nodes {
        batchId
        state
        receiptCount
        calldataCount
        missingCount
        refusedCount
        missingDigest
        signedBatchDigest
        evidence {
          ...EvidenceFields
        }
      }
    }
    quarantined(first: 20) {
      nodes {
        hash
        kind
        code
        reason
        isWaiting
        outcomeCode
        receivedAtSeconds
      }
    }
    refused(first: 20) {
      nodes {
        hash
        kind
        code
        reason
        times
        receivedAtSeconds
      }
    }
  }
}

fragment EvidenceFields on Evidence {
  block
  transactionHash
  logIndex
  timestamp
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
