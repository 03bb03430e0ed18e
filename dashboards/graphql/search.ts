// Generated from the document of the same name by generate.ts; edit that.
import type { AssetName } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Search` answers. */
export type SearchData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly assets?: { readonly nodes: readonly AssetName[] }
  readonly account?: { readonly address: string; readonly roles: readonly string[] }
  readonly asset?: AssetName | null
  readonly receipt?: {
    readonly digest: string
    readonly workload: 'AGENT_RUN' | 'EVALUATION' | 'INFERENCE' | 'TRAINING' | null
  } | null
  readonly epoch?: {
    readonly number: number
    readonly status: 'ACTIVE' | 'CHALLENGED' | 'CLOSED' | 'PROPOSED' | 'REJECTED' | null
  } | null
}

/** What `Search` is asked with. */
export type SearchVariables = {
  readonly name: string
  readonly byName: boolean
  readonly address: string
  readonly byAddress: boolean
  readonly hash: string
  readonly byHash: boolean
  readonly number: number
  readonly byNumber: boolean
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
}

/** The operation `Search`. */
export const searchOperation: Operation<SearchData, SearchVariables> = {
  name: 'Search',
  text: `query Search($name: String!, $byName: Boolean!, $address: Address!, $byAddress: Boolean!, $hash: Bytes32!, $byHash: Boolean!, $number: SafeInt!, $byNumber: Boolean!, $at: BlockInput) {
  _meta(at: $at) {
    block {
      number
    }
  }
  assets(
    at: $at
    first: 8
    orderBy: NAME
    direction: ASC
    filter: {nameContains: $name}
  ) @include(if: $byName) {
    nodes {
      ...AssetName
    }
  }
  account(at: $at, address: $address) @include(if: $byAddress) {
    address
    roles
  }
  asset(at: $at, id: $hash) @include(if: $byHash) {
    ...AssetName
  }
  receipt(at: $at, digest: $hash) @include(if: $byHash) {
    digest
    workload
  }
  epoch(at: $at, number: $number) @include(if: $byNumber) {
    number
    status
  }
}

fragment AssetName on Asset {
  assetId
  kind
  name
}`,
}
