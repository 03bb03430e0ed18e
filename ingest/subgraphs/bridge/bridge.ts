import { FatalError, FoggaraError, RetryableError } from '@foggara/schema'
import { numberToHex } from 'viem'

import type { Rpc } from '../../chain/rpc.ts'
import type { EntityChange } from '../entity-cache/entity-store.ts'
import { DeploymentChangedError } from '../store/deployment.ts'
import { type GraphNode, IndexingErrorsError, fieldsOf } from './graph-node.ts'
import type { Pass, PassStore, StoredPass } from './pass-store.ts'
import { type PassReading, type RemoteHead, readChanges, readHead, readIds } from './read-pass.ts'
import type { RemoteSchema } from './remote-schema.ts'

/** How a subgraph is copied. */
export type BridgeSettings = {
  /**
   * The block of the first pass, from which on history is copied; undefined for the newest that is
   * not copied block by block.
   */
  readonly fromBlock: number | undefined
  /** The last block that is copied; undefined for no end. */
  readonly untilBlock: number | undefined
  /** Blocks up to so many below the head of the subgraph are copied one by one, and exactly. */
  readonly exactBlockCount: number
  /** How many blocks a pass further back has at most. */
  readonly passBlockCount: number
  /** Entities that are gone are looked for every so many blocks; 0 for never. */
  readonly removalsEvery: number
  /** Copies what a subgraph with indexing errors has. */
  readonly allowsErrors: boolean
}

/** Copies blocks one by one near the head; if it has to catch up, ten thousand at once. */
export const BRIDGE_DEFAULTS: BridgeSettings = {
  fromBlock: undefined,
  untilBlock: undefined,
  exactBlockCount: 64,
  passBlockCount: 10_000,
  removalsEvery: 1,
  allowsErrors: false,
}

/** What a bridge connects. */
export type BridgeOptions = {
  readonly node: GraphNode
  /** The API of the index node, which says proofs; undefined where it cannot be reached. */
  readonly indexNode: GraphNode | undefined
  /** The chain itself: graph-node does not say which of its blocks were orphaned. */
  readonly rpc: Pick<Rpc, 'call' | 'shownUrl'>
  readonly deployment: string
  readonly remote: RemoteSchema
  readonly store: PassStore
  readonly settings: BridgeSettings
  readonly nowMs: () => number
}

/** What a step did. */
export type BridgeStep =
  | { readonly type: 'copied'; readonly pass: Pass; readonly changeCount: number }
  | { readonly type: 'reverted'; readonly toBlock: number; readonly passCount: number }
  /** There is nothing new. */
  | { readonly type: 'idle'; readonly head: RemoteHead }

/** A subgraph of a graph-node on its way into ClickHouse. */
export type Bridge = {
  /**
   * Undoes what the chain no longer has, or copies the next pass. What raises leaves the tables at
   * the last whole pass, and the step may be repeated where the error is retryable.
   *
   * Raises what {@link GraphNode} and {@link Rpc} raise, and `GRAPH_NODE_WENT_BACKWARDS`,
   * `GRAPH_NODE_OTHER_BRANCH`, `SUBGRAPH_OTHER_CHAIN`, `SUBGRAPH_PASS_DISCARDED` and
   * `SUBGRAPH_DEPLOYMENT_CHANGED`.
   */
  readonly step: () => Promise<BridgeStep>
}

/** Opens a bridge; nothing is read before its first step. */
export function openBridge(options: BridgeOptions): Bridge {
  const { store } = options
  return {
    step: async () => {
      const ancestor = await findAncestor(options)
      const above = store.passes().filter(({ block }) => block > (ancestor?.block ?? -1))
      if (above.length > 0) {
        const toBlock = ancestor?.block ?? -1
        await store.revertTo(toBlock)
        return { type: 'reverted', toBlock, passCount: above.length }
      }
      return copyNext(options, ancestor)
    },
  }
}

