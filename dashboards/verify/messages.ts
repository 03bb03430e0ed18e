/** On what the ranks of an epoch are computed again. */
export type RankEngineChoice = 'wasm' | 'webgpu'

/** What a page asks the verifying worker. */
export type VerifyRequest =
  | {
      readonly type: 'rank'
      /** Where the compressed graph is. */
      readonly url: string
      /** What has to come out. */
      readonly digest: string
      readonly engine: RankEngineChoice
    }
  | {
      readonly type: 'epoch'
      readonly epoch: number
      /** The hash and the root that the page shows: what has to come out. */
      readonly manifestHash: string
      readonly root: string
    }
  | {
      readonly type: 'proof'
      readonly account: string
      readonly token: string
      readonly cumulative: string
      readonly proof: readonly string[]
      readonly root: string
    }

/** What the worker says: progress, then one outcome. */
export type VerifyReply =
  | { readonly type: 'progress'; readonly step: string }
  | {
      readonly type: 'equal'
      readonly engine: string
      /** Wall-clock time of the recomputation. Unit: milliseconds. */
      readonly elapsedMs: number
      readonly rowCount: number
      readonly accountCount: number
      readonly root: string
      readonly manifestHash: string
    }
  | {
      readonly type: 'different'
      readonly field: string
      readonly published: string
      readonly recomputed: string
    }
  | {
      readonly type: 'proof'
      readonly leaf: string
      readonly folded: string
      readonly isEqual: boolean
    }
  | {
      readonly type: 'rank'
      readonly digest: string
      readonly isEqual: boolean
      /** Who computed it in the end, and what there is to say about how. */
      readonly engine: string
      readonly notes: readonly string[]
      /** Wall-clock time of the computation without the download. Unit: milliseconds. */
      readonly elapsedMs: number
    }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
