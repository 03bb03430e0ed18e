import {
  type ChainBlock,
  HandlerError,
  type MappingLog,
  type MemoryStore,
  type RpcChain,
  type Subgraph,
  type SubgraphFailure,
  finishProof,
  openMemoryStore,
  openSubgraphRunner,
} from '@foggara/ingest'
import { bytesToHex } from 'viem'

import type { BlockNeeds } from './block-plan.ts'
import { timeChain } from './timed-chain.ts'

/** What of a run to prove: whose, and with what. */
export type SubgraphRunOptions = {
  readonly folder: string
  readonly subgraph: Subgraph
  readonly chain: RpcChain
  readonly deployment: string
  readonly indexer: Uint8Array | undefined
  readonly onLog: ((line: MappingLog) => void) | undefined
  readonly nowMs: () => number
}

/** A subgraph on its way over a chain, in memory. */
export type SubgraphRun = {
  readonly folder: string
  readonly deployment: string
  readonly firstBlock: number
  /** What it has to see from now on. */
  needs(): BlockNeeds
  /** How many data sources handlers created: with each, it has to see more. */
  createdSourceCount(): number
  /** `failed`: a handler failed for good; `stopped`: something else than the chain stopped one. */
  state(): 'running' | 'failed' | 'stopped'
  /** Why it stopped. */
  stoppedBy(): HandlerError | undefined
  /** Runs a block; undefined where the run has ended or not begun. */
  runBlock(block: ChainBlock): Promise<ProvenBlock | undefined>
  speed(): RunSpeed
  totals(): RunTotals
}

/** A block that ran, as it stands in the output. */
export type ProvenBlock = {
  readonly block: number
  readonly hash: string
  /** The Proof of Indexing. */
  readonly proof: string
  /** The running hash behind it; undefined before the first handler. */
  readonly digest: string | undefined
  readonly handlerCount: number
  readonly changeCount: number
  readonly failures: readonly SubgraphFailure[]
}

/** How fast a run is. */
export type RunSpeed = {
  readonly handlerCount: number
  /** How long blocks ran, without the wait for the chain. */
  readonly runSeconds: number
  /** How long handlers waited for what they read of contracts. */
  readonly waitSeconds: number
}

/** What a run did so far. */
export type RunTotals = RunSpeed & {
  /** Undefined before the first block. */
  readonly last: ProvenBlock | undefined
  readonly entityCount: number
  readonly versionCount: number
  readonly failures: readonly SubgraphFailure[]
}

/** Handler calls in a second of work, however long the chain took to answer. */
export function handlerRate(speed: Pick<RunSpeed, 'handlerCount' | 'runSeconds'>): number {
  return speed.handlerCount / Math.max(0.001, speed.runSeconds)
}

/** Starts a subgraph with an empty store. */
export function startRun(options: SubgraphRunOptions): SubgraphRun {
  const { folder, deployment, subgraph, onLog, nowMs } = options
  const store = openMemoryStore()
  const timed = timeChain(options.chain, nowMs)
  const runner = openSubgraphRunner({
    subgraph,
    store,
    chain: timed.chain,
    ...(onLog === undefined ? {} : { onLog }),
  })
  const firstBlock = Math.min(...subgraph.sources.map(({ startBlock }) => startBlock))
  let state: ReturnType<SubgraphRun['state']> = 'running'
  let error: HandlerError | undefined
  let last: { readonly block: ChainBlock; readonly counts: BlockCounts } | undefined
  let handlerCount = 0
  let runMs = 0
  const speed = () => ({
    handlerCount,
    runSeconds: Math.max(0, runMs - timed.waitedMs()) / 1000,
    waitSeconds: timed.waitedMs() / 1000,
  })
  const prove = (block: ChainBlock, counts: BlockCounts) => ({
    ...provenBlock(options, store, block),
    ...counts,
  })
  return {
    folder,
    deployment,
    firstBlock,
    needs: () => ({ subgraph, interests: runner.interests() }),
    createdSourceCount: () => store.createdSources().length,
    state: () => state,
    stoppedBy: () => error,
    runBlock: async (block) => {
      if (state !== 'running' || block.number < firstBlock) return undefined
      const startMs = nowMs()
      try {
        const report = await runner.runBlock(block)
        if (report.hasFailed) state = 'failed'
        handlerCount += report.handlerCount
        const { handlerCount: ran, changeCount, failures } = report
        last = { block, counts: { handlerCount: ran, changeCount, failures } }
        return prove(block, last.counts)
      } catch (cause) {
        if (!(cause instanceof HandlerError)) throw cause
        state = 'stopped'
        error = cause
        return undefined
      } finally {
        runMs += nowMs() - startMs
      }
    },
    speed,
    totals: () => ({
      ...speed(),
      last: last === undefined ? undefined : prove(last.block, last.counts),
      entityCount: store.versions().filter(({ until }) => until === undefined).length,
      versionCount: store.versions().length,
      failures: store.failures(),
    }),
  }
}

type BlockCounts = Pick<ProvenBlock, 'handlerCount' | 'changeCount' | 'failures'>

function provenBlock(
  { deployment, indexer, subgraph }: SubgraphRunOptions,
  store: MemoryStore,
  block: ChainBlock,
): Omit<ProvenBlock, keyof BlockCounts> {
  const digest = store.proof()
  const proof = finishProof({
    deployment,
    blockNumber: block.number,
    blockHash: block.hash,
    ...(indexer === undefined ? {} : { indexer }),
    regions: new Map(digest === undefined ? [] : [[`ethereum/${subgraph.network}`, digest]]),
  })
  return {
    block: block.number,
    hash: bytesToHex(block.hash),
    proof: bytesToHex(proof),
    digest: digest === undefined ? undefined : bytesToHex(digest),
  }
}
