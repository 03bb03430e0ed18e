// Generated from the document of the same name by generate.ts; edit that.
import type { AssetName, EvidenceFields } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Activity` answers. */
export type ActivityData = {
  readonly _meta: { readonly block: { readonly number: number; readonly timestamp: number } }
  readonly activity: {
    readonly nodes: readonly {
      readonly id: string
      readonly contract: string
      readonly event: string
      readonly arguments: readonly {
        readonly name: string
        readonly type: string
        readonly value: string
      }[]
      readonly evidence: EvidenceFields
    }[]
  }
}

/** What `Activity` is asked with. */
export type ActivityVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly first: number
  readonly events: readonly string[]
}

/** The operation `Activity`. */
export const activityOperation: Operation<ActivityData, ActivityVariables> = {
  name: 'Activity',
  text: `query Activity($at: BlockInput, $first: Int!, $events: [String!]!) {
  _meta(at: $at) {
    block {
      number
      timestamp
    }
  }
  activity(at: $at, first: $first, filter: {events: $events}) {
    nodes {
      id
      contract
      event
      arguments {
        name
        type
        value
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

/** What `AssetNames` answers. */
export type AssetNamesData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly assets: { readonly nodes: readonly AssetName[] }
}

/** What `AssetNames` is asked with. */
export type AssetNamesVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly ids: readonly string[]
  readonly first: number
}

/** The operation `AssetNames`. */
export const assetNamesOperation: Operation<AssetNamesData, AssetNamesVariables> = {
  name: 'AssetNames',
  text: `query AssetNames($at: BlockInput, $ids: [Bytes32!]!, $first: Int!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  assets(at: $at, first: $first, filter: {ids: $ids}) {
    nodes {
      ...AssetName
    }
  }
}

fragment AssetName on Asset {
  assetId
  kind
  name
}`,
}

/** What `TopAssets` answers. */
export type TopAssetsData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly assetRevenues: {
    readonly nodes: readonly {
      readonly assetId: string
      readonly paidIn: string
      readonly paymentCount: number
      readonly asset: AssetName | null
    }[]
  }
}

/** What `TopAssets` is asked with. */
export type TopAssetsVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly first: number
}

/** The operation `TopAssets`. */
export const topAssetsOperation: Operation<TopAssetsData, TopAssetsVariables> = {
  name: 'TopAssets',
  text: `query TopAssets($at: BlockInput, $first: Int!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  assetRevenues(at: $at, first: $first, orderBy: PAID_IN, direction: DESC) {
    nodes {
      assetId
      paidIn
      paymentCount
      asset {
        ...AssetName
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
