// Generated from the document of the same name by generate.ts; edit that.
import type { Operation } from './operation.ts'

/** What `Epochs` answers. */
export type EpochsData = {
  readonly _meta: { readonly block: { readonly number: number } }
  readonly epochs: {
    readonly totalCount: number
    readonly nodes: readonly {
      readonly number: number
      readonly firstBlock: number
      readonly cutoffBlock: number
      readonly status: 'ACTIVE' | 'CHALLENGED' | 'CLOSED' | 'PROPOSED' | 'REJECTED' | null
      readonly budget: string
      readonly paid: string
      readonly carryChange: string
      readonly withheld: string
      readonly unallocated: string
      readonly rulesetVersion: number
      readonly root: string
      readonly identity: { readonly difference: string }
    }[]
  }
}

/** What `Epochs` is asked with. */
export type EpochsVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
}

/** The operation `Epochs`. */
export const epochsOperation: Operation<EpochsData, EpochsVariables> = {
  name: 'Epochs',
  text: `query Epochs($at: BlockInput) {
  _meta(at: $at) {
    block {
      number
    }
  }
  epochs(at: $at, first: 200) {
    totalCount
    nodes {
      number
      firstBlock
      cutoffBlock
      status
      budget
      paid
      carryChange
      withheld
      unallocated
      rulesetVersion
      root
      identity {
        difference
      }
    }
  }
}`,
}
