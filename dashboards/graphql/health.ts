// Generated from the document of the same name by generate.ts; edit that.
import type { EvidenceFields } from './fragments.ts'
import type { Operation } from './operation.ts'

/** What `Health` answers. */
export type HealthData = {
  readonly _meta: {
    readonly chainId: number
    readonly block: { readonly number: number; readonly hash: string; readonly timestamp: number }
    readonly headBlock: number | null
    readonly settledBlock: number | null
    readonly lag: number | null
    readonly finality: 'final' | 'latest' | 'safe'
    readonly blocksPerSecond: number | null
    readonly hasErrors: boolean
    readonly errors: readonly string[]
    readonly commit: { readonly chain: number; readonly epoch: number; readonly receipt: number }
    readonly completeness: readonly { readonly evidence: string; readonly blockCount: number }[]
    readonly rules: readonly {
      readonly name: string
      readonly sentence: string
      readonly state: 'broken' | 'holds' | 'unchecked'
      readonly checkedAtBlock: number | null
      readonly violations: readonly {
        readonly subject: string
        readonly expected: string
        readonly found: string
        readonly sinceBlock: number
      }[]
    }[]
    readonly unproven: {
      readonly blockCount: number
      readonly ranges: readonly {
        readonly firstBlock: number
        readonly lastBlock: number
        readonly evidence: string
      }[]
    }
  }
  readonly overview: {
    readonly eventCount: number
    readonly receiptCount: number
    readonly pendingReceiptCount: number
  }
  readonly batches: {
    readonly totalCount: number
    readonly nodes: readonly {
      readonly batchId: string
      readonly provider: { readonly address: string }
      readonly receiptCount: number
      readonly validCount: number
      readonly bodylessCount: number
      readonly refusedCount: number
      readonly evidence: EvidenceFields
    }[]
  }
}

/** What `Health` is asked with. */
export type HealthVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
}

/** The operation `Health`. */
export const healthOperation: Operation<HealthData, HealthVariables> = {
  name: 'Health',
  text: `query Health($at: BlockInput) {
  _meta(at: $at) {
    chainId
    block {
      number
      hash
      timestamp
    }
    headBlock
    settledBlock
    lag
    finality
    blocksPerSecond
    hasErrors
    errors
    commit {
      chain
      epoch
      receipt
    }
    completeness {
      evidence
      blockCount
    }
    rules {
      name
      sentence
      state
      checkedAtBlock
      violations {
        subject
        expected
        found
        sinceBlock
      }
    }
    unproven(first: 10) {
      blockCount
      ranges {
        firstBlock
        lastBlock
        evidence
      }
    }
  }
  overview(at: $at) {
    eventCount
    receiptCount
    pendingReceiptCount
  }
  batches(at: $at, first: 10) {
    totalCount
    nodes {
      batchId
      provider {
        address
      }
      receiptCount
      validCount
      bodylessCount
      refusedCount
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
