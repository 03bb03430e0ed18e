import { invariant } from '@foggara/schema'

import type { Parameters } from './parameters.ts'
import type { Order, Source } from './row.ts'

/** The columns a page is sorted by: those of the order, then the rest of the source's key. */
export function orderColumns(order: Order, source: Source): readonly string[] {
  return [...new Set([...order.columns, ...source.key])]
}

/** The `order by` clause: total, because it ends in the source's key. */
export function orderSql(order: Order, source: Source): string {
  const direction = order.direction.toLowerCase()
  const terms = orderColumns(order, source).map((column) => `source.${column} ${direction}`)
  return `order by ${terms.join(', ')}`
}

/**
 * The condition for rows after a page's last row.
 *
 * Written out as `a <= x and (a < x or (b <= y and (…)))`: ClickHouse prunes granules by its leading
 * term, which it does not do for a comparison of tuples.
 */
export function keysetCondition(
  order: Order,
  source: Source,
  after: readonly string[],
  parameters: Parameters,
): string {
  const columns = orderColumns(order, source)
  invariant(columns.length === after.length, 'a cursor has one value per sort column')
  const strict = order.direction === 'ASC' ? '>' : '<'
  const terms = columns.map((name, index) => {
    const type = source.columns.find((column) => column.name === name)?.type
    const value = after[index]
    invariant(type !== undefined && value !== undefined, `${source.name} cannot sort by ${name}`)
    return { column: `source.${name}`, value: parameters.one(type, value) }
  })
  return terms.reduceRight((rest, { column, value }) => {
    if (rest === '') return `${column} ${strict} ${value}`
    return `(${column} ${strict}= ${value} and (${column} ${strict} ${value} or ${rest}))`
  }, '')
}
