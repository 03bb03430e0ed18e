import type { MetricFamily } from '@foggara/api/metrics'
import type { ProviderReport } from '@foggara/ingest'

import type { ChainReading } from '../live/board.ts'

/** What is measured of RPC providers; their names show no key. */
export function providerMetrics(chains: readonly ChainReading[]): readonly MetricFamily[] {
  const all = chains.flatMap(({ chain, status }) =>
    // One that is named twice would be a sample twice.
    [...new Map(status.providers.map((report) => [report.id, report])).values()].map((report) => ({
      labels: { chain, provider: report.id },
      report,
    })),
  )
  const families = MEASURES.map(([name, help, read]): MetricFamily => ({
    name: `foggara_provider_${name}`,
    help,
    type: name.endsWith('_total') ? 'counter' : 'gauge',
    samples: all.map(({ labels, report }) => ({ labels, value: read(report) })),
  }))
  const errors: MetricFamily = {
    name: 'foggara_provider_errors_total',
    help: 'Errors by what they mean.',
    type: 'counter',
    samples: all.flatMap(({ labels, report }) =>
      Object.entries(report.usage.errors).map(([verdict, value]) => ({
        labels: { ...labels, verdict },
        value,
      })),
    ),
  }
  const attempts: MetricFamily = {
    name: 'foggara_provider_attempts_total',
    help: 'Attempts to fetch something by how they went; a lie is what another provider refuted.',
    type: 'counter',
    samples: all.flatMap(({ labels, report: { successes, failures, lies } }) => [
      { labels: { ...labels, outcome: 'success' }, value: successes },
      { labels: { ...labels, outcome: 'failure' }, value: failures },
      { labels: { ...labels, outcome: 'lie' }, value: lies },
    ]),
  }
  return [...families, errors, attempts]
}

type Measure = readonly [
  name: string,
  help: string,
  read: (report: ProviderReport) => number | undefined,
]

const MEASURES: readonly Measure[] = [
  ['requests_total', 'Requests that were answered.', ({ usage }) => usage.requests],
  ['calls_total', 'JSON-RPC calls that were sent.', ({ usage }) => usage.calls],
  ['sent_bytes_total', 'Bytes of requests.', ({ usage }) => usage.sentBytes],
  [
    'received_bytes_total',
    'Bytes of answers, after decompression.',
    ({ usage }) => usage.receivedBytes,
  ],
  [
    'cost_units_total',
    'What was used in the units of the provider, where its prices are known.',
    ({ usage }) => usage.units ?? undefined,
  ],
  ['waits_total', 'Requests that waited for their turn.', ({ usage }) => usage.waits],
  [
    'wait_seconds_total',
    'Seconds that requests waited for their turn.',
    ({ usage }) => usage.waitedMs / 1000,
  ],
  ['quarantines_total', 'How often it was taken out of use.', ({ quarantines }) => quarantines],
  ['requests_in_flight', 'Requests under way.', ({ usage }) => usage.inFlight],
  ['in_use', '1 while it is asked, 0 while it is left alone.', (r) => (r.state === 'well' ? 1 : 0)],
  ['latency_seconds', 'Averaged seconds of an attempt.', ({ latencyMs }) => latencyMs / 1000],
  [
    'head_block',
    'The newest block that it told.',
    (r) => (r.headBlock < 0 ? undefined : r.headBlock),
  ],
  [
    'calls_per_second_max',
    'Calls per second that it takes, as far as was learned; absent: no limit is known.',
    ({ callsPerSecond }) => callsPerSecond ?? undefined,
  ],
  [
    'range_blocks_max',
    'Blocks of one request that it takes, as far as was learned; absent: no limit is known.',
    ({ limits }) => limits.blocksMax ?? undefined,
  ],
  ['range_events_max', 'Events that one answer should hold.', ({ limits }) => limits.logsMax],
]
