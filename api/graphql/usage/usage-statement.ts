import {
  type Pin,
  WORKLOADS,
  type Workload,
  pinnedRelations,
  sumHalves,
  usedReceipts,
} from '@foggara/schema'

import { createParameters } from '../../sql/parameters.ts'
import type { Statement } from '../../sql/statement.ts'

/** The lengths of time that usage is added up over; months begin in UTC. */
export const USAGE_STEPS = ['MINUTE', 'HOUR', 'DAY', 'MONTH'] as const

/** One of {@link USAGE_STEPS}. */
export type UsageStep = (typeof USAGE_STEPS)[number]

/** Which usage is added up; what is absent does not matter. */
export type UsageRange = {
  readonly step: UsageStep
  readonly asset?: string | null | undefined
  readonly consumer?: string | null | undefined
  readonly provider?: string | null | undefined
  readonly workload?: Workload | null | undefined
  readonly status?: 'ANCHORED' | 'PENDING' | null | undefined
  readonly fromSeconds?: number | null | undefined
  readonly toSeconds?: number | null | undefined
}

/** Anybody may claim a time beyond any clock; later usage stands at the beginning of 2100. */
const LATEST_SECONDS = 4_102_444_800
const ENDED = `least(finished_at_seconds, ${LATEST_SECONDS})`

const BUCKETS: Readonly<Record<UsageStep, string>> = {
  MINUTE: `intDiv(${ENDED}, 60) * 60`,
  HOUR: `intDiv(${ENDED}, 3600) * 3600`,
  DAY: `intDiv(${ENDED}, 86400) * 86400`,
  MONTH: `toUInt64(toUnixTimestamp(toDateTime(toStartOfMonth(toDateTime(${ENDED}, 'UTC')), 'UTC')))`,
}

/** Sums by bucket, in time order, of the buckets in which something was used; each receipt once. */
export function usageStatement(pin: Pin, range: UsageRange, limit: number): Statement {
  const parameters = createParameters()
  const { asset, consumer, provider, workload, fromSeconds, toSeconds, status } = range
  const conditions: string[] = []
  const add = (value: unknown, condition: () => string): void => {
    if (value !== undefined && value !== null) conditions.push(condition())
  }
  add(asset, () => `has(assets, ${parameters.one('FixedString(32)', asset ?? '')})`)
  add(consumer, () => `consumer = ${parameters.one('FixedString(20)', consumer ?? '')}`)
  add(provider, () => `provider = ${parameters.one('FixedString(20)', provider ?? '')}`)
  add(workload, () => {
    const number = WORKLOADS.findIndex((word) => word === workload)
    return `workload = ${parameters.one('UInt8', number)}`
  })
  add(fromSeconds, () => `finished_at_seconds >= ${parameters.one('UInt64', fromSeconds ?? 0)}`)
  add(toSeconds, () => `finished_at_seconds < ${parameters.one('UInt64', toSeconds ?? 0)}`)
  const used = usedReceipts(pinnedRelations(pin), conditions.join(' and ') || 'true')
  const [unitsHigh, unitsLow] = sumHalves('units')
  const where =
    status === undefined || status === null
      ? ''
      : `where status = ${parameters.one('String', status)}`
  return {
    sql: `
      select
        ${BUCKETS[range.step]} as "startSeconds",
        count() as "receiptCount",
        countIf(late) as "lateCount",
        ${unitsHigh} as "unitsHigh",
        ${unitsLow} as "unitsLow",
        sum(fee) as "fee"
      from ${used}
      ${where}
      group by "startSeconds"
      order by "startSeconds"
      limit ${limit}`,
    parameters: parameters.values,
    limits: 'export',
  }
}