/** The newest pass that is still on the chain; undefined where none is stored. */
async function findAncestor({ rpc, store }: BridgeOptions): Promise<StoredPass | undefined> {
  const passes = store.passes()
  for (const pass of passes.toReversed()) {
    const block = await readBlock(rpc, pass.block)
    // A chain that is shorter for a moment says nothing about what it had.
    if (block === undefined) throw new ChainBehindError(rpc.shownUrl, pass.block)
    if (block.hash === pass.hash) return pass
  }
  const [first] = passes
  if (first !== undefined) throw new OtherChainError(rpc.shownUrl, first)
  return undefined
}

async function copyNext(options: BridgeOptions, last: StoredPass | undefined): Promise<BridgeStep> {
  const { node, settings } = options
  const head = await readHead(node)
  await checkHead(options, head)
  const newest = Math.min(head.number, settings.untilBlock ?? head.number)
  if (last === undefined) {
    // The first pass copies what there is, whenever it came.
    const block = settings.fromBlock ?? Math.max(0, newest - settings.exactBlockCount)
    return newest < block ? { type: 'idle', head } : copyPass(options, { first: 0, last: block })
  }
  if (head.number < last.block) {
    throw new WentBackwardsError(node.shownUrl, last.block, head.number)
  }
  const first = last.block + 1
  if (newest < first) return { type: 'idle', head }
  return copyPass(options, { first, last: endOfPass(settings, first, newest) })
}

function endOfPass(settings: BridgeSettings, first: number, head: number): number {
  const exactFrom = head - settings.exactBlockCount
  if (first >= exactFrom) return first
  return Math.min(exactFrom, first + settings.passBlockCount - 1)
}

async function copyPass(
  options: BridgeOptions,
  range: { readonly first: number; readonly last: number },
): Promise<BridgeStep> {
  const { rpc, node, store, settings } = options
  const block = await readBlock(rpc, range.last)
  if (block === undefined) throw new ChainBehindError(rpc.shownUrl, range.last)
  const seen = new Map<string, RemoteHead>()
  const reading: PassReading = {
    node,
    allowsErrors: settings.allowsErrors,
    mark: `pass${options.nowMs()}of${block.hash.slice(2, 18)}`,
    onHead: async (head) => {
      if (!seen.has(head.hash)) await checkHead(options, head)
      seen.set(head.hash, head)
    },
  }
  const pass: Pass = {
    firstBlock: range.first,
    block: range.last,
    ...block,
    knowsRemovals: looksForRemovals(settings, range),
  }
  let changeCount = 0
  const changes = async function* (): AsyncGenerator<readonly EntityChange[]> {
    yield* readChanges(reading, options.remote.types, range)
    if (pass.knowsRemovals) yield* readRemovals(options, reading, range.last)
  }
  await store.commit({
    pass,
    changes: counted(changes(), (count) => {
      changeCount += count
    }),
    finish: async () => {
      const proof = await readProof(options, pass)
      await checkAfter(options, reading, [...seen.values()], pass)
      return proof
    },
  })
  return { type: 'copied', pass, changeCount }
}

async function* counted(
  pages: AsyncIterable<readonly EntityChange[]>,
  count: (changeCount: number) => void,
): AsyncGenerator<readonly EntityChange[]> {
  for await (const page of pages) {
    count(page.length)
    yield page
  }
}

function looksForRemovals(
  { removalsEvery }: BridgeSettings,
  { first, last }: { readonly first: number; readonly last: number },
): boolean {
  if (removalsEvery === 0) return false
  return Math.floor(last / removalsEvery) >= Math.ceil(first / removalsEvery)
}

async function* readRemovals(
  { remote, store }: BridgeOptions,
  reading: PassReading,
  block: number,
): AsyncGenerator<readonly EntityChange[]> {
  const types = remote.types.filter(
    ({ type }) => !type.isImmutable && store.ids(type.name).size > 0,
  )
  const left = new Map(types.map(({ type }) => [type.name, new Set(store.ids(type.name))]))
  for await (const { entityType, ids } of readIds(reading, types, block)) {
    for (const id of ids) left.get(entityType)?.delete(id)
  }
  for (const [entityType, ids] of left) {
    yield [...ids].map((id) => ({ type: 'remove', entityType, id }))
  }
}

