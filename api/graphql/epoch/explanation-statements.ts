import type { Pin } from '@foggara/schema'

import type { Condition, Source } from '../../sql/row.ts'
import { type Statement, pageStatement } from '../../sql/statement.ts'
import { ALLOCATION_PART_SOURCE, ALLOCATION_SOURCE, EPOCH_POOL_SOURCE } from './sources.ts'

/** The most parts that one account may have in one epoch: as many as there are assets, at most. */
const PART_COUNT_MAX = 100_000

/** The account's leaf in the epoch. */
export function allocationOf(pin: Pin, epoch: number, account: string): Statement {
  return whole(pin, ALLOCATION_SOURCE, [equal('epoch', epoch), equal('account', account)], 1)
}

/** The account's parts in the epoch, largest first. */
export function partsOf(pin: Pin, epoch: number, account: string): Statement {
  const statement = pageStatement(pin, {
    source: ALLOCATION_PART_SOURCE,
    columns: ALLOCATION_PART_SOURCE.columns.map((column) => column.name),
    conditions: [equal('epoch', epoch), equal('account', account)],
    order: { columns: ['amount'], direction: 'DESC' },
    after: undefined,
    limit: PART_COUNT_MAX,
    parents: undefined,
  })
  return { ...statement, limits: 'export' }
}

/** The pools of the epoch. */
export function poolsOf(pin: Pin, epoch: number): Statement {
  return whole(pin, EPOCH_POOL_SOURCE, [equal('epoch', epoch)], 100)
}

/** The account's leaf in the newest epoch before. */
export function previousCumulative(pin: Pin, epoch: number, account: string): Statement {
  const conditions: readonly Condition[] = [
    { column: 'epoch', operator: 'atMost', value: epoch - 1 },
    equal('account', account),
  ]
  return whole(pin, ALLOCATION_SOURCE, conditions, 1)
}

function whole(
  pin: Pin,
  source: Source,
  conditions: readonly Condition[],
  limit: number,
): Statement {
  return pageStatement(pin, {
    source,
    columns: source.columns.map((column) => column.name),
    conditions,
    order: { columns: [], direction: 'DESC' },
    after: undefined,
    limit,
    parents: undefined,
  })
}

function equal(column: string, value: string | number): Condition {
  return { column, operator: 'equals', value }
}
