import { POOLS, type Pool, sum } from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import type { Row } from '../../sql/row.ts'
import { ACCOUNT_REF } from '../account/ref.ts'
import { BLOCK_INPUT } from '../block-input.ts'
import { builder } from '../builder.ts'
import { WORDS } from '../words.ts'
import { ALLOCATION, ALLOCATION_PART } from './allocation.ts'
import { EPOCH } from './epoch.ts'
import { allocationOf, partsOf, poolsOf, previousCumulative } from './explanation-statements.ts'

type Explanation = {
  readonly epoch: number
  readonly account: string
  readonly allocation: Row | null
  readonly parts: readonly Row[]
  readonly pools: readonly Row[]
  readonly previousCumulative: bigint
  readonly from: Reader
}

type PoolExplanation = {
  readonly pool: Pool
  readonly row: Row | undefined
  readonly parts: readonly Row[]
  readonly from: Reader
}

const POOL_EXPLANATION = builder.objectRef<PoolExplanation>('PoolExplanation').implement({
  description: 'What one pool gave an account, and from which sources.',
  fields: (t) => ({
    pool: t.field({ type: WORDS.Pool, resolve: ({ pool }) => pool }),
    poolAmount: t.field({
      type: 'BigInt',
      description: 'The whole pool. Unit: token base units.',
      resolve: ({ row }) => String(row?.['amount'] ?? '0'),
    }),
    poolBps: t.field({
      type: 'SafeInt',
      description: "The pool's share of the budget, in basis points.",
      resolve: ({ row }) => Number(row?.['bps'] ?? 0),
    }),
    earned: t.field({
      type: 'BigInt',
      description: 'The sum of the parts that are not withheld. Unit: token base units.',
      resolve: ({ parts }) => amountOf(parts.filter(isPaid)).toString(),
    }),
    withheld: t.field({
      type: 'BigInt',
      description: 'The sum of the parts that are withheld. Unit: token base units.',
      resolve: ({ parts }) => amountOf(parts.filter((part) => !isPaid(part))).toString(),
    }),
    parts: t.field({
      type: [ALLOCATION_PART.ref],
      description: 'The parts, largest first.',
      resolve: ({ parts, from }) => parts.map((row) => ({ row, from })),
    }),
  }),
})

const EXPLANATION = builder.objectRef<Explanation>('RewardExplanation').implement({
  description: 'Why an account gets exactly what it gets: every sum can be checked.',
  fields: (t) => ({
    epochNumber: t.field({ type: 'SafeInt', resolve: ({ epoch }) => epoch }),
    epoch: t.field({
      type: EPOCH.ref,
      nullable: true,
      extensions: { cost: { statements: 1 } },
      resolve: async ({ epoch, from }) => {
        const columns = EPOCH.source.columns.map((column) => column.name)
        const row = await from.lookup(EPOCH.source, columns, 'epoch', String(epoch))
        return row === null ? null : { row, from }
      },
    }),
    account: t.field({
      type: ACCOUNT_REF,
      resolve: ({ account, from }) => ({ row: { account }, from }),
    }),
    allocation: t.field({
      type: ALLOCATION.ref,
      nullable: true,
      description: 'The leaf; null when the account has none in the epoch.',
      resolve: ({ allocation, from }) => (allocation === null ? null : { row: allocation, from }),
    }),
    pools: t.field({
      type: [POOL_EXPLANATION],
      description: 'What each pool gave, in canonical order; pools that gave nothing included.',
      resolve: ({ pools, parts, from }) =>
        POOLS.map((pool) => ({
          pool,
          row: pools.find((row) => row['pool'] === pool),
          parts: parts.filter((part) => part['pool'] === pool),
          from,
        })),
    }),
  }),
})

builder.objectFields(EXPLANATION, (t) => ({
  partsTotal: t.field({
    type: 'BigInt',
    description: 'The sum of all parts that are not withheld. Unit: token base units.',
    resolve: ({ parts }) => amountOf(parts.filter(isPaid)).toString(),
  }),
  withheldTotal: t.field({
    type: 'BigInt',
    description: 'The sum of all parts that are withheld. Unit: token base units.',
    resolve: ({ parts }) => amountOf(parts.filter((part) => !isPaid(part))).toString(),
  }),
  partsDifference: t.field({
    type: 'BigInt',
    description: "The allocation's earned amount less partsTotal: 0 when the explanation holds.",
    resolve: ({ allocation, parts }) =>
      (cell(allocation, 'earned') - amountOf(parts.filter(isPaid))).toString(),
  }),
  paidDifference: t.field({
    type: 'BigInt',
    description: 'carryBefore + earned - carryAfter - paid: 0 when it holds.',
    resolve: ({ allocation }) => {
      const due = cell(allocation, 'carryBefore') + cell(allocation, 'earned')
      return (due - cell(allocation, 'carryAfter') - cell(allocation, 'paid')).toString()
    },
  }),
  previousCumulative: t.field({
    type: 'BigInt',
    description: 'The amount of the leaf of the epoch before. Unit: token base units.',
    resolve: (explanation) => explanation.previousCumulative.toString(),
  }),
  cumulativeDifference: t.field({
    type: 'BigInt',
    description: 'previousCumulative + paid - cumulative: 0 when it holds.',
    resolve: ({ allocation, previousCumulative: before }) =>
      allocation === null
        ? '0'
        : (before + cell(allocation, 'paid') - cell(allocation, 'cumulative')).toString(),
  }),
}))

builder.queryField('rewardExplanation', (t) =>
  t.field({
    type: EXPLANATION,
    nullable: true,
    description: 'Why an account gets what it gets in an epoch; null when it has no part in it.',
    args: {
      epoch: t.arg({ type: 'SafeInt', required: true }),
      account: t.arg({ type: 'Address', required: true }),
      at: t.arg({ type: BLOCK_INPUT, required: false }),
    },
    extensions: { cost: { statements: 4, rows: 100 } },
    resolve: async (_root, args, context) =>
      explain(await context.at(args.at), args.epoch, args.account),
  }),
)

builder.objectFields(ALLOCATION.ref, (t) => ({
  explanation: t.field({
    type: EXPLANATION,
    nullable: true,
    description: 'Why the account gets exactly this.',
    extensions: {
      columns: ['epoch', 'account'],
      cost: { statements: 4, rows: 100, perRow: true },
    },
    resolve: ({ row, from }) => explain(from, Number(row['epoch']), String(row['account'])),
  }),
}))

async function explain(from: Reader, epoch: number, account: string): Promise<Explanation | null> {
  const [allocation, parts, pools, previous] = await Promise.all([
    from.rows(allocationOf(from.pin, epoch, account)),
    from.rows(partsOf(from.pin, epoch, account)),
    from.rows(poolsOf(from.pin, epoch)),
    from.rows(previousCumulative(from.pin, epoch, account)),
  ])
  if (allocation.length === 0 && parts.length === 0) return null
  return {
    epoch,
    account,
    allocation: allocation[0] ?? null,
    parts,
    pools,
    previousCumulative: BigInt(String(previous[0]?.['cumulative'] ?? '0')),
    from,
  }
}

function amountOf(parts: readonly Row[]): bigint {
  return sum(parts.map((part) => BigInt(String(part['amount']))))
}

function isPaid(part: Row): boolean {
  return part['withheldReason'] === ''
}

function cell(row: Row | null, name: string): bigint {
  return BigInt(String(row?.[name] ?? '0'))
}
