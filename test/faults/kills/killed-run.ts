import type { ClickHouseClient } from '@foggara/database'
import {
  ACCUMULATOR_TABLE,
  ANCHORED_RECEIPT_TABLE,
  BLOCK_TABLE,
  EVENT_TABLES,
  type EventSource,
  type EventTable,
  FoggaraError,
  LOG_TABLE,
  type Table,
  sourceTables,
} from '@foggara/schema'

import { type Random, openRandom } from '../../../ingest/simulation/random.ts'
import { SAMPLE_DEPLOYMENT } from '../../../ingest/simulation/sample-chain.ts'
import {
  type RpcLog,
  type SimulatedBlock,
  type SimulatedChain,
  createSimulatedChain,
} from '../../../ingest/simulation/simulated-chain.ts'
import { startSimulatedNode } from '../../../ingest/simulation/simulated-node.ts'
import {
  type Following,
  type FollowingOptions,
  openFollower,
  openSourceFollower,
} from '../open-follower.ts'
import { simulatedSources } from '../simulated-sources.ts'

/** Few kinds of events: every one of their tables is a step of each commit. */
const EVENTS = EVENT_TABLES.filter((_, index) => index % 12 === 0)

/** What a run indexes: the contracts' own tables, or, where the seed is even, sources. */
export type KilledKind = {
  /** Made before the run; sources make theirs. */
  readonly tablesBefore: readonly Table[]
  /** Whose rows count, by the names of their views. */
  readonly shown: readonly Table[]
  /** The logs of a block that are to be there. */
  readonly logsOf: (block: SimulatedBlock) => readonly RpcLog[]
  /** Opens the index as it is in a phase. */
  readonly open: (options: FollowingOptions, phase: number) => Promise<Following>
}

/** The kind of a seed. */
export function killedKind(seed: number): KilledKind {
  return seed % 2 === 0 ? SOURCES : CONTRACTS
}

const CONTRACT_TABLES = [
  BLOCK_TABLE,
  LOG_TABLE,
  ACCUMULATOR_TABLE,
  ANCHORED_RECEIPT_TABLE,
  ...EVENTS,
]

const CONTRACTS: KilledKind = {
  tablesBefore: CONTRACT_TABLES,
  shown: CONTRACT_TABLES,
  logsOf: ({ logs }) => logs,
  open: (options) => openFollower({ ...options, tables: CONTRACT_TABLES }),
}

const LAST_PHASE = 2

/** An ABI changes before the last phase: its table is computed anew. */
function sourcesOf(phase: number): readonly EventSource[] {
  const renamed = EVENTS.map((table, index): EventTable => {
    if (index > 0 || phase < LAST_PHASE) return table
    const inputs = table.event.inputs.map((input) => ({ ...input, name: `${input.name}Renamed` }))
    return { ...table, event: { ...table.event, inputs } }
  })
  return simulatedSources(SAMPLE_DEPLOYMENT, renamed)
}

const SOURCES: KilledKind = {
  tablesBefore: [],
  shown: [
    BLOCK_TABLE,
    LOG_TABLE,
    ...sourcesOf(LAST_PHASE)
      .flatMap(sourceTables)
      .map((table) => ({ ...table, name: table.view })),
  ],
  logsOf: ({ receipts }) => receipts.flatMap((receipt) => receipt.logs),
  open: (options, phase) => openSourceFollower(options, sourcesOf(phase), 'receipts'),
}

const FINALITY_DEPTH = 7
/** How often a database that is gone may be asked again before the run counts as stuck. */
const RETRIES_MAX = 2_000

/** What a run is told and whom it tells. */
export type KilledRun = {
  readonly seed: number
  readonly client: ClickHouseClient
  /** Where the chain stands at the start: 0 for a run from the beginning. */
  readonly phase: number
  readonly onPhase: (phase: number) => void
  /** Hears of each request to the node, before it is answered. */
  readonly onRequest: () => void
  /** Waits before a failure that may pass is met again. */
  readonly pause: () => Promise<void>
}

/**
 * Indexes a chain that grows and forks between phases, each of which ends when everything is indexed.
 * The chain of a seed and a phase is always the same, so that another process can go on where one was
 * killed. Returns the chain as it is at the end.
 */
export async function runKilled(run: KilledRun): Promise<SimulatedChain> {
  const random = openRandom(run.seed)
  const phases = phasesOf(random)
  const chain = createSimulatedChain(random, EVENTS)
  for (const grow of phases.slice(0, run.phase)) grow(chain)
  await using node = await startSimulatedNode(chain, openRandom(run.seed))
  node.nextFault = () => {
    run.onRequest()
    return undefined
  }
  const settings = {
    commitBlocks: 6,
    settleBlocks: 3,
    collectCountMin: 1,
    hotRowsKept: 0,
    finality: { type: 'depth', depth: FINALITY_DEPTH },
  } as const
  const { seed, client, pause } = run
  const kind = killedKind(seed)
  const open = (phase: number): Promise<Following> =>
    kind.open({ seed, chain, nodes: [node], client, settings }, phase)
  let following: Following | undefined
  for (let phase = run.phase; phase < phases.length; phase += 1) {
    phases[phase]?.(chain)
    run.onPhase(phase)
    if (following === undefined || phase === LAST_PHASE) {
      following = await again(() => open(phase), pause)
    }
    const { follower, store } = following
    const head = chain.blocks().at(-1)
    while (store.head()?.hash !== head?.hash) await again(() => follower.step(), pause)
    // The look that finds nothing new settles and tidies.
    while (await again(() => follower.step(), pause));
  }
  return chain
}

/** A fork replaces some of what is not final; what was settled before it goes from the hot tables after. */
function phasesOf(random: Random): readonly ((chain: SimulatedChain) => void)[] {
  const history = 9 + random.below(6)
  const depth = 1 + random.below(FINALITY_DEPTH - 1)
  const last = 5 + random.below(4)
  return [
    (chain) => chain.mine(history),
    (chain) => chain.reorg(depth),
    (chain) => chain.mine(last),
  ]
}

/** Repeats what failed because the database is gone. */
export async function again<Result>(
  work: () => Promise<Result>,
  pause: () => Promise<void>,
): Promise<Result> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await work()
    } catch (error) {
      const isPassing = error instanceof FoggaraError && error.retryable
      if (!isPassing || retries >= RETRIES_MAX) throw error
      await pause()
    }
  }
}
