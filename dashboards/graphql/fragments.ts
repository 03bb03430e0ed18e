// Generated from the document of the same name by generate.ts; edit that.

/** Fields of `Evidence`. */
export type EvidenceFields = {
  readonly block: number
  readonly transactionHash: string
  readonly logIndex: number
  readonly timestamp: number
}

/** Fields of `Asset`. */
export type AssetName = {
  readonly assetId: string
  readonly kind: 'AGENT' | 'COMPUTE' | 'DATASET' | 'MODEL' | 'TOOL' | null
  readonly name: string
}

/** Fields of `Lineage`. */
export type LineageFields = {
  readonly isTruncated: boolean
  readonly cycles: readonly (readonly string[])[]
  readonly nodes: readonly {
    readonly assetId: string
    readonly depth: number
    readonly isInCycle: boolean
    readonly asset:
      | (AssetName & {
          readonly isDisputed: boolean
          readonly holder: { readonly address: string } | null
        })
      | null
  }[]
  readonly edges: readonly {
    readonly childId: string
    readonly parentId: string
    readonly relation:
      | 'ADAPTER_OF'
      | 'COMPOSED_OF'
      | 'DATASET_DERIVED_FROM'
      | 'DISTILLED_FROM'
      | 'EVALUATED_ON'
      | 'FINETUNED_FROM'
      | 'MERGED_FROM'
      | 'QUANTIZED_FROM'
      | 'TRAINED_ON'
      | null
    readonly shareE8: number
    readonly licenceId: string
    readonly fromBlock: number
    readonly toBlock: number | null
    readonly evidence: EvidenceFields
  }[]
}

/** Fields of `FindingEvidence`. */
export type FindingEvidenceFields = {
  readonly provider: { readonly address: string }
  readonly code:
    | 'ALTERED_RECEIPT'
    | 'BATCH_GAP'
    | 'HIDES_ANCHORED'
    | 'NONCE_GAP'
    | 'NONCE_REUSED'
    | 'REORDERED_BATCH'
    | 'UNANCHORED_LATE'
    | null
  readonly item: string
  readonly reason: string
  readonly receiptCount: string
  readonly sinceSeconds: number
  readonly digest: string | null
  readonly otherDigest: string | null
  readonly batchId: string | null
  readonly signedBatchDigest: string | null
  readonly otherSignedBatchDigest: string | null
  readonly firstNonce: string | null
  readonly lastNonce: string | null
  readonly sequence: string | null
  readonly anchorBlock: number | null
  readonly anchorTransaction: string | null
}
