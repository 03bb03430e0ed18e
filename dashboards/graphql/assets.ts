// Generated from the document of the same name by generate.ts; edit that.
import type { AssetName, EvidenceFields } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Assets` answers. */
export type AssetsData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly assets: {
    readonly totalCount: number
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean }
    readonly nodes: readonly (AssetName & {
      readonly isDisputed: boolean
      readonly versionCount: number
      readonly holder: { readonly address: string } | null
      readonly revenue: { readonly paidIn: string; readonly royaltiesIn: string } | null
      readonly receipts: { readonly totalCount: number }
      readonly evidence: EvidenceFields
    })[]
  }
}

/** What `Assets` is asked with. */
export type AssetsVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly first: number
  readonly after?: string | undefined
  readonly filter?:
    | {
        readonly creators?: readonly string[] | undefined
        readonly fromBlock?: number | undefined
        readonly holders?: readonly string[] | undefined
        readonly ids?: readonly string[] | undefined
        readonly isDisputed?: boolean | undefined
        readonly kinds?: readonly ('AGENT' | 'COMPUTE' | 'DATASET' | 'MODEL' | 'TOOL')[] | undefined
        readonly nameContains?: string | undefined
        readonly toBlock?: number | undefined
      }
    | undefined
  readonly orderBy?: 'BLOCK' | 'NAME' | 'VERSION_COUNT' | undefined
  readonly direction?: 'ASC' | 'DESC' | undefined
}

/** The operation `Assets`. */
export const assetsOperation: Operation<AssetsData, AssetsVariables> = {
  name: 'Assets',
  text: `query Assets($at: BlockInput, $first: Int!, $after: String, $filter: AssetFilter, $orderBy: AssetOrderBy, $direction: Direction) {
  _meta(at: $at) {
    block {
      number
    }
  }
  assets(
    at: $at
    first: $first
    after: $after
    filter: $filter
    orderBy: $orderBy
    direction: $direction
  ) {
    totalCount
    pageInfo {
      endCursor
      hasNextPage
    }
    nodes {
      ...AssetName
      isDisputed
      versionCount
      holder {
        address
      }
      revenue {
        paidIn
        royaltiesIn
      }
      receipts(first: 1) {
        totalCount
      }
      evidence {
        ...EvidenceFields
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

/** What `AssetFacets` answers. */
export type AssetFacetsData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly model: { readonly totalCount: number }
  readonly dataset: { readonly totalCount: number }
  readonly agent: { readonly totalCount: number }
  readonly tool: { readonly totalCount: number }
  readonly compute: { readonly totalCount: number }
}

/** What `AssetFacets` is asked with. */
export type AssetFacetsVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly model?:
    | {
        readonly creators?: readonly string[] | undefined
        readonly fromBlock?: number | undefined
        readonly holders?: readonly string[] | undefined
        readonly ids?: readonly string[] | undefined
        readonly isDisputed?: boolean | undefined
        readonly kinds?: readonly ('AGENT' | 'COMPUTE' | 'DATASET' | 'MODEL' | 'TOOL')[] | undefined
        readonly nameContains?: string | undefined
        readonly toBlock?: number | undefined
      }
    | undefined
  readonly dataset?:
    | {
        readonly creators?: readonly string[] | undefined
        readonly fromBlock?: number | undefined
        readonly holders?: readonly string[] | undefined
        readonly ids?: readonly string[] | undefined
        readonly isDisputed?: boolean | undefined
        readonly kinds?: readonly ('AGENT' | 'COMPUTE' | 'DATASET' | 'MODEL' | 'TOOL')[] | undefined
        readonly nameContains?: string | undefined
        readonly toBlock?: number | undefined
      }
    | undefined
  readonly agent?:
    | {
        readonly creators?: readonly string[] | undefined
        readonly fromBlock?: number | undefined
        readonly holders?: readonly string[] | undefined
        readonly ids?: readonly string[] | undefined
        readonly isDisputed?: boolean | undefined
        readonly kinds?: readonly ('AGENT' | 'COMPUTE' | 'DATASET' | 'MODEL' | 'TOOL')[] | undefined
        readonly nameContains?: string | undefined
        readonly toBlock?: number | undefined
      }
    | undefined
  readonly tool?:
    | {
        readonly creators?: readonly string[] | undefined
        readonly fromBlock?: number | undefined
        readonly holders?: readonly string[] | undefined
        readonly ids?: readonly string[] | undefined
        readonly isDisputed?: boolean | undefined
        readonly kinds?: readonly ('AGENT' | 'COMPUTE' | 'DATASET' | 'MODEL' | 'TOOL')[] | undefined
        readonly nameContains?: string | undefined
        readonly toBlock?: number | undefined
      }
    | undefined
  readonly compute?:
    | {
        readonly creators?: readonly string[] | undefined
        readonly fromBlock?: number | undefined
        readonly holders?: readonly string[] | undefined
        readonly ids?: readonly string[] | undefined
        readonly isDisputed?: boolean | undefined
        readonly kinds?: readonly ('AGENT' | 'COMPUTE' | 'DATASET' | 'MODEL' | 'TOOL')[] | undefined
        readonly nameContains?: string | undefined
        readonly toBlock?: number | undefined
      }
    | undefined
}

/** The operation `AssetFacets`. */
export const assetFacetsOperation: Operation<AssetFacetsData, AssetFacetsVariables> = {
  name: 'AssetFacets',
  text: `query AssetFacets($at: BlockInput, $model: AssetFilter, $dataset: AssetFilter, $agent: AssetFilter, $tool: AssetFilter, $compute: AssetFilter) {
  _meta(at: $at) {
    block {
      number
    }
  }
  model: assets(at: $at, first: 1, filter: $model) {
    totalCount
  }
  dataset: assets(at: $at, first: 1, filter: $dataset) {
    totalCount
  }
  agent: assets(at: $at, first: 1, filter: $agent) {
    totalCount
  }
  tool: assets(at: $at, first: 1, filter: $tool) {
    totalCount
  }
  compute: assets(at: $at, first: 1, filter: $compute) {
    totalCount
  }
}`,
}
