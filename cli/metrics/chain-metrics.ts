import type { MetricFamily } from '@foggara/api/metrics'
import type { IngestStatus } from '@foggara/ingest'

import type { ChainReading } from '../live/board.ts'

/** What is measured of indexed chains. */
export function chainMetrics(chains: readonly ChainReading[]): readonly MetricFamily[] {
  const each = (read: (status: IngestStatus) => number | undefined) =>
    chains.map(({ chain, status }) => ({ labels: { chain }, value: read(status) }))
  const gauges = GAUGES.map(([name, help, read]) => ({
    name: `foggara_chain_${name}`,
    help,
    type: 'gauge' as const,
    samples: each(read),
  }))
  const counters = COUNTERS.map(([name, help, read]) => ({
    name: `foggara_chain_${name}_total`,
    help,
    type: 'counter' as const,
    samples: each(read),
  }))
  return [...gauges, ...counters, stateFamily(chains), failureFamily(chains), reorgFamily(chains)]
}

type Measure = readonly [
  name: string,
  help: string,
  read: (status: IngestStatus) => number | undefined,
]

const known = (block: number): number | undefined => (block < 0 ? undefined : block)

const GAUGES: readonly Measure[] = [
  ['head_block', 'Number of the newest block of the chain.', (s) => known(s.chainHeadBlock)],
  ['finalized_block', 'Number of the newest final block.', (s) => known(s.finalizedBlock)],
  ['indexed_block', 'Number of the newest indexed block.', (s) => known(s.indexedBlock)],
  ['settled_block', 'Number of the newest settled block.', (s) => known(s.settledBlock)],
  [
    'blocks_per_second',
    'Indexed blocks per second over the last minute.',
    (s) => s.blocksPerSecond,
  ],
  ['events_per_second', 'Indexed events per second over the last minute.', (s) => s.logsPerSecond],
  [
    'left_seconds',
    'Seconds until everything is indexed at the pace of the last minute; absent where nothing moves.',
    (s) => s.secondsLeft ?? undefined,
  ],
  [
    'progress_age_seconds',
    'Seconds since blocks were last committed, or since the start.',
    (s) => s.secondsSinceProgress,
  ],
  [
    'look_age_seconds',
    'Seconds since the chain last said what its newest block is, or since the start.',
    (s) => s.secondsSinceLook,
  ],
]

const COUNTERS: readonly Measure[] = [
  ['blocks', 'Indexed blocks, those of undone forks included.', (s) => s.indexedBlocks],
  ['events', 'Indexed events, those of undone forks included.', (s) => s.indexedLogs],
  ['undecoded_events', 'Events that are kept raw only.', (s) => s.undecodedLogs],
  ['commits', 'Commits to the database.', (s) => s.commits],
  ['fetch_seconds', 'Seconds spent on fetching and proving ranges.', (s) => s.fetchMs / 1000],
  ['commit_seconds', 'Seconds spent on storing ranges.', (s) => s.commitMs / 1000],
  ['settlements', 'Moves of final blocks to the settled tables.', (s) => s.settlements],
  ['settle_seconds', 'Seconds spent on settling.', (s) => s.settleMs / 1000],
]

const STATES = ['starting', 'backfilling', 'following', 'retrying', 'stopped', 'ended'] as const

function stateFamily(chains: readonly ChainReading[]): MetricFamily {
  return {
    name: 'foggara_chain_state',
    help: '1 for the state that the index is in, 0 for the others.',
    type: 'gauge',
    samples: chains.flatMap(({ chain, status }) =>
      STATES.map((state) => ({
        labels: { chain, state },
        value: status.state === state ? 1 : 0,
      })),
    ),
  }
}

function failureFamily(chains: readonly ChainReading[]): MetricFamily {
  return {
    name: 'foggara_chain_failures_total',
    help: 'Steps that failed and were tried again, by the code of the error.',
    type: 'counter',
    samples: chains.flatMap(({ chain, status }) =>
      Object.entries(status.failures).map(([code, value]) => ({ labels: { chain, code }, value })),
    ),
  }
}

const DEPTH_BOUNDS = [1, 2, 3, 5, 10, 20, 50, 100]

function reorgFamily(chains: readonly ChainReading[]): MetricFamily {
  return {
    name: 'foggara_chain_reorg_blocks',
    help: 'Reorganisations by how many blocks they undid.',
    type: 'histogram',
    samples: chains.map(({ chain, status }) => {
      const depths = Object.entries(status.reorgsByDepth).map(
        ([depth, count]) => [Number(depth), count] as const,
      )
      const counts = [...DEPTH_BOUNDS, Number.POSITIVE_INFINITY].map((bound, index) => {
        const below = DEPTH_BOUNDS[index - 1] ?? 0
        const fitting = depths.filter(([depth]) => depth > below && depth <= bound)
        return fitting.reduce((sum, [, count]) => sum + count, 0)
      })
      const sum = depths.reduce((total, [depth, count]) => total + depth * count, 0)
      return { labels: { chain }, value: { bounds: DEPTH_BOUNDS, counts, sum } }
    }),
  }
}
