// Generated from the document of the same name by generate.ts; edit that.
import type { AssetName, EvidenceFields } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Epoch` answers. */
export type EpochData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly epoch: {
    readonly number: number
    readonly firstBlock: number
    readonly cutoffBlock: number
    readonly cutoffHash: string
    readonly status: 'ACTIVE' | 'CHALLENGED' | 'CLOSED' | 'PROPOSED' | 'REJECTED' | null
    readonly rulesetVersion: number
    readonly rulesetHash: string
    readonly root: string
    readonly proposedRoot: string | null
    readonly proposedBlock: number | null
    readonly challengeEndsAtSeconds: number | null
    readonly activatedBlock: number | null
    readonly cumulativeTotal: string
    readonly manifest: string
    readonly manifestHash: string
    readonly ruleset: {
      readonly version: number
      readonly activeFromEpoch: number
      readonly hash: string
      readonly json: string
      readonly evidence: EvidenceFields
    } | null
    readonly identity: {
      readonly budget: string
      readonly paid: string
      readonly carryChange: string
      readonly withheld: string
      readonly unallocated: string
      readonly difference: string
    }
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
        readonly earned: string
        readonly withheld: string
        readonly unallocated: string
      }[]
    }
    readonly snapshotTables: readonly {
      readonly name: string
      readonly rows: number
      readonly sha256: string
      readonly url: string
    }[]
  } | null
}

/** What `Epoch` is asked with. */
export type EpochVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly number: number
}

/** The operation `Epoch`. */
export const epochOperation: Operation<EpochData, EpochVariables> = {
  name: 'Epoch',
  text: `query Epoch($at: BlockInput, $number: SafeInt!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  epoch(at: $at, number: $number) {
    number
    firstBlock
    cutoffBlock
    cutoffHash
    status
    rulesetVersion
    rulesetHash
    root
    proposedRoot
    proposedBlock
    challengeEndsAtSeconds
    activatedBlock
    cumulativeTotal
    manifest
    manifestHash
    ruleset {
      version
      activeFromEpoch
      hash
      json
      evidence {
        ...EvidenceFields
      }
    }
    identity {
      budget
      paid
      carryChange
      withheld
      unallocated
      difference
    }
    pools(first: 20) {
      nodes {
        pool
        bps
        amount
        earned
        withheld
        unallocated
      }
    }
    snapshotTables {
      name
      rows
      sha256
      url
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

/** What `EpochAllocations` answers. */
export type EpochAllocationsData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly epoch: {
    readonly allocations: {
      readonly totalCount: number
      readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean }
      readonly nodes: readonly {
        readonly account: { readonly address: string }
        readonly earned: string
        readonly carryBefore: string
        readonly carryAfter: string
        readonly paid: string
        readonly cumulative: string
      }[]
    }
  } | null
}

/** What `EpochAllocations` is asked with. */
export type EpochAllocationsVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly number: number
  readonly first: number
  readonly after?: string | undefined
  readonly filter?:
    | {
        readonly accounts?: readonly string[] | undefined
        readonly epochs?: readonly number[] | undefined
      }
    | undefined
  readonly orderBy?: 'CUMULATIVE' | 'EARNED' | 'EPOCH' | 'PAID' | undefined
  readonly direction?: 'ASC' | 'DESC' | undefined
}

/** The operation `EpochAllocations`. */
export const epochAllocationsOperation: Operation<EpochAllocationsData, EpochAllocationsVariables> =
  {
    name: 'EpochAllocations',
    text: `query EpochAllocations($at: BlockInput, $number: SafeInt!, $first: Int!, $after: String, $filter: AllocationFilter, $orderBy: AllocationOrderBy, $direction: Direction) {
  _meta(at: $at) {
    block {
      number
    }
  }
  epoch(at: $at, number: $number) {
    allocations(
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
        account {
          address
        }
        earned
        carryBefore
        carryAfter
        paid
        cumulative
      }
    }
  }
}`,
  }

/** What `EpochScores` answers. */
export type EpochScoresData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly epoch: {
    readonly scores: {
      readonly totalCount: number
      readonly nodes: readonly {
        readonly subject: string
        readonly score: string
        readonly asset: AssetName | null
      }[]
    }
  } | null
}

/** What `EpochScores` is asked with. */
export type EpochScoresVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly number: number
  readonly measure: 'flow' | 'rank' | 'review' | 'work'
}

/** The operation `EpochScores`. */
export const epochScoresOperation: Operation<EpochScoresData, EpochScoresVariables> = {
  name: 'EpochScores',
  text: `query EpochScores($at: BlockInput, $number: SafeInt!, $measure: Measure!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  epoch(at: $at, number: $number) {
    scores(
      first: 25
      filter: {measures: [$measure]}
      orderBy: SCORE
      direction: DESC
    ) {
      totalCount
      nodes {
        subject
        score
        asset {
          ...AssetName
        }
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

/** What `EpochWithheld` answers. */
export type EpochWithheldData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly epoch: {
    readonly parts: {
      readonly totalCount: number
      readonly nodes: readonly {
        readonly account: { readonly address: string }
        readonly pool:
          | 'computeOperators'
          | 'creators'
          | 'dataProviders'
          | 'reviewers'
          | 'treasury'
          | null
        readonly sourceId: string
        readonly asset: AssetName | null
        readonly amount: string
        readonly withheldReason: 'disputed' | 'excluded' | 'slashed' | null
      }[]
    }
  } | null
}

/** What `EpochWithheld` is asked with. */
export type EpochWithheldVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly number: number
}

/** The operation `EpochWithheld`. */
export const epochWithheldOperation: Operation<EpochWithheldData, EpochWithheldVariables> = {
  name: 'EpochWithheld',
  text: `query EpochWithheld($at: BlockInput, $number: SafeInt!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  epoch(at: $at, number: $number) {
    parts(
      first: 50
      filter: {withheldReasons: [disputed, slashed, excluded]}
      orderBy: AMOUNT
      direction: DESC
    ) {
      totalCount
      nodes {
        account {
          address
        }
        pool
        sourceId
        asset {
          ...AssetName
        }
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

/** What `EpochRankGraph` answers. */
export type EpochRankGraphData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly epoch: {
    readonly rankGraph: {
      readonly url: string
      readonly byteLength: number
      readonly nodeCount: number
      readonly edgeCount: number
      readonly iterationCount: number
      readonly digest: string
    }
  } | null
}

/** What `EpochRankGraph` is asked with. */
export type EpochRankGraphVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
  readonly number: number
}

/** The operation `EpochRankGraph`. */
export const epochRankGraphOperation: Operation<EpochRankGraphData, EpochRankGraphVariables> = {
  name: 'EpochRankGraph',
  text: `query EpochRankGraph($at: BlockInput, $number: SafeInt!) {
  _meta(at: $at) {
    block {
      number
    }
  }
  epoch(at: $at, number: $number) {
    rankGraph {
      url
      byteLength
      nodeCount
      edgeCount
      iterationCount
      digest
    }
  }
}`,
}
