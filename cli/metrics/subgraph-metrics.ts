import type { MetricFamily } from '@foggara/api/metrics'
import type { SubgraphStatus } from '@foggara/ingest'

/** What is measured of subgraphs that run beside the index. */
export function subgraphMetrics(statuses: readonly SubgraphStatus[]): readonly MetricFamily[] {
  return MEASURES.map(([name, help, read]) => ({
    name: `foggara_subgraph_${name}`,
    help,
    type: name.endsWith('_total') ? 'counter' : 'gauge',
    samples: statuses.map((status) => ({
      labels: { subgraph: status.name },
      value: read(status),
    })),
  }))
}

type Measure = readonly [
  name: string,
  help: string,
  read: (status: SubgraphStatus) => number | undefined,
]

const MEASURES: readonly Measure[] = [
  ['block', 'Number of the block up to which everything ran.', (s) => Math.max(0, s.block)],
  [
    'target_block',
    'Number of the block it goes to.',
    (s) => (s.targetBlock < 0 ? undefined : s.targetBlock),
  ],
  ['handlers_total', 'Handler calls.', (s) => s.handlers],
  ['events_total', 'Events that were handled.', (s) => s.events],
  ['versions_total', 'Versions of entities that were written.', (s) => s.versions],
  ['reverts_total', 'Reorganisations that were taken back.', (s) => s.reverts],
  ['blocks_per_second', 'Blocks per second over the last half minute.', (s) => s.blocksPerSecond],
  ['left_seconds', 'Seconds until it is there; absent where nothing moves.', (s) => s.secondsLeft],
  ['waiting_files', 'Files that handlers named and that are not there yet.', (s) => s.waitingFiles],
  [
    'is_wrong',
    '1 while an error keeps it from going on, else 0.',
    (s) => (s.errorCode === '' ? 0 : 1),
  ],
]
