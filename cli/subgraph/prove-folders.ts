import path from 'node:path'
import { setImmediate } from 'node:timers/promises'

import { type RpcChain, type Subgraph, deploymentId, openRpc, openRpcChain } from '@foggara/ingest'
import { FatalError, RetryableError } from '@foggara/schema'

import type { Context, OptionValues } from '../command.ts'
import { rate } from '../engine/run-progress.ts'
import { reportError } from '../run.ts'
import { progressLines } from '../service/progress.ts'
import { surroundingsOf } from '../service/surroundings.ts'
import { type BlockPlan, planBlocks } from './block-plan.ts'
import { openFolder } from './open-folder.ts'
import { type PoiRequest, readPoiRequest } from './poi-request.ts'
import { printBlock, printEnd } from './print-proof.ts'
import { ChainTooShortError, RangeEmptyError, readBlocks } from './read-blocks.ts'
import { type SubgraphRun, handlerRate, startRun } from './subgraph-run.ts'

const PROGRESS_EVERY_MS = 2_000
/** Signals are heard between tasks only; blocks that were read ahead are none of their own. */
const PAUSE_EVERY_MS = 50

/** Runs `foggara subgraph poi FOLDER…`: 0 where every subgraph came to the last block. */
export async function proveFolders(
  folders: readonly string[],
  options: OptionValues,
  context: Context,
): Promise<number> {
  const request = readPoiRequest(options, folders.length, context)
  const subgraphs: Subgraph[] = []
  const deployments: string[] = []
  for (const [index, folder] of folders.entries()) {
    subgraphs.push(await openFolder(folder, context.directory))
    const given = request.deployments?.[index]
    deployments.push(given ?? (await deploymentId(path.resolve(context.directory, folder))))
  }
  const { sleep } = surroundingsOf(context, context.stopped)
  const rpc = openRpc({ url: request.rpcUrl, sleep, signal: context.stopped })
  try {
    const last = await lastBlockOf(request, () => rpc.call('eth_blockNumber', []))
    const surroundings = { request, deployments, chain: openRpcChain(rpc), last, context }
    const runs = startRuns(folders, subgraphs, surroundings)
    const firstShown = request.asJson ? (request.firstShown ?? 0) : Infinity
    await runAll(runs, planBlocks(rpc, { firstShown, last }), surroundings)
    for (const run of runs) printEnd(run, request, context)
    return exitCodeOf(runs, context)
  } catch (error) {
    if (context.stopped.aborted) throw new SubgraphStoppedError(error)
    throw error
  }
}

type Surroundings = {
  readonly request: PoiRequest
  readonly deployments: readonly string[]
  readonly chain: RpcChain
  readonly last: number
  readonly context: Context
}

async function lastBlockOf(
  { lastBlock }: PoiRequest,
  askHead: () => Promise<unknown>,
): Promise<number> {
  const head = await askHead()
  if (typeof head !== 'string' || !/^0x[0-9a-f]{1,12}$/i.test(head)) {
    throw new HeadMalformedError(head)
  }
  const last = lastBlock ?? Number(head)
  if (last <= Number(head)) return last
  throw new ChainTooShortError(last)
}

function startRuns(
  folders: readonly string[],
  subgraphs: readonly Subgraph[],
  { request, deployments, chain, last, context }: Surroundings,
): readonly SubgraphRun[] {
  return subgraphs.map((subgraph, index) => {
    const folder = folders[index] ?? ''
    const run = startRun({
      folder,
      subgraph,
      chain,
      deployment: deployments[index] ?? '',
      indexer: request.indexer,
      nowMs: context.nowMs,
      onLog: request.tellsLog
        ? ({ level, dataSource, handler, block, message }) =>
            context.warn(
              `${folder}: ${level} ${dataSource}, ${handler}, block ${block}: ${message}`,
            )
        : undefined,
    })
    if (run.firstBlock <= last) return run
    throw new RangeEmptyError(folder, run.firstBlock, last)
  })
}

async function runAll(
  runs: readonly SubgraphRun[],
  plan: BlockPlan,
  { request, chain, last, context }: Surroundings,
): Promise<void> {
  const first = Math.min(...runs.map(({ firstBlock }) => firstBlock))
  const tell = progressTeller(runs, { first, last, context })
  let pausedMs = context.nowMs()
  for (let from = first; from <= last;) {
    const running = runs.filter((run) => run.state() === 'running')
    if (running.length === 0) return
    const { numbers, end } = await plan(
      from,
      running.map((run) => run.needs()),
    )
    const sourceCount = sourceCountOf(runs)
    const leavesSomeOut = numbers.length < end - from + 1
    from = end + 1
    for await (const block of readBlocks(chain, numbers)) {
      if (context.nowMs() - pausedMs > PAUSE_EVERY_MS) {
        await setImmediate()
        pausedMs = context.nowMs()
      }
      if (context.stopped.aborted) throw new SubgraphStoppedError()
      for (const run of running) {
        const proven = await run.runBlock(block)
        if (proven === undefined || !request.asJson) continue
        if (proven.block >= (request.firstShown ?? 0)) printBlock(run, proven, context)
      }
      tell(block.number)
      if (running.every((run) => run.state() !== 'running')) return
      if (!leavesSomeOut || sourceCountOf(runs) === sourceCount) continue
      // Logs of sources that were just created were not asked for.
      from = block.number + 1
      break
    }
  }
}

function sourceCountOf(runs: readonly SubgraphRun[]): number {
  return runs.reduce((sum, run) => sum + run.createdSourceCount(), 0)
}

function progressTeller(
  runs: readonly SubgraphRun[],
  { first, last, context }: Pick<Surroundings, 'last' | 'context'> & { readonly first: number },
): (blockNumber: number) => void {
  const { nowMs } = context
  const startMs = nowMs()
  const progress = progressLines('subgraph:', 'blocks', { nowMs, everyMs: PROGRESS_EVERY_MS })
  return (blockNumber) => {
    const line = progress({ done: blockNumber - first + 1, total: last - first + 1 })
    if (line === undefined || nowMs() - startMs < PROGRESS_EVERY_MS) return
    context.warn(`${line}, ${rate(handlersPerSecond(runs))} handler calls/s`)
  }
}

function handlersPerSecond(runs: readonly SubgraphRun[]): number {
  const speeds = runs.map((run) => run.speed())
  return handlerRate({
    handlerCount: speeds.reduce((sum, speed) => sum + speed.handlerCount, 0),
    runSeconds: speeds.reduce((sum, speed) => sum + speed.runSeconds, 0),
  })
}

/** A failure for good outweighs one that the next try may not have. */
function exitCodeOf(runs: readonly SubgraphRun[], context: Context): number {
  for (const run of runs) {
    const error = run.stoppedBy()
    if (error !== undefined) reportError(error, context)
  }
  if (runs.some((run) => run.state() === 'failed')) return 1
  return runs.some((run) => run.state() === 'stopped') ? 75 : 0
}

/** The user asked to stop before the last block. */
export class SubgraphStoppedError extends FatalError {
  constructor(cause?: unknown) {
    super('RUN_ABORTED', 'expected the run to come to the last block, found it stopped', {
      cause,
      hint: 'Nothing was stored: the next run begins at the first block.',
    })
  }
}

/** The chain's answer to how long it is makes no sense. */
export class HeadMalformedError extends RetryableError {
  constructor(found: unknown) {
    const shown = JSON.stringify(found)?.slice(0, 60) ?? 'nothing'
    super('RPC_RESPONSE_INVALID', `expected the number of the newest block, found ${shown}`)
  }
}
