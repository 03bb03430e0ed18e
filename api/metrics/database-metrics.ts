import { type ClickHouseClient, QUERY_LIMITS, queryRows } from '@foggara/database'
import { FoggaraError, type Pin, pinnedRelations } from '@foggara/schema'

import type { Pins } from '../sql/pins.ts'
import type { MetricFamily } from './exposition.ts'

/** What a count of blocks by evidence costs is paid at most so often. Unit: milliseconds. */
const EVIDENCE_HOLD_MS = 30_000

/** Reads what the database says about itself; only whether it answers, where it does not. */
export function databaseMetrics(
  client: ClickHouseClient,
  pins: Pins,
): () => Promise<readonly MetricFamily[]> {
  let held: { readonly evidence: readonly EvidenceRow[]; readonly untilMs: number } | undefined
  return async () => {
    try {
      const pin = await pins.newest()
      if (held === undefined || held.untilMs < performance.now()) {
        const evidence = await evidenceRows(client, pin)
        held = { evidence, untilMs: performance.now() + EVIDENCE_HOLD_MS }
      }
      return [up(1), ...pinFamilies(pin), evidenceFamily(held.evidence)]
    } catch (error) {
      if (!(error instanceof FoggaraError)) throw error
      return [up(error.code === 'BLOCK_NOT_INDEXED' ? 1 : 0)]
    }
  }
}

type EvidenceRow = { readonly evidence: string; readonly block_count: string }

async function evidenceRows(client: ClickHouseClient, pin: Pin): Promise<readonly EvidenceRow[]> {
  return queryRows<EvidenceRow>(
    client,
    `select toString(evidence) as evidence, count() as block_count
    from ${pinnedRelations(pin).relation('block_evidence')} as blocks
    group by evidence
    order by evidence`,
    {},
    { settings: QUERY_LIMITS.summary },
  )
}

function up(value: number): MetricFamily {
  return {
    name: 'foggara_database_up',
    help: '1 while the database answers, else 0.',
    type: 'gauge',
    samples: [{ value }],
  }
}

function pinFamilies({ block, settledBlock }: Pin): readonly MetricFamily[] {
  return [
    {
      name: 'foggara_served_block',
      help: 'Number of the newest block that answers are about.',
      type: 'gauge',
      samples: [{ value: block }],
    },
    {
      name: 'foggara_served_settled_block',
      help: 'Number of the newest block that can no longer be undone.',
      type: 'gauge',
      samples: [{ value: settledBlock }],
    },
  ]
}

function evidenceFamily(rows: readonly EvidenceRow[]): MetricFamily {
  return {
    name: 'foggara_blocks',
    help: 'Indexed blocks by what shows that none of their logs is missing.',
    type: 'gauge',
    samples: rows.map(({ evidence, block_count: count }) => ({
      labels: { evidence },
      value: Number(count),
    })),
  }
}
