// Generated from the document of the same name by generate.ts; edit that.
import type { AssetName, EvidenceFields } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Receipt` answers. */
export type ReceiptData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly receipt: {
    readonly digest: string
    readonly status: 'ANCHORED' | 'PENDING' | null
    readonly workload: 'AGENT_RUN' | 'EVALUATION' | 'INFERENCE' | 'TRAINING' | null
    readonly nonce: string
    readonly units: string
    readonly fee: string
    readonly startedAtSeconds: string
    readonly finishedAtSeconds: string
    readonly inputHash: string
    readonly outputHash: string
    readonly signature: string
    readonly signer: { readonly address: string }
    readonly provider: { readonly address: string }
    readonly providerRecord: { readonly name: string } | null
    readonly provenBy: 'BATCH_SIGNATURE' | 'OWN_SIGNATURE'
    readonly delivery: {
      readonly isLate: boolean
      readonly receivedAtSeconds: number
      readonly signedBatch: { readonly digest: string; readonly sequence: string } | null
    } | null
    readonly consumer: { readonly address: string }
    readonly assetIds: readonly string[]
    readonly assets: readonly (
      | (AssetName & { readonly holder: { readonly address: string } | null })
      | null
    )[]
    readonly batch: {
      readonly batchId: string
      readonly root: string
      readonly receiptCount: number
      readonly validCount: number
      readonly feeTotal: string
      readonly evidence: EvidenceFields
    } | null
    readonly evidence: EvidenceFields | null
  } | null
}

/** What `Receipt` is asked with. */
export type ReceiptVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly digest: string
}

/** The operation `Receipt`. */
export const receiptOperation: Operation<ReceiptData, ReceiptVariables> = {
  name: 'Receipt',
  text: `query Receipt($at: BlockInput, $digest: Bytes32!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  receipt(at: $at, digest: $digest) {
    digest
    status
    workload
    nonce
    units
    fee
    startedAtSeconds
    finishedAtSeconds
    inputHash
    outputHash
    signature
    signer {
      address
    }
    provider {
      address
    }
    providerRecord {
      name
    }
    provenBy
    delivery {
      isLate
      receivedAtSeconds
      signedBatch {
        digest
        sequence
      }
    }
    consumer {
      address
    }
    assetIds
    assets {
      ...AssetName
      holder {
        address
      }
    }
    batch {
      batchId
      root
      receiptCount
      validCount
      feeTotal
      evidence {
        ...EvidenceFields
      }
    }
    evidence {
      ...EvidenceFields
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
