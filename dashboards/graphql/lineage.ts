// Generated from the document of the same name by generate.ts; edit that.
import type { LineageFields } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Lineage` answers. */
export type LineageData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly upstream: LineageFields
  readonly downstream: LineageFields
}

/** What `Lineage` is asked with. */
export type LineageVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly id: string
  readonly depth: number
}

/** The operation `Lineage`. */
export const lineageOperation: Operation<LineageData, LineageVariables> = {
  name: 'Lineage',
  text: `query Lineage($at: BlockInput, $id: Bytes32!, $depth: Int!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  upstream: lineage(at: $at, id: $id, direction: UPSTREAM, depth: $depth) {
    ...LineageFields
  }
  downstream: lineage(at: $at, id: $id, direction: DOWNSTREAM, depth: $depth) {
    ...LineageFields
  }
}

fragment LineageFields on Lineage {
  isTruncated
  cycles
  nodes {
    assetId
    depth
    isInCycle
    asset {
      ...AssetName
      isDisputed
      holder {
        address
      }
    }
  }
  edges {
    childId
    parentId
    relation
    shareE8
    licenceId
    fromBlock
    toBlock
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
