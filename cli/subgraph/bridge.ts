import { type BridgeStep, type SubgraphBridge, openRpc, openSubgraphBridge } from '@foggara/ingest'
import { FoggaraError } from '@foggara/schema'

import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { openDatabaseToWrite } from '../service/open-database.ts'
import { surroundingsOf } from '../service/surroundings.ts'
import { type BridgeRequest, readBridgeRequest } from './bridge-request.ts'
import { count } from './count.ts'

const POLL_MS = 1_000
const RETRY_MS_MIN = 200
const RETRY_MS_MAX = 10_000
/** A run that has an end shall not wait for ever. */
const ATTEMPT_COUNT_MAX = 6

/**
 * Runs `foggara subgraph bridge`: 0 where it came to its end, or was to have none and was stopped.
 */
export async function bridgeSubgraph(options: OptionValues, context: Context): Promise<number> {
  const request = await readBridgeRequest(options, context)
  const config = await loadConfig(options, context)
  const surroundings = surroundingsOf(context, context.stopped)
  const rpc = openRpc({ url: request.rpcUrl, ...surroundings })
  // A chain that is not there is said at once, and before anything is opened.
  await rpc.call('eth_chainId', [])
  await using database = await openDatabaseToWrite(config, context.directory, context.warn)
  const bridge = await openSubgraphBridge({
    ...surroundings,
    ...request,
    client: database.client,
    rpc,
  })
  tell(request, context, {
    type: 'start',
    database: bridge.database,
    deployment: bridge.deployment,
    block: bridge.passes().at(-1)?.block,
  })
  await Promise.race([follow(bridge, request, context, surroundings.sleep), database.failed])
  return context.stopped.aborted && request.ends ? 130 : 0
}

async function follow(
  bridge: SubgraphBridge,
  request: BridgeRequest,
  context: Context,
  sleep: (durationMs: number) => Promise<void>,
): Promise<void> {
  let attemptCount = 0
  while (!context.stopped.aborted) {
    let step: BridgeStep
    try {
      step = await bridge.step()
      attemptCount = 0
    } catch (error) {
      if (context.stopped.aborted) return
      if (!(error instanceof FoggaraError) || !error.retryable) throw error
      attemptCount += 1
      if (request.ends && attemptCount >= ATTEMPT_COUNT_MAX) throw error
      tell(request, context, { type: 'retry', code: error.code, message: error.message })
      await sleep(Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** attemptCount))
      continue
    }
    if (step.type !== 'idle') tell(request, context, eventOf(step))
    else if (request.ends && isAtEnd(bridge, request)) return
    else await sleep(POLL_MS)
  }
}

/** A last block that graph-node has not reached yet is waited for. */
function isAtEnd(bridge: SubgraphBridge, { settings }: BridgeRequest): boolean {
  const { untilBlock } = settings
  return untilBlock === undefined || (bridge.passes().at(-1)?.block ?? -1) >= untilBlock
}

type BridgeEvent =
  | {
      readonly type: 'start'
      readonly database: string
      readonly deployment: string
      readonly block: number | undefined
    }
  | {
      readonly type: 'copied'
      readonly firstBlock: number
      readonly block: number
      readonly changeCount: number
      readonly isExact: boolean
      readonly knowsRemovals: boolean
    }
  | { readonly type: 'reverted'; readonly toBlock: number; readonly passCount: number }
  | { readonly type: 'retry'; readonly code: string; readonly message: string }

function eventOf(step: Exclude<BridgeStep, { type: 'idle' }>): BridgeEvent {
  if (step.type === 'reverted') return step
  const { firstBlock, block, knowsRemovals } = step.pass
  const isExact = firstBlock === block
  return {
    type: 'copied',
    firstBlock,
    block,
    changeCount: step.changeCount,
    isExact,
    knowsRemovals,
  }
}

function tell({ asJson }: BridgeRequest, { print, warn }: Context, event: BridgeEvent): void {
  if (asJson) print(JSON.stringify(event))
  else if (event.type === 'retry') warn(`${event.code} ${event.message}; trying again`)
  else for (const line of linesOf(event)) print(line)
}

function linesOf(event: Exclude<BridgeEvent, { type: 'retry' }>): readonly string[] {
  switch (event.type) {
    case 'start':
      return [
        `${event.database}: ${event.deployment}, ${event.block === undefined ? 'nothing copied yet' : `copied up to block ${event.block}`}`,
        '  of a pass over several blocks only the last versions are there, and no aggregations; its table is _pass',
      ]
    case 'copied': {
      const blocks = event.isExact
        ? `block ${event.block}`
        : `blocks ${event.firstBlock}-${event.block}`
      const removals = event.knowsRemovals ? '' : ', without a look for removals'
      return [`  ${blocks}: ${count(event.changeCount, 'change')}${removals}`]
    }
    case 'reverted':
      return [`  back to block ${event.toBlock}: ${event.passCount} passes undone`]
  }
}
