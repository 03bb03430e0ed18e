import type { Hex } from '@foggara/schema'

import type { BlockId, ChainStore } from '../store/chain-store.ts'
import {
  type Accumulators,
  callAccumulators,
  checkAccumulators,
  firstUnproven,
  readAccumulators,
} from './accumulators.ts'
import type { FetchWay } from './fetch-range.ts'
import { fetchIndexed } from './follow-range.ts'
import type { FetchedRange, IndexContext } from './index-range.ts'
import type { Indexed, NextRange } from './indexed.ts'
import { RpcLogsIncompleteError } from './rpc-errors.ts'
import type { RpcPool } from './rpc-pool.ts'
import type { Provider } from './rpc-provider.ts'

/** What indexing a deployment of our contracts needs. */
export type DeploymentOptions = IndexContext & {
  readonly rpc: RpcPool
  readonly store: ChainStore
  /** How logs are asked for. */
  readonly way: FetchWay
}

/** After so many looks at a range that lacks events, what was stored on trust is doubted. */
const INCOMPLETE_COUNT_MAX = 3

/** Our contracts as what a follower indexes: they count their own events, so gaps show. */
export function indexDeployment(options: DeploymentOptions): Indexed<FetchedRange> {
  const index = new DeploymentIndex(options)
  return {
    chainId: options.deployment.chainId,
    startBlock: options.deployment.startBlock,
    fetch: (next, prefer) => index.fetch(next, prefer),
    noteCommit: (range) => index.noteCommit(range),
    provenUpTo: (block, heads) => index.provenUpTo(block, heads),
    meet: (error) => index.meet(error),
  }
}

class DeploymentIndex {
  readonly #options: DeploymentOptions
  /** Every event up to this block is known to be stored. */
  #provenBlock = -1
  #incompleteCount = 0
  /** The accumulators at a block, so that following the head reads nothing back. */
  #known: { readonly at: Hex | undefined; readonly accumulators: Accumulators } | undefined

  constructor(options: DeploymentOptions) {
    this.#options = options
  }

  async fetch(next: NextRange, prefer: Provider): Promise<FetchedRange> {
    const accumulators = await this.#accumulatorsAt(next.parent)
    return fetchIndexed(this.#options, next, accumulators, { prefer, way: this.#options.way })
  }

  noteCommit({ headers, after, evidence }: FetchedRange): void {
    const [first, last] = [headers[0], headers.at(-1)]
    if (first === undefined || last === undefined) return
    this.#provenBlock = Math.min(this.#provenBlock, first.block - 1)
    this.#known = { at: last.hash, accumulators: after }
    this.#incompleteCount = 0
    const isProven = evidence === 'accumulator'
    const isWhole = evidence === 'bloom-negative' || evidence === 'receipts-root'
    if (isProven || (isWhole && this.#provenBlock === first.block - 1)) {
      this.#provenBlock = last.block
    }
  }

  /**
   * What could not be proven when it was fetched, because the node no longer had the state to ask, is
   * proven by the accumulators at the newest block. Only a node that cannot say even that is trusted.
   */
  async provenUpTo(
    block: number,
    { ours, chain }: { readonly ours: BlockId; readonly chain: number },
  ): Promise<number | undefined> {
    if (this.#provenBlock >= block) return this.#provenBlock
    const { rpc, deployment } = this.#options
    const called = await callAccumulators(rpc, deployment, ours.hash)
    if (called === undefined) return ours.block >= chain ? this.#provenBlock : undefined
    checkAccumulators(await this.#accumulatorsAt(ours), called, rpc.shownUrl)
    this.#provenBlock = ours.block
    return ours.block
  }

  /**
   * When events stay missing, they may be missing from blocks that were stored on trust: those are
   * given up and fetched again. What is settled was proven before.
   */
  async meet(error: unknown): Promise<void> {
    if (!(error instanceof RpcLogsIncompleteError)) return
    this.#incompleteCount += 1
    if (this.#incompleteCount % INCOMPLETE_COUNT_MAX !== 0) return
    const { client, store } = this.#options
    const head = store.head()
    if (head === undefined) return
    const block = await firstUnproven(client, store.pinAt(head.block))
    if (block !== undefined) await store.retractFrom(block)
  }

  async #accumulatorsAt(parent: BlockId | undefined): Promise<Accumulators> {
    if (parent === undefined) return new Map()
    if (this.#known?.at === parent.hash) return this.#known.accumulators
    const { client, store } = this.#options
    return readAccumulators(client, store.pinAt(parent.block))
  }
}
