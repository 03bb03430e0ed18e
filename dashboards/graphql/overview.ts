// Generated from the document of the same name by generate.ts; edit that.
import type { Operation } from './operation.ts'

/** What `Overview` answers. */
export type OverviewData = {
  readonly _meta: {
    readonly block: { readonly number: number }
    readonly lag: number | null
    readonly blocksPerSecond: number | null
    readonly hasErrors: boolean
    readonly completeness: readonly { readonly evidence: string; readonly blockCount: number }[]
  }
  readonly overview: {
    readonly assetCount: number
    readonly assetsByKind: readonly {
      readonly kind: 'AGENT' | 'COMPUTE' | 'DATASET' | 'MODEL' | 'TOOL'
      readonly count: number
    }[]
    readonly accountCount: number
    readonly edgeCount: number
    readonly licenceCount: number
    readonly providerCount: number
    readonly receiptCount: number
    readonly pendingReceiptCount: number
    readonly feeTotal: string
    readonly paymentCount: number
    readonly paymentTotal: string
    readonly royaltyTotal: string
    readonly saleCount: number
    readonly saleTotal: string
    readonly openDisputeCount: number
    readonly claimTotal: string
    readonly eventCount: number
  }
}

/** What `Overview` is asked with. */
export type OverviewVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
}

/** The operation `Overview`. */
export const overviewOperation: Operation<OverviewData, OverviewVariables> = {
  name: 'Overview',
  text: `query Overview($at: BlockInput) {
  _meta(at: $at) {
    block {
      number
    }
    lag
    blocksPerSecond
    hasErrors
    completeness {
      evidence
      blockCount
    }
  }
  overview(at: $at) {
    assetCount
    assetsByKind {
      kind
      count
    }
    accountCount
    edgeCount
    licenceCount
    providerCount
    receiptCount
    pendingReceiptCount
    feeTotal
    paymentCount
    paymentTotal
    royaltyTotal
    saleCount
    saleTotal
    openDisputeCount
    claimTotal
    eventCount
  }
}`,
}

/** What `OverviewSeries` answers. */
export type OverviewSeriesData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly overview: {
    readonly series: readonly {
      readonly firstBlock: number
      readonly lastBlock: number
      readonly receiptCount: string
      readonly feeTotal: string
      readonly paymentTotal: string
      readonly royaltyTotal: string
    }[]
  }
}

/** What `OverviewSeries` is asked with. */
export type OverviewSeriesVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly buckets: number
}

/** The operation `OverviewSeries`. */
export const overviewSeriesOperation: Operation<OverviewSeriesData, OverviewSeriesVariables> = {
  name: 'OverviewSeries',
  text: `query OverviewSeries($at: BlockInput, $buckets: Int!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  overview(at: $at) {
    series(buckets: $buckets) {
      firstBlock
      lastBlock
      receiptCount
      feeTotal
      paymentTotal
      royaltyTotal
    }
  }
}`,
}

/** What `LatestEpoch` answers. */
export type LatestEpochData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly rulesets: {
    readonly nodes: readonly {
      readonly version: number
      readonly activeFromEpoch: number
      readonly json: string
    }[]
  }
  readonly epochs: {
    readonly nodes: readonly {
      readonly number: number
      readonly status: 'ACTIVE' | 'CHALLENGED' | 'CLOSED' | 'PROPOSED' | 'REJECTED' | null
      readonly cutoffBlock: number
      readonly budget: string
      readonly paid: string
      readonly identity: { readonly difference: string }
      readonly pools: {
        readonly nodes: readonly {
          readonly pool:
            | 'computeOperators'
            | 'creators'
            | 'dataProviders'
            | 'reviewers'
            | 'treasury'
            | null
          readonly bps: number
          readonly amount: string
        }[]
      }
    }[]
  }
}

/** What `LatestEpoch` is asked with. */
export type LatestEpochVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
}

/** The operation `LatestEpoch`. */
export const latestEpochOperation: Operation<LatestEpochData, LatestEpochVariables> = {
  name: 'LatestEpoch',
  text: `query LatestEpoch($at: BlockInput) {
  _meta(at: $at) {
    block {
      number
    }
  }
  rulesets(at: $at, first: 1, direction: DESC) {
    nodes {
      version
      activeFromEpoch
      json
    }
  }
  epochs(at: $at, first: 1, direction: DESC) {
    nodes {
      number
      status
      cutoffBlock
      budget
      paid
      identity {
        difference
      }
      pools(first: 10) {
        nodes {
          pool
          bps
          amount
        }
      }
    }
  }
}`,
}

/** What `OpenEpoch` answers. */
export type OpenEpochData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly fundings: { readonly nodes: readonly { readonly amount: string }[] }
  readonly receipts: { readonly totalCount: number }
}

/** What `OpenEpoch` is asked with. */
export type OpenEpochVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly number: number
  readonly fromBlock: number
}

/** The operation `OpenEpoch`. */
export const openEpochOperation: Operation<OpenEpochData, OpenEpochVariables> = {
  name: 'OpenEpoch',
  text: `query OpenEpoch($at: BlockInput, $number: SafeInt!, $fromBlock: SafeInt!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  fundings(at: $at, first: 100, filter: {epochs: [$number]}) {
    nodes {
      amount
    }
  }
  receipts(
    at: $at
    first: 1
    filter: {fromBlock: $fromBlock, statuses: [ANCHORED]}
  ) {
    totalCount
  }
}`,
}
