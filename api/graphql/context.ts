import type { Pin } from '@foggara/schema'

import type { Chains } from '../chains.ts'
import type { Reader } from '../sql/reader.ts'
import type { ServiceStatus } from '../status.ts'
import type { ClosedEpochs } from './epoch/closed-epochs.ts'

/** Which block a part of a request reads at. */
export type BlockSelection = {
  readonly number?: number | null | undefined
  readonly hash?: string | null | undefined
}

/** Readers of one chain at pinned blocks. */
export type BlockReaders = {
  /** The reader of the newest block, or of the block selected. */
  at(selection: BlockSelection | null | undefined): Promise<Reader>
  /** The reader of the block a cursor was given at. */
  atCursor(block: number, blockHash: string): Promise<Reader>
}

/** What resolvers get: readers at pinned blocks, resolved at most once each per request. */
export type ApiContext = BlockReaders & {
  /** The readers of another chain. */
  chain(name: string): Promise<BlockReaders>
  /** Every chain that is indexed, and what is known of it. */
  readonly chains: Pick<Chains, 'list' | 'cut' | 'catalogue'>
  /** What the service says about itself. */
  status(): Promise<ServiceStatus>
  readonly chainId: number
  readonly closedEpochs: ClosedEpochs
  /** The pins this request has read at so far. */
  readonly pins: readonly Pin[]
}
