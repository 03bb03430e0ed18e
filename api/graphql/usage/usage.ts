import { FatalError } from '@foggara/schema'

import type { Row } from '../../sql/row.ts'
import { BLOCK_INPUT } from '../block-input.ts'
import { builder } from '../builder.ts'
import { WORDS } from '../words.ts'
import { USAGE_STEPS, usageStatement } from './usage-statement.ts'

const BUCKET_COUNT_MAX = 2_000

const USAGE_STEP = builder.enumType('UsageStep', {
  description: 'The lengths of time that usage is added up over; months are those of UTC.',
  values: USAGE_STEPS,
})

const USAGE_BUCKET = builder.objectRef<Row>('UsageBucket').implement({
  description: 'What was used in a minute, an hour, a day or a month, by the end of the usage.',
  fields: (t) => ({
    startSeconds: t.field({
      type: 'SafeInt',
      description: 'When the bucket begins, Unix seconds.',
      resolve: (row) => Number(row['startSeconds']),
    }),
    receiptCount: t.field({ type: 'SafeInt', resolve: (row) => Number(row['receiptCount']) }),
    lateCount: t.field({
      type: 'SafeInt',
      description: 'How many of them came when the epoch of their usage was closed.',
      resolve: (row) => Number(row['lateCount']),
    }),
    units: t.field({
      type: 'BigInt',
      description: "Work done, in the providers' units: an exact sum.",
      resolve: (row) => {
        const [high, low] = [row['unitsHigh'], row['unitsLow']].map((half) => BigInt(String(half)))
        return (((high ?? 0n) << 128n) + (low ?? 0n)).toString()
      },
    }),
    fee: t.field({
      type: 'BigInt',
      description: 'Unit: token base units.',
      resolve: (row) => String(row['fee']),
    }),
  }),
})

builder.queryField('usage', (t) =>
  t.field({
    type: [USAGE_BUCKET],
    description: [
      'Usage over time, each receipt once in the bucket in which its usage ended, also when it came late;',
      'what is in quarantine or rejected is no usage. Buckets without usage are left out.',
    ].join(' '),
    args: {
      asset: t.arg({ type: 'Bytes32' }),
      consumer: t.arg({ type: 'Address' }),
      provider: t.arg({ type: 'Address' }),
      workload: t.arg({ type: WORDS.Workload }),
      status: t.arg({ type: WORDS.ReceiptStatus, description: 'Both when absent.' }),
      from: t.arg({ type: 'SafeInt', description: 'Unix seconds; included.' }),
      to: t.arg({ type: 'SafeInt', description: 'Unix seconds; not included.' }),
      bucket: t.arg({ type: USAGE_STEP, defaultValue: 'DAY' as const }),
      at: t.arg({ type: BLOCK_INPUT }),
    },
    extensions: { cost: { statements: 4, rows: 100 } },
    resolve: async (_root, args, context) => {
      const reader = await context.at(args.at)
      const range = {
        step: args.bucket ?? 'DAY',
        asset: args.asset,
        consumer: args.consumer,
        provider: args.provider,
        workload: args.workload,
        status: args.status,
        fromSeconds: args.from,
        toSeconds: args.to,
      }
      const rows = await reader.rows(usageStatement(reader.pin, range, BUCKET_COUNT_MAX + 1))
      if (rows.length > BUCKET_COUNT_MAX) throw new UsageTooLongError()
      return rows
    },
  }),
)

/** Usage is asked for in more buckets than an answer holds. */
export class UsageTooLongError extends FatalError {
  constructor() {
    super('USAGE_TOO_LONG', `usage: expected at most ${BUCKET_COUNT_MAX} buckets, found more`, {
      hint: 'Ask for a shorter time with from and to, or for longer buckets.',
    })
  }
}
