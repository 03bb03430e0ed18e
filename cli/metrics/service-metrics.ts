import type { MetricFamily } from '@foggara/api/metrics'

import type { ServiceReading } from '../live/board.ts'
import type { ReceiptReading } from '../live/watch-receipts.ts'
import type { EpochReading } from '../score/scorer.ts'
import { chainMetrics } from './chain-metrics.ts'
import { providerMetrics } from './provider-metrics.ts'
import { subgraphMetrics } from './subgraph-metrics.ts'

/** Everything that a service measures of itself; its API adds what it measures. */
export function serviceMetrics(reading: ServiceReading): readonly MetricFamily[] {
  const { chains, subgraphs, receipts, epochs } = reading
  return [
    ...(chains.length === 0 ? [] : [...chainMetrics(chains), ...providerMetrics(chains)]),
    ...(subgraphs.length === 0 ? [] : subgraphMetrics(subgraphs)),
    ...(receipts === undefined ? [] : receiptMetrics(receipts)),
    ...(epochs === undefined ? [] : epochMetrics(epochs)),
    ...processMetrics(reading),
  ]
}

function receiptMetrics(receipts: ReceiptReading): readonly MetricFamily[] {
  return [
    {
      name: 'foggara_receipts_total',
      help: 'Receipts and batches by what became of them; retry: nothing was stored.',
      type: 'counter',
      samples: receipts.outcomes.map(({ kind, status, code, count }) => ({
        labels: { kind, status, code },
        value: count,
      })),
    },
    gauge('foggara_receipts_waiting', 'Receipts and batches without outcome.', receipts.waiting),
    gauge(
      'foggara_receipts_per_second',
      'Receipts and batches with an outcome per second over the last minute.',
      receipts.perSecond,
    ),
    {
      name: 'foggara_receipt_acknowledgement_seconds',
      help: 'From taking a receipt or a batch in to its outcome, in seconds.',
      type: 'histogram',
      samples: [{ value: receipts.acknowledgement }],
    },
  ]
}

function epochMetrics({
  epoch,
  closed,
  scoringMs,
  problems,
}: EpochReading): readonly MetricFamily[] {
  return [
    gauge('foggara_epoch', 'Number of the epoch that was closed last.', epoch),
    counter('foggara_epochs_closed_total', 'Epochs that were closed.', closed),
    counter(
      'foggara_epoch_scoring_seconds_total',
      'Seconds from an epoch’s snapshot to its stored scores.',
      scoringMs / 1000,
    ),
    gauge('foggara_epoch_problems', 'What keeps epochs from being closed or proposed.', problems),
  ]
}

function processMetrics({ memory, problems }: ServiceReading): readonly MetricFamily[] {
  const { user, system } = process.cpuUsage()
  return [
    gauge('process_resident_memory_bytes', 'Resident memory in bytes.', memory.residentBytes),
    gauge('process_heap_bytes', 'Heap of JavaScript in use, in bytes.', memory.heapBytes),
    gauge(
      'foggara_database_resident_memory_bytes',
      'Resident memory of the embedded database, in bytes.',
      memory.databaseBytes,
    ),
    gauge('foggara_memory_ceiling_bytes', 'What both may use, in bytes.', memory.ceilingBytes),
    counter('process_cpu_seconds_total', 'Processor time in seconds.', (user + system) / 1e6),
    gauge(
      'process_start_time_seconds',
      'When the process started, in seconds since 1970.',
      Math.round(performance.timeOrigin) / 1000,
    ),
    {
      name: 'foggara_recent_problems',
      help: 'The last problems by code, and how often each came in a row.',
      type: 'gauge',
      samples: [...Map.groupBy(problems, ({ code }) => code)].map(([code, all]) => ({
        labels: { code },
        value: all.reduce((sum, { count }) => sum + count, 0),
      })),
    },
  ]
}

function gauge(name: string, help: string, value: number | undefined): MetricFamily {
  return { name, help, type: 'gauge', samples: [{ value }] }
}

function counter(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'counter', samples: [{ value }] }
}
