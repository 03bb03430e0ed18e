import type { Rpc } from '../../chain/rpc.ts'
import type { ChainBlock } from '../chain-source.ts'
import type { Subgraph } from '../manifest/manifest.ts'
import type { LogInterest } from '../subgraph-runner.ts'
import { type LogFilter, logFilter, logMatcher, possibleInterests } from './log-filter.ts'
import { type BlockRange, type FoundLog, readRangeLogs } from './range-logs.ts'
import { type BlockRequest, readBlocks, readConnectedBlocks } from './read-blocks.ts'

/** What decides which blocks a subgraph has to see. */
export type BlockNeeds = {
  readonly subgraph: Subgraph
  readonly interests: readonly LogInterest[]
  handlesBlock(blockNumber: number): boolean
}

/** Consecutive blocks, of which those come that somebody has to see. */
export type Stretch = BlockRange & {
  /** Ascending; the last block of the stretch is always among them. */
  blocks(): AsyncIterable<ChainBlock>
  /** Whether the n-th of those who need blocks has to see this one. */
  isNeeded(index: number, blockNumber: number): boolean
  readonly logCount: number
  /** How many blocks the provider answered about at once. */
  readonly requestBlockCount: number
}

const CHUNK_BLOCK_COUNT = 10
/** So many chunks are asked for before they are needed. */
const CHUNKS_AHEAD = 3

/**
 * Reads the logs of final blocks and, from them, finds the blocks that matter; these are read while
 * others run. What nobody needs is never read.
 */
export async function readSparseStretch(
  rpc: Rpc,
  range: BlockRange,
  needs: readonly BlockNeeds[],
): Promise<Stretch> {
  const filter = logFilter(needs.flatMap(({ interests }) => interests))
  const { logs, last, requestBlockCount } = await readRangeLogs(rpc, filter, range)
  const needed = needs.map((need) => neededBlocks(need, range, logs))
  const logsByBlock = Map.groupBy(logs, ({ block }) => block)
  const requests = [...new Set(needed.flatMap((numbers) => [...numbers]))]
    .toSorted((a, b) => a - b)
    .map((number): BlockRequest => ({
      number,
      logs: logsByBlock.get(number) ?? [],
      header: number === range.to ? last : undefined,
    }))
  const read = readAhead(rpc, requests, widerFilter(needs))
  return {
    ...range,
    blocks: read,
    isNeeded: (index, blockNumber) => needed[index]?.has(blockNumber) === true,
    logCount: logs.length,
    requestBlockCount,
  }
}

/** Reads blocks that may still be replaced: all of them, each on top of the one before. */
export async function readDenseStretch(
  rpc: Rpc,
  range: BlockRange,
  needs: readonly BlockNeeds[],
  parentHash: string | undefined,
): Promise<Stretch> {
  const own = logFilter(needs.flatMap(({ interests }) => interests))
  const blocks = await readConnectedBlocks(rpc, range, widerFilter(needs) ?? own, parentHash)
  return {
    ...range,
    blocks: async function* () {
      yield* blocks
    },
    isNeeded: () => true,
    logCount: blocks.reduce((count, { logs }) => count + logs.length, 0),
    requestBlockCount: blocks.length,
  }
}

/** A filter for everything that a created source might want too; undefined where none can be. */
function widerFilter(needs: readonly BlockNeeds[]): LogFilter | undefined {
  const interests = needs.flatMap((need) => need.interests)
  const possible = needs.flatMap((need) => possibleInterests(need.subgraph, need.interests))
  return possible.length === interests.length ? undefined : logFilter(possible)
}

function neededBlocks(
  need: BlockNeeds,
  { from, to }: BlockRange,
  logs: readonly FoundLog[],
): ReadonlySet<number> {
  const matches = logMatcher(need.interests)
  const needed = new Set([to])
  for (const { block, address, topic } of logs) {
    if (matches(address, topic)) needed.add(block)
  }
  for (let number = from; number <= to; number += 1) {
    if (need.handlesBlock(number)) needed.add(number)
  }
  return needed
}

/** The first chunk is asked for at once, the others while earlier ones are used. */
function readAhead(
  rpc: Rpc,
  requests: readonly BlockRequest[],
  wider: LogFilter | undefined,
): () => AsyncIterable<ChainBlock> {
  const chunks = Array.from({ length: Math.ceil(requests.length / CHUNK_BLOCK_COUNT) }, (_, at) =>
    requests.slice(at * CHUNK_BLOCK_COUNT, (at + 1) * CHUNK_BLOCK_COUNT),
  )
  const ahead: Promise<readonly ChainBlock[]>[] = []
  let asked = 0
  const ask = () => {
    const chunk = chunks[asked]
    if (chunk === undefined) return
    asked += 1
    const reading = readBlocks(rpc, chunk, wider)
    // One that is never awaited, because an earlier one failed, must not end the process.
    reading.catch(() => undefined)
    ahead.push(reading)
  }
  ask()
  return async function* () {
    for (let count = 1; count < CHUNKS_AHEAD; count += 1) ask()
    for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
      const blocks = await next
      ask()
      yield* blocks
    }
  }
}
