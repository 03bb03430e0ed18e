import { EDGE_VIEW, type Pin, pinnedRelations, selectText } from '@foggara/schema'

import { createParameters } from '../../sql/parameters.ts'
import { type Statement, columnsNamed } from '../../sql/statement.ts'
import type { LineageSelection } from './walk.ts'

/** The edges valid at the pin that leave a set of assets, in the total order of edges. */
export function edgesStatement(
  pin: Pin,
  selection: Pick<LineageSelection, 'direction' | 'relations' | 'columns'>,
  assetIds: readonly string[],
  limit: number,
): Statement {
  const parameters = createParameters()
  const behind = selection.direction === 'UPSTREAM' ? 'child_id' : 'parent_id'
  const columns = columnsNamed(EDGE_VIEW, [...EDGE_VIEW.key, ...selection.columns])
  const conditions = [
    `source.${behind} in ${parameters.many('FixedString(32)', assetIds)}`,
    'source.to_block is null',
  ]
  if (selection.relations !== undefined) {
    conditions.push(`source.relation in ${parameters.many('String', selection.relations)}`)
  }
  return {
    sql: [
      selectText(columns, pinnedRelations(pin).relation(EDGE_VIEW.name)),
      `where ${conditions.join(' and ')}`,
      `order by ${EDGE_VIEW.key.map((column) => `source.${column}`).join(', ')}`,
      `limit ${limit}`,
    ].join('\n'),
    parameters: parameters.values,
    limits: 'summary',
  }
}