/** Everything that was read belongs to the block only if graph-node was on its branch throughout. */
async function checkAfter(
  options: BridgeOptions,
  reading: PassReading,
  heads: readonly RemoteHead[],
  { block, hash }: Pass,
): Promise<void> {
  const { rpc } = options
  await reading.onHead(await readHead(options.node))
  for (const { number, hash: expected } of [...heads, { number: block, hash }]) {
    const found = await readBlock(rpc, number)
    if (found?.hash !== expected) throw new PassDiscardedError(number, expected, found?.hash)
  }
}

async function checkHead(options: BridgeOptions, head: RemoteHead): Promise<void> {
  const { node, rpc, deployment, settings, store } = options
  if (head.deployment !== deployment) {
    throw new DeploymentChangedError(store.database, deployment, head.deployment)
  }
  if (head.hasIndexingErrors && !settings.allowsErrors) throw new IndexingErrorsError(node.shownUrl)
  const block = await readBlock(rpc, head.number)
  if (block === undefined) throw new ChainBehindError(rpc.shownUrl, head.number)
  if (block.hash !== head.hash) throw new OtherBranchError(node.shownUrl, head, block.hash)
}

/** The proof is a record, not a condition: without it the pass is stored all the same. */
async function readProof(
  { indexNode, deployment }: BridgeOptions,
  pass: Pass,
): Promise<string | undefined> {
  if (indexNode === undefined) return undefined
  const where = `blockNumber: ${pass.block}, blockHash: "${pass.hash}"`
  try {
    const { proof } = await indexNode.ask(
      `{ proof: proofOfIndexing(subgraph: ${JSON.stringify(deployment)}, ${where}) }`,
    )
    return typeof proof === 'string' ? proof : undefined
  } catch (error) {
    if (error instanceof FoggaraError) return undefined
    throw error
  }
}

type BlockOfChain = { readonly hash: string; readonly atSeconds: bigint }

async function readBlock(
  rpc: BridgeOptions['rpc'],
  number: number,
): Promise<BlockOfChain | undefined> {
  const answer = await rpc.call('eth_getBlockByNumber', [numberToHex(number), false])
  const { hash, timestamp } = fieldsOf(answer)
  if (typeof hash !== 'string' || typeof timestamp !== 'string') return undefined
  return { hash: hash.toLowerCase(), atSeconds: BigInt(timestamp) }
}

/** The chain's node has not come as far as graph-node. */
export class ChainBehindError extends RetryableError {
  constructor(shownUrl: string, block: number) {
    super('RPC_BLOCK_MISSING', `${shownUrl}: expected block ${block}, found none`, {
      hint: 'Give the chain’s node time, or the URL of one that is at the head.',
    })
  }
}

/** graph-node follows another branch of the chain than its node tells, or another chain. */
export class OtherBranchError extends RetryableError {
  constructor(shownUrl: string, head: RemoteHead, expected: string) {
    super(
      'GRAPH_NODE_OTHER_BRANCH',
      `${shownUrl}: expected block ${head.number} to be ${expected}, as the chain says, found ${head.hash}`,
      { hint: 'It passes after a reorganisation; else --rpc is not the chain of the subgraph.' },
    )
  }
}

/** No stored pass is on the chain. */
export class OtherChainError extends FatalError {
  constructor(shownUrl: string, { block, hash }: StoredPass) {
    super(
      'SUBGRAPH_OTHER_CHAIN',
      `${shownUrl}: expected block ${block} to be ${hash}, as it was copied, found another`,
      {
        hint: 'Give the URL of the chain that the subgraph indexes, or copy under another --name.',
      },
    )
  }
}

/** graph-node is before what was copied from it, on the same chain. */
export class WentBackwardsError extends RetryableError {
  constructor(shownUrl: string, expected: number, found: number) {
    super(
      'GRAPH_NODE_WENT_BACKWARDS',
      `${shownUrl}: expected block ${expected} or a later one, found ${found}`,
      {
        hint: 'It was rewound, or another replica answers: copying goes on once it is there again.',
      },
    )
  }
}

/** The chain was reorganised while a pass was read. */
export class PassDiscardedError extends RetryableError {
  constructor(block: number, expected: string, found: string | undefined) {
    super(
      'SUBGRAPH_PASS_DISCARDED',
      `expected block ${block} to stay ${expected}, found ${found ?? 'none'}`,
    )
  }
}
