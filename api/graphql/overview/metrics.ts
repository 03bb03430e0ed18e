import { type Pin, pinnedRelations } from '@foggara/schema'

import { createParameters } from '../../sql/parameters.ts'
import type { Statement } from '../../sql/statement.ts'

type Metric = {
  readonly description: string
  readonly type: 'SafeInt' | 'BigInt'
  /** What is computed over which rows of which relation. */
  readonly value: string
  readonly relation: string
  readonly where?: string
}

/** The numbers of the whole economy, each over one relation. */
export const TOTALS = {
  assetCount: count('asset_registered', 'Assets registered.'),
  accountCount: count('account', 'Accounts that did something.'),
  edgeCount: { ...count('edge', 'Provenance edges in force.'), where: 'to_block is null' },
  licenceCount: count('licence_granted', 'Licences granted.'),
  receiptCount: { ...count('receipt', 'Receipts that count.'), where: "status = 'ANCHORED'" },
  pendingReceiptCount: {
    ...count('receipt', 'Receipts that no batch has anchored yet.'),
    where: "status = 'PENDING'",
  },
  feeTotal: {
    ...sum('receipt', 'fee', 'Fees of the receipts that count. Unit: token base units.'),
    where: "status = 'ANCHORED'",
  },
  paymentCount: count('payment_made', "Payments into assets' vaults."),
  paymentTotal: sum('payment_made', 'amount', 'Sum of all payments. Unit: token base units.'),
  royaltyTotal: sum('royalty_paid', 'amount', 'Sum of all royalties. Unit: token base units.'),
  saleCount: count('sale_completed', 'Sales completed.'),
  saleTotal: sum('sale_completed', 'price', 'Sum of all sale prices. Unit: token base units.'),
  providerCount: count('provider_registered', 'Compute providers.'),
  openDisputeCount: { ...count('dispute', 'Disputes that are open.'), where: "status = 'OPEN'" },
  claimTotal: sum('reward_claimed', 'amount', 'Rewards claimed. Unit: token base units.'),
  eventCount: count('log', 'Events of all contracts.'),
} as const satisfies Readonly<Record<string, Metric>>

/** The name of a number of the whole economy. */
export type TotalName = keyof typeof TOTALS

/** The names of all totals. */
export const TOTAL_NAMES = Object.keys(TOTALS) as readonly TotalName[]

/** One statement that computes the totals asked for. */
export function totalsStatement(pin: Pin, names: readonly TotalName[]): Statement {
  const from = pinnedRelations(pin)
  const values = names.map((name) => {
    const metric: Metric = TOTALS[name]
    const where = metric.where === undefined ? '' : ` where ${metric.where}`
    return `(select ${metric.value} from ${from.relation(metric.relation)}${where}) as "${name}"`
  })
  return { sql: `select ${values.join(',\n')}`, parameters: {}, limits: 'summary' }
}

/** How many assets there are of each kind. */
export function assetsByKindStatement(pin: Pin): Statement {
  const assets = pinnedRelations(pin).relation('asset_registered')
  return {
    sql: `select kind as "kindNumber", count() as "count" from ${assets} group by kind order by kind`,
    parameters: {},
    limits: 'summary',
  }
}

/** What is counted in each bucket of a series. */
export const SERIES = {
  assetCount: { relation: 'asset_registered', value: 'toUInt256(1)' },
  receiptCount: { relation: 'receipt', value: 'toUInt256(1)', where: "status = 'ANCHORED'" },
  feeTotal: { relation: 'receipt', value: 'fee', where: "status = 'ANCHORED'" },
  paymentCount: { relation: 'payment_made', value: 'toUInt256(1)' },
  paymentTotal: { relation: 'payment_made', value: 'amount' },
  royaltyTotal: { relation: 'royalty_paid', value: 'amount' },
  licenceCount: { relation: 'licence_granted', value: 'toUInt256(1)' },
  saleTotal: { relation: 'sale_completed', value: 'price' },
} as const

/** The name of a number of each bucket. */
export type SeriesName = keyof typeof SERIES

/** The names of all numbers of a bucket. */
export const SERIES_NAMES = Object.keys(SERIES) as readonly SeriesName[]

/** Sums per bucket of `blocksPerBucket` blocks from `firstBlock` to `lastBlock`. */
export function seriesStatement(
  pin: Pin,
  names: readonly SeriesName[],
  firstBlock: number,
  lastBlock: number,
  blocksPerBucket: number,
): Statement {
  const from = pinnedRelations(pin)
  const parameters = createParameters()
  const first = parameters.one('UInt64', firstBlock)
  const last = parameters.one('UInt64', lastBlock)
  const size = parameters.one('UInt64', blocksPerBucket)
  const parts = names.map((name) => {
    const metric: { relation: string; value: string; where?: string } = SERIES[name]
    const where = metric.where === undefined ? '' : ` and ${metric.where}`
    return [
      `select '${name}' as series, intDiv(block - ${first}, ${size}) as bucket,`,
      `sum(${metric.value}) as total from ${from.relation(metric.relation)}`,
      `where block >= ${first} and block <= ${last}${where} group by bucket`,
    ].join(' ')
  })
  return {
    sql: `select series, bucket, total from (${parts.join('\nunion all\n')}) order by bucket, series`,
    parameters: parameters.values,
    limits: 'summary',
  }
}

function count(relation: string, description: string) {
  return { description, type: 'SafeInt', value: 'count()', relation } as const
}

function sum(relation: string, column: string, description: string) {
  return { description, type: 'BigInt', value: `sum(${column})`, relation } as const
}
