import type { ClickHouseClient } from '@foggara/database'

import type { Rpc } from '../../chain/rpc.ts'
import { writeStatusRow } from '../../store/status-row.ts'
import type { Surroundings } from '../../surroundings.ts'
import { cacheCalls } from '../calls/cached-chain.ts'
import { openCallTable } from '../calls/call-table.ts'
import type { ChainSource } from '../chain-source.ts'
import { type FileMonitorOptions, openFileMonitor } from '../files/file-monitor.ts'
import type { Subgraph } from '../manifest/manifest.ts'
import { openRpcChain } from '../rpc-chain.ts'
import { type ClickHouseStore, openClickHouseStore } from '../store/clickhouse-store.ts'
import { type MappingLog, openSubgraphRunner } from '../subgraph-runner.ts'
import {
  SUBGRAPH_FOLLOW_DEFAULTS,
  type SubgraphEvent,
  type SubgraphFollowSettings,
} from './follow-events.ts'
import { createFollowProgress, type SubgraphStatus } from './follow-progress.ts'
import type { FollowedSubgraph } from './followed-run.ts'
import { createSubgraphFollower } from './subgraph-follower.ts'

/** A subgraph that was loaded, and what it is called in the database. */
export type NamedSubgraph = {
  /** Its tables are in the database `subgraph_` and this. */
  readonly name: string
  /** The `Qm…` id of its build. */
  readonly deployment: string
  readonly subgraph: Subgraph
}

/** What running subgraphs into a database needs. */
export type SubgraphIngestOptions = Surroundings & {
  /** A client of a user who may make databases, of the migrated database. */
  readonly client: ClickHouseClient
  readonly rpc: Rpc
  readonly subgraphs: readonly NamedSubgraph[]
  readonly settings?: Partial<SubgraphFollowSettings>
  /** Where files that handlers name are looked for; nowhere by default. */
  readonly gateways?: FileMonitorOptions['gateways']
  readonly onEvent?: (event: SubgraphEvent) => void
  readonly onLog?: (name: string, line: MappingLog) => void
}

/** Subgraphs that run into a database. */
export type SubgraphIngest = {
  readonly statuses: () => readonly SubgraphStatus[]
  /** How many entities each has now. */
  readonly entityCounts: () => ReadonlyMap<string, number>
  /**
   * Runs until the signal aborts, the last block ran or no subgraph can go on. What is committed is
   * on disk when it ends; the statuses stand in the table `status` under `subgraph:` and the name.
   */
  readonly run: () => Promise<void>
}

/** The key of a subgraph's rows in the table `status`. */
export const SUBGRAPH_STATUS_PREFIX = 'subgraph:'

/** The shortest time between two status rows of a subgraph. Unit: milliseconds. */
const STATUS_EVERY_MS = 5_000

/**
 * Opens the tables of the subgraphs, each where it stands.
 *
 * @throws {SubgraphNameError | DeploymentChangedError}
 */
export async function openSubgraphIngest(options: SubgraphIngestOptions): Promise<SubgraphIngest> {
  const { rpc, nowMs, sleep, signal } = options
  const settings = { ...SUBGRAPH_FOLLOW_DEFAULTS, ...options.settings }
  const calls = await openCallTable({ client: options.client, sleep })
  const chain = cacheCalls(openRpcChain(rpc), calls)
  const opened: OpenSubgraph[] = []
  for (const named of options.subgraphs) opened.push(await openOne(options, chain, named))
  const progress = createFollowProgress(nowMs, settings.until)
  const follower = createSubgraphFollower({
    rpc,
    subgraphs: opened,
    settings,
    surroundings: { nowMs, sleep, signal },
    onEvent: (event) => {
      progress.note(event)
      options.onEvent?.(event)
      writeSoon(isNews(event))
    },
  })
  const statuses = () => progress.statuses(follower.states())
  const writeSoon = statusWriter(options, statuses)
  return {
    statuses,
    entityCounts: () => new Map(opened.map(({ name, store }) => [name, store.entityCount()])),
    run: async () => {
      try {
        await follower.run()
      } finally {
        await calls.flush()
        await writeStatuses(options, statuses()).catch(() => undefined)
      }
    },
  }
}

type OpenSubgraph = FollowedSubgraph & { readonly store: ClickHouseStore }

async function openOne(
  { client, nowMs, sleep, signal, gateways, onLog }: SubgraphIngestOptions,
  chain: ChainSource,
  { name, deployment, subgraph }: NamedSubgraph,
): Promise<OpenSubgraph> {
  const { schema } = subgraph
  const store = await openClickHouseStore({
    client,
    name,
    deployment,
    schema,
    nowMs,
    sleep,
    signal,
  })
  const runner = openSubgraphRunner({
    subgraph,
    store,
    chain,
    ...(gateways === undefined ? {} : { files: openFileMonitor({ gateways, sleep, signal }) }),
    ...(onLog === undefined ? {} : { onLog: (line) => onLog(name, line) }),
  })
  return { name, subgraph, store, runner }
}

/** What changes how a subgraph is, rather than how far. */
function isNews({ type }: SubgraphEvent): boolean {
  return type === 'failed' || type === 'stopped' || type === 'retrying' || type === 'reverted'
}

/** The next row says more: one that cannot be written is no failure. */
function statusWriter(
  options: SubgraphIngestOptions,
  statuses: () => readonly SubgraphStatus[],
): (isNews: boolean) => void {
  let writtenAtMs = Number.NEGATIVE_INFINITY
  let isWriting = false
  return (news) => {
    if (isWriting || (!news && options.nowMs() - writtenAtMs < STATUS_EVERY_MS)) return
    writtenAtMs = options.nowMs()
    isWriting = true
    writeStatuses(options, statuses())
      .catch(() => undefined)
      .finally(() => {
        isWriting = false
      })
  }
}

async function writeStatuses(
  { client, nowMs, subgraphs }: SubgraphIngestOptions,
  statuses: readonly SubgraphStatus[],
): Promise<void> {
  for (const [index, status] of statuses.entries()) {
    const value = { ...status, deployment: subgraphs[index]?.deployment ?? '' }
    await writeStatusRow(client, `${SUBGRAPH_STATUS_PREFIX}${status.name}`, value, nowMs())
  }
}
