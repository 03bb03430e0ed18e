import type { ApiError } from './fetch-operation.ts'

/** What the index last said about itself, and whether it still answers. */
export type ChainStatus = {
  readonly network: string
  readonly chainId: number
  /** The newest block of the chain, of the index, and of what the index holds as final. */
  readonly headBlock: number | undefined
  readonly indexedBlock: number
  readonly finalBlock: number | undefined
  /** When the newest indexed block was made. Unit: Unix seconds. */
  readonly timestamp: number
  /** Blocks of the chain that are not indexed yet. */
  readonly lagBlocks: number | undefined
}

/** The status while it is known, the error while it cannot be asked. */
export type ChainReport = {
  readonly status: ChainStatus | undefined
  readonly error: ApiError | null
}

/** More blocks behind than this is worth a warning. */
export const LAG_BLOCKS_MAX = 20
