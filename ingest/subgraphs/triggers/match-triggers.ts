import type { ChainBlock, ChainLog } from '../chain-source.ts'
import { bytesText } from '../entity-cache/entity.ts'
import { NonDeterministicError } from '../failure.ts'
import type { EventParameter } from '../heap/chain-objects.ts'
import type { BlockHandler, EventHandler } from '../manifest/manifest.ts'
import { decodeEvent } from './decode-event.ts'
import { isActive, type RunningSource } from './running-source.ts'

/** One run of a handler. */
export type HandlerRun =
  | { readonly type: 'block'; readonly source: RunningSource; readonly handler: BlockHandler }
  | {
      readonly type: 'event'
      readonly source: RunningSource
      readonly handler: EventHandler
      readonly log: ChainLog
      readonly parameters: readonly EventParameter[]
    }

/** Everything that one trigger of a block sets off, in the order of the sources. */
export type Trigger = readonly HandlerRun[]

/**
 * The triggers of a block for the sources, in the order in which graph-node runs them: handlers that
 * run once, then logs by their index, then handlers of every block and of every n-th.
 */
export function matchTriggers(
  block: ChainBlock,
  sources: readonly RunningSource[],
): readonly Trigger[] {
  const active = sources.filter((source) => isActive(source, block.number))
  const index = indexSources(active)
  const triggers: Trigger[] = [
    active.flatMap((source) => blockRun(source, ({ filter }) => startsAt(filter, source, block))),
  ]
  for (const log of block.logs) triggers.push(matchLog(log, index))
  triggers.push(
    active.flatMap((source) => blockRun(source, ({ filter }) => endsAt(filter, source, block))),
  )
  return triggers.filter((runs) => runs.length > 0)
}

/** Whether a handler of blocks runs in the block of that number, whatever the block holds. */
export function hasBlockTrigger(blockNumber: number, sources: readonly RunningSource[]): boolean {
  const at = { number: blockNumber }
  return sources.some(
    (source) =>
      source.template.blockHandlers.length > 0 &&
      isActive(source, blockNumber) &&
      source.template.blockHandlers.some(
        ({ filter }) => startsAt(filter, source, at) || endsAt(filter, source, at),
      ),
  )
}

type SourceIndex = {
  readonly byAddress: ReadonlyMap<string, readonly number[]>
  readonly everywhere: readonly number[]
  readonly sources: readonly RunningSource[]
}

function indexSources(sources: readonly RunningSource[]): SourceIndex {
  const byAddress = new Map<string, number[]>()
  const everywhere: number[] = []
  for (const [position, { address, template }] of sources.entries()) {
    if (template.eventHandlers.length === 0) continue
    if (address === undefined) everywhere.push(position)
    else {
      const known = byAddress.get(address)
      if (known === undefined) byAddress.set(address, [position])
      else known.push(position)
    }
  }
  return { byAddress, everywhere, sources }
}

function matchLog(log: ChainLog, index: SourceIndex): Trigger {
  const atAddress = index.byAddress.get(bytesText(log.address)) ?? []
  const positions =
    index.everywhere.length === 0
      ? atAddress
      : [...atAddress, ...index.everywhere].toSorted((a, b) => a - b)
  if (positions.length === 0) return []
  const topics: (string | undefined)[] = []
  return positions.flatMap((position) => {
    const source = index.sources[position]
    return source === undefined ? [] : eventRun(source, log, topics)
  })
}

function eventRun(
  source: RunningSource,
  log: ChainLog,
  topics: (string | undefined)[],
): readonly HandlerRun[] {
  const runs = source.template.eventHandlers.flatMap((handler): readonly HandlerRun[] => {
    if (!matchesTopics(handler, log, topics)) return []
    const parameters = decodeEvent(handler.abi, log)
    return parameters === undefined ? [] : [{ type: 'event', source, handler, log, parameters }]
  })
  if (runs.length <= 1) return runs
  throw new NonDeterministicError(
    `expected one handler of ${source.template.name} for the log ${log.logIndex}, found ${runs.length}`,
    'SUBGRAPH_HANDLERS_AMBIGUOUS',
    'Give each event one handler, or tell them apart by their topics.',
  )
}

/** `texts` keeps what was written out: most handlers look at the first topic alone. */
function matchesTopics(
  handler: EventHandler,
  log: ChainLog,
  texts: (string | undefined)[],
): boolean {
  return handler.topics.every((allowed, place) => {
    if (allowed === undefined) return true
    const topic = log.topics[place]
    return topic !== undefined && allowed.includes((texts[place] ??= bytesText(topic)))
  })
}

/** graph-node takes the first handler whose filter fits. */
function blockRun(
  source: RunningSource,
  fits: (handler: BlockHandler) => boolean,
): readonly HandlerRun[] {
  const handler = source.template.blockHandlers.find(fits)
  return handler === undefined ? [] : [{ type: 'block', source, handler }]
}

function startsAt(
  filter: BlockHandler['filter'],
  { startBlock }: RunningSource,
  block: Pick<ChainBlock, 'number'>,
): boolean {
  return filter.type === 'once' && block.number === startBlock
}

function endsAt(
  filter: BlockHandler['filter'],
  { startBlock }: RunningSource,
  block: Pick<ChainBlock, 'number'>,
): boolean {
  if (filter.type === 'every') return true
  return filter.type === 'polling' && (block.number - startBlock) % filter.blockCount === 0
}
