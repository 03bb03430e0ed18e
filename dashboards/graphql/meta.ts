// Generated from the document of the same name by generate.ts; edit that.
import type { Operation } from './operation.ts'

/** What `Meta` answers. */
export type MetaData = {
  readonly _meta: {
    readonly chainId: number
    readonly block: { readonly number: number; readonly hash: string; readonly timestamp: number }
    readonly headBlock: number | null
    readonly settledBlock: number | null
    readonly lag: number | null
    readonly finality: 'final' | 'latest' | 'safe'
    readonly hasErrors: boolean
    readonly commit: { readonly chain: number; readonly epoch: number; readonly receipt: number }
  }
}

/** What `Meta` is asked with. */
export type MetaVariables = {
  readonly at?:
    | { readonly hash?: string | undefined; readonly number?: number | undefined }
    | undefined
}

/** The operation `Meta`. */
export const metaOperation: Operation<MetaData, MetaVariables> = {
  name: 'Meta',
  text: `query Meta($at: BlockInput) {
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
    hasErrors
    commit {
      chain
      epoch
      receipt
    }
  }
}`,
}
