// Generated from the document of the same name by generate.ts; edit that.
import type { Operation } from './operation.ts'

/** What `AssetUsage` answers. */
export type AssetUsageData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly asset: {
    readonly usage: {
      readonly receiptCount: number
      readonly consumerCount: number
      readonly fee: string
      readonly flaggedCount: number
      readonly flaggedFee: string
      readonly effectiveConsumersQ16: string
    } | null
    readonly usedBy: {
      readonly totalCount: number
      readonly nodes: readonly {
        readonly consumer: { readonly address: string }
        readonly receiptCount: number
        readonly units: string
        readonly fee: string
        readonly flags: readonly string[]
        readonly flaggedCount: number
        readonly flaggedFee: string
        readonly flaggedReceipts: readonly string[]
        readonly fundingTransaction: string | null
        readonly mutualReceipt: string | null
      }[]
    }
  } | null
}

/** What `AssetUsage` is asked with. */
export type AssetUsageVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly id: string
}

/** The operation `AssetUsage`. */
export const assetUsageOperation: Operation<AssetUsageData, AssetUsageVariables> = {
  name: 'AssetUsage',
  text: `query AssetUsage($at: BlockInput, $id: Bytes32!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  asset(at: $at, id: $id) {
    usage {
      receiptCount
      consumerCount
      fee
      flaggedCount
      flaggedFee
      effectiveConsumersQ16
    }
    usedBy(first: 20) {
      totalCount
      nodes {
        consumer {
          address
        }
        receiptCount
        units
        fee
        flags
        flaggedCount
        flaggedFee
        flaggedReceipts
        fundingTransaction
        mutualReceipt
      }
    }
  }
}`,
}
