import { type Pin, pinnedRelations } from '@foggara/schema'

import { createParameters } from '../../sql/parameters.ts'
import type { Statement } from '../../sql/statement.ts'

type Metric = {
  readonly description: string
  readonly type: 'SafeInt' | 'BigInt'
  readonly relation: string
  /** The column that is summed; rows are counted without one. */
  readonly column?: string
  /** Which rows count. */
  readonly where?: string
}

const ANCHORED = "status = 'ANCHORED'"

/** The numbers of the whole economy, each over one relation. */
export const TOTALS = {
  assetCount: count('asset_registered', 'Assets registered.'),
  accountCount: count('account', 'Accounts that did something.'),
  edgeCount: count('edge', 'Provenance edges in force.', 'to_block is null'),
  licenceCount: count('licence_granted', 'Licences granted.'),
  receiptCount: count('receipt', 'Receipts that count.', ANCHORED),
  pendingReceiptCount: count('receipt', 'Receipts not in a batch yet.', "status = 'PENDING'"),
  feeTotal: sum('receipt', 'fee', 'Fees of the receipts that count.', ANCHORED),
  paymentCount: count('payment_made', "Payments into assets' vaults."),
  paymentTotal: sum('payment_made', 'amount', 'Sum of all payments.'),
  royaltyTotal: sum('royalty_paid', 'amount', 'Sum of all royalties.'),
  saleCount: count('sale_completed', 'Sales completed.'),
  saleTotal: sum('sale_completed', 'price', 'Sum of all sale prices.'),
  providerCount: count('provider_registered', 'Compute providers.'),
  openDisputeCount: count('dispute', 'Disputes that are open.', "status = 'OPEN'"),
  claimTotal: sum('reward_claimed', 'amount', 'Rewards claimed.'),
  eventCount: count('log', 'Events of all contracts.'),
} as const satisfies Readonly<Record<string, Metric>>

/** The name of a number of the whole economy. */
export type TotalName = keyof typeof TOTALS

/** The names of all totals. */
export const TOTAL_NAMES = Object.keys(TOTALS) as readonly TotalName[]

/** One statement that computes the totals asked for, reading each relation once. */
export function totalsStatement(pin: Pin, names: readonly TotalName[]): Statement {
  const from = pinnedRelations(pin)
  const groups = [...Map.groupBy(names, (name) => TOTALS[name].relation)]
  const parts = groups.map(([relation, members]) => {
    const values = members.map((name) => `${aggregate(TOTALS[name])} as "${name}"`)
    return `(select ${values.join(', ')} from ${from.relation(relation)}) as of_${relation}`
  })
  return { sql: `select * from ${parts.join('\ncross join ')}`, parameters: {}, limits: 'summary' }
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
export const SERIES_NAMES = [
  'assetCount',
  'receiptCount',
  'feeTotal',
  'paymentCount',
  'paymentTotal',
  'royaltyTotal',
  'licenceCount',
  'saleTotal',
] as const satisfies readonly TotalName[]

/** The name of a number of each bucket. */
export type SeriesName = (typeof SERIES_NAMES)[number]

/**
 * Per relation and bucket of `blocksPerBucket` blocks, the names and totals asked for; only buckets
 * in which something happened.
 */
export function seriesStatement(
  pin: Pin,
  names: readonly SeriesName[],
  range: {
    readonly firstBlock: number
    readonly lastBlock: number
    readonly blocksPerBucket: number
  },
): Statement {
  const from = pinnedRelations(pin)
  const parameters = createParameters()
  const first = parameters.one('UInt64', range.firstBlock)
  const last = parameters.one('UInt64', range.lastBlock)
  const size = parameters.one('UInt64', range.blocksPerBucket)
  const groups = [...Map.groupBy(names, (name) => TOTALS[name].relation)]
  const parts = groups.map(([relation, members]) => {
    const totals = members.map((name) => `toUInt256(${aggregate(TOTALS[name])})`)
    return [
      `select [${members.map((name) => `'${name}'`).join(', ')}] as names,`,
      `intDiv(block - ${first}, ${size}) as bucket, [${totals.join(', ')}] as totals`,
      `from ${from.relation(relation)}`,
      `where block >= ${first} and block <= ${last} group by bucket`,
    ].join(' ')
  })
  return {
    sql: `select names, bucket, totals from (${parts.join('\nunion all\n')}) order by bucket, names`,
    parameters: parameters.values,
    limits: 'summary',
  }
}

function aggregate({ column, where }: Metric): string {
  if (column === undefined) return where === undefined ? 'count()' : `countIf(${where})`
  return where === undefined ? `sum(${column})` : `sumIf(${column}, ${where})`
}

function count(relation: string, description: string, where?: string) {
  const condition = where === undefined ? {} : { where }
  return { description, type: 'SafeInt', relation, ...condition } as const
}

function sum(relation: string, column: string, text: string, where?: string) {
  const description = `${text} Unit: token base units.`
  const condition = where === undefined ? {} : { where }
  return { description, type: 'BigInt', relation, column, ...condition } as const
}
